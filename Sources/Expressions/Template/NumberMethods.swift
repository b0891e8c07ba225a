// The methods of Integer, Long, BigInteger, Double and Boolean, static ones among them: `$n.parseInt('12')` is how a
// template gets a number out of a text.

extension TemplateEvaluator {
    /// `nil` where the type has no such method for those arguments.
    mutating func callNumber(
        _ method: TemplateMethod, on value: TemplateValue, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        if case .bool(let flag) = value { return boolean(method, flag, arguments) }
        if arguments.isEmpty { return converted(method, value) }
        switch (method, arguments[0]) {
        case (.compareTo, let other) where arguments.count == 1:
            return TemplateNumber.compare(value, other).map(TemplateValue.integer)
        case (.parseInt, .string(let text)):
            guard case .integer = value else { return nil }
            let number = try parse(text, arguments, at: place)
            guard Int32(exactly: number) != nil else { throw thrown("'\(number)' is no Integer", at: place) }
            return .integer(number)
        case (.parseLong, .string(let text)):
            guard case .integer = value else { return nil }
            return .integer(try parse(text, arguments, at: place))
        case (.parseDouble, .string(let text)):
            guard case .double = value else { return nil }
            return .double(try parseDouble(text, at: place))
        case (.valueOf, let argument): return try valueOf(argument, value, arguments, at: place)
        case (.toString, .integer(let number)) where arguments.count == 1: return .string(String(number))
        case (.toHexString, .integer(let number)): return .string(String(UInt32(truncatingIfNeeded: number), radix: 16))
        case (.toBinaryString, .integer(let number)):
            return .string(String(UInt32(truncatingIfNeeded: number), radix: 2))
        case (.toOctalString, .integer(let number)):
            return .string(String(UInt32(truncatingIfNeeded: number), radix: 8))
        case (.max, let a) where arguments.count == 2:
            return (TemplateNumber.compare(a, arguments[1]) ?? 0) < 0 ? arguments[1] : a
        case (.min, let a) where arguments.count == 2:
            return (TemplateNumber.compare(a, arguments[1]) ?? 0) > 0 ? arguments[1] : a
        case (.sum, let a) where arguments.count == 2: return TemplateNumber.compute(.add, a, arguments[1])
        default: return nil
        }
    }

    private func converted(_ method: TemplateMethod, _ value: TemplateValue) -> TemplateValue? {
        switch (method, value) {
        case (.intValue, .integer(let number)): return .integer(Int(Int32(truncatingIfNeeded: number)))
        case (.intValue, .double(let number)): return .integer(Self.saturated(number, Int(Int32.min)...Int(Int32.max)))
        case (.longValue, .integer(let number)): return .integer(number)
        case (.longValue, .double(let number)): return .integer(Self.saturated(number, Int.min...Int.max))
        case (.longValue, .wide(let number)): return .integer(Int(truncatingIfNeeded: number))
        case (.shortValue, .integer(let number)): return .integer(Int(Int16(truncatingIfNeeded: number)))
        case (.byteValue, .integer(let number)): return .integer(Int(Int8(truncatingIfNeeded: number)))
        case (.doubleValue, _), (.floatValue, _): return TemplateNumber.double(value).map(TemplateValue.double)
        case (.hashCode, .integer(let number)):
            return .integer(
                number == Int(Int32(truncatingIfNeeded: number))
                    ? number : Int(Int32(truncatingIfNeeded: number ^ (number >> 32))))
        case (.isNaN, .double(let number)): return .bool(number.isNaN)
        case (.isInfinite, .double(let number)): return .bool(number.isInfinite)
        default: return nil
        }
    }

    /// Java's cast from a double: toward zero, and the nearest end of the range for what lies outside.
    private static func saturated(_ value: Double, _ range: ClosedRange<Int>) -> Int {
        if value.isNaN { return 0 }
        guard let whole = Int(exactly: value.rounded(.towardZero)) else {
            return value < 0 ? range.lowerBound : range.upperBound
        }
        return min(max(whole, range.lowerBound), range.upperBound)
    }

    private func boolean(_ method: TemplateMethod, _ flag: Bool, _ arguments: [TemplateValue]) -> TemplateValue? {
        switch (method, arguments.first) {
        case (.booleanValue, nil): return .bool(flag)
        case (.hashCode, nil): return .integer(flag ? 1231 : 1237)
        case (.parseBoolean, .string(let text)), (.valueOf, .string(let text)):
            return .bool(text.lowercased() == "true")
        case (.valueOf, .bool(let other)): return .bool(other)
        case (.compareTo, .bool(let other)): return .integer(flag == other ? 0 : flag ? 1 : -1)
        default: return nil
        }
    }

    private func parse(_ text: String, _ arguments: [TemplateValue], at place: Int) throws(TemplateFault) -> Int {
        var radix = 10
        if arguments.count > 1, case .integer(let given) = arguments[1], (2...36).contains(given) { radix = given }
        guard let number = Int(text, radix: radix) else { throw thrown("'\(text.prefix(40))' is no number", at: place) }
        return number
    }

    private func parseDouble(_ text: String, at place: Int) throws(TemplateFault) -> Double {
        guard let number = Double(JavaString.trim(text) { $0.value <= 0x20 }) else {
            throw thrown("'\(text.prefix(40))' is no number", at: place)
        }
        return number
    }

    private func valueOf(
        _ argument: TemplateValue, _ value: TemplateValue, _ arguments: [TemplateValue], at place: Int
    ) throws(TemplateFault) -> TemplateValue? {
        switch (argument, value) {
        case (.string(let text), .integer), (.string(let text), .wide):
            return .integer(try parse(text, arguments, at: place))
        case (.string(let text), .double): return .double(try parseDouble(text, at: place))
        case (.integer, .integer), (.double, .double): return argument
        case (.integer(let number), .double): return .double(Double(number))
        default: return nil
        }
    }
}
