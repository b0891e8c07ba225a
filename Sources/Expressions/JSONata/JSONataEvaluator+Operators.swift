// Operators between two operands.

import Core
import JSON

extension JSONataEvaluator {
    func binary(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        guard let leftNode = node.left, let rightNode = node.right else { return .undefined }
        let left = try evaluate(leftNode, input, frame)
        switch node.operation {
        case .and:
            if try isTrue(left) { return .bool(try isTrue(evaluate(rightNode, input, frame))) }
            return .bool(false)
        case .or:
            if try isTrue(left) { return .bool(true) }
            return .bool(try isTrue(evaluate(rightNode, input, frame)))
        default: break
        }
        let right = try evaluate(rightNode, input, frame)
        switch node.operation {
        case .add, .subtract, .multiply, .divide, .modulo: return try arithmetic(node, left, right)
        case .equal, .notEqual:
            // Undefined is neither equal nor unequal to anything.
            if left.isUndefined || right.isUndefined { return .bool(false) }
            return .bool(try areEqual(left, right) == (node.operation == .equal))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return try comparison(node, left, right)
        case .concatenate:
            return .string(try concatenated(string(left), string(right)))
        case .range: return try range(node, left, right)
        case .isIn:
            if left.isUndefined || right.isUndefined { return .bool(false) }
            guard let count = right.count else { return .bool(try areEqual(right, left)) }
            try charge(0, steps: count)
            for place in 0..<count where try areEqual(right.element(place), left) { return .bool(true) }
            return .bool(false)
        case .and, .or: return .undefined
        }
    }

    /// AWS counts what is added to the longer text: a text that is doubled again and again may become 2^22 letters long
    /// (language.md §12), which all texts before it would not leave room for.
    private func concatenated(_ left: String, _ right: String) throws(JSONataError) -> String {
        let counts = (left.utf8.count, right.utf8.count)
        try charge(
            memory: min(counts.0, counts.1), bytes: counts.0 + counts.1, steps: (counts.0 + counts.1) >> 6)
        return left + right
    }

    // MARK: - Arithmetic

    private func arithmetic(_ node: Node, _ left: Value, _ right: Value) throws(JSONataError) -> Value {
        for (value, code, side) in [(left, "T2001", "left"), (right, "T2002", "right")]
        where !value.isUndefined && !value.isNumber {
            throw JSONataError(
                code: code, message: "The \(side) side of the \"\(node.text)\" operator must evaluate to a number",
                position: node.position, value: value.shownJSON, token: node.text)
        }
        if left.isUndefined || right.isUndefined { return .undefined }
        try charge(digitsOf: left)
        try charge(digitsOf: right)
        if let a = left.int, let b = right.int, let exact = exact(node.operation, a, b) { return .int(exact) }
        let a = left.double ?? 0
        let b = right.double ?? 0
        let result: Double =
            switch node.operation {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .divide: a / b
            default: a.truncatingRemainder(dividingBy: b)
            }
        // AWS's result may be infinite or no number (language.md §12). The reference allows it to a division alone.
        if !result.isFinite, dialect == .reference, node.operation != .divide || !a.isFinite || !b.isFinite {
            throw JSONataError(
                code: "D1001", message: "Number out of range: \(Value.number(result).brief)", position: node.position)
        }
        return .number(result)
    }

    /// The result where it is a whole number that is exact.
    private func exact(_ operation: Node.Operator, _ a: Int, _ b: Int) -> Int? {
        let (value, overflow): (Int, Bool)
        switch operation {
        case .add: (value, overflow) = a.addingReportingOverflow(b)
        case .subtract: (value, overflow) = a.subtractingReportingOverflow(b)
        case .multiply:
            (value, overflow) = a.multipliedReportingOverflow(by: b)
            if value == 0, a < 0 || b < 0 { return nil }
        case .divide:
            // Int.min / -1 is reported as an overflow, and its remainder is 0.
            guard b != 0, a != 0, a.remainderReportingOverflow(dividingBy: b).partialValue == 0 else { return nil }
            (value, overflow) = a.dividedReportingOverflow(by: b)
        default:
            guard b != 0 else { return nil }
            value = b == -1 ? 0 : a % b
            overflow = false
            // The remainder has the sign of the dividend, zero too.
            if value == 0, a < 0 { return nil }
        }
        return overflow || !Value.isExact(value, dialect) ? nil : value
    }

    // MARK: - Comparison

    private func comparison(_ node: Node, _ left: Value, _ right: Value) throws(JSONataError) -> Value {
        for value in [left, right] where !value.isUndefined && !value.isNumber && value.text == nil {
            throw JSONataError(
                code: "T2010",
                message:
                    "The expressions either side of operator \"\(node.text)\" must evaluate to numeric or string values",
                position: node.position, value: value.shownJSON, token: node.text)
        }
        if left.isUndefined || right.isUndefined { return .undefined }
        try charge(digitsOf: left)
        try charge(digitsOf: right)
        let order: Int
        if let a = left.int, let b = right.int {
            order = a == b ? 0 : a < b ? -1 : 1
        } else if let a = left.double, let b = right.double {
            order = a == b ? 0 : a < b ? -1 : 1
        } else if let a = left.text, let b = right.text {
            try charge(0, steps: min(a.utf8.count, b.utf8.count) >> 6)
            order = a.hasSameUnits(as: b) ? 0 : a.precedesInUTF16(b) ? -1 : 1
        } else {
            throw JSONataError(
                code: "T2009",
                message:
                    "The values \(left.brief) and \(right.brief) either side of operator \"\(node.text)\" must be of the same data type",
                position: node.position, value: left.shownJSON, token: node.text)
        }
        switch node.operation {
        case .less: return .bool(order < 0)
        case .lessOrEqual: return .bool(order <= 0)
        case .greater: return .bool(order > 0)
        default: return .bool(order >= 0)
        }
    }

    // MARK: - Ranges

    /// How many numbers there are from `low` to `high`, as JavaScript prints it: 2^64 at most.
    private static func rangeSize(_ low: Int, _ high: Int) -> String {
        let (difference, overflow) = high.subtractingReportingOverflow(low)
        if !overflow, difference < 9_007_199_254_740_992 { return String(difference + 1) }
        return JSONataFormats.numberText(Double(high) - Double(low) + 1)
    }

    private func range(_ node: Node, _ left: Value, _ right: Value) throws(JSONataError) -> Value {
        for (value, code, side) in [(left, "T2003", "left"), (right, "T2004", "right")]
        where !value.isUndefined && value.int == nil {
            throw JSONataError(
                code: code, message: "The \(side) side of the range operator (..) must evaluate to an integer",
                position: node.position, value: value.shownJSON)
        }
        guard let low = left.int, let high = right.int, low <= high else { return .undefined }
        let (difference, overflow) = high.subtractingReportingOverflow(low)
        guard !overflow, difference < Limits.Evaluation.JSONata.maximumRangeElements else {
            throw JSONataError(
                code: "D2014",
                message:
                    "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  Attempted to allocate \(Self.rangeSize(low, high)).",
                position: node.position, value: JSONNumber(text: Self.rangeSize(low, high)).map { .number($0) })
        }
        try charge(8 * (difference + 1), steps: (difference + 1) / 16)
        return .array(JSONataArray((low...high).map { .int($0) }, isSequence: true))
    }
}
