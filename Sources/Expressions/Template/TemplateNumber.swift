// Java's arithmetic: integers that grow as they must, doubles once a double takes part.

enum TemplateNumber {
    /// -1, 0 or 1, whatever kinds of numbers they are; `nil` when one is no number.
    static func compare(_ left: TemplateValue, _ right: TemplateValue) -> Int? {
        if let a = integer(left), let b = integer(right) { return a < b ? -1 : a == b ? 0 : 1 }
        guard let a = double(left), let b = double(right) else { return nil }
        return a < b ? -1 : a == b ? 0 : 1
    }

    /// Null for what is no number, and for a division by zero, as in Velocity.
    static func compute(
        _ operation: TemplateArithmetic, _ left: TemplateValue, _ right: TemplateValue
    ) -> TemplateValue {
        if let a = integer(left), let b = integer(right) { return compute(operation, a, b) }
        guard let a = double(left), let b = double(right) else { return .null }
        switch operation {
        case .add: return .double(a + b)
        case .subtract: return .double(a - b)
        case .multiply: return .double(a * b)
        case .divide: return b == 0 ? .null : .double(a / b)
        case .remainder: return b == 0 ? .null : .double(a.truncatingRemainder(dividingBy: b))
        }
    }

    private static func compute(_ operation: TemplateArithmetic, _ a: Int128, _ b: Int128) -> TemplateValue {
        let result: (partialValue: Int128, overflow: Bool)
        switch operation {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide:
            if b == 0 { return .null }
            result = a.dividedReportingOverflow(by: b)
        case .remainder:
            if b == 0 { return .null }
            result = a.remainderReportingOverflow(dividingBy: b)
        }
        // Beyond 128 bits, where Java's BigInteger goes on, the result is the nearest double.
        guard !result.overflow else { return compute(operation, .double(Double(a)), .double(Double(b))) }
        return Int(exactly: result.partialValue).map(TemplateValue.integer) ?? .wide(result.partialValue)
    }

    private static func integer(_ value: TemplateValue) -> Int128? {
        switch value {
        case .integer(let number): Int128(number)
        case .wide(let number): number
        default: nil
        }
    }

    static func double(_ value: TemplateValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .wide(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
