// Expressions: literals, comparison, arithmetic.

import JSON

extension TemplateEvaluator {
    /// As how many values a member of a map counts: its key, its value and its place in the table.
    static let valuesOfMember = 4

    mutating func evaluate(_ expression: TemplateExpression) throws(TemplateFault) -> TemplateValue {
        try charge()
        switch expression {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .integer(number)
        case .wide(let number): return .wide(number)
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .interpolated(let nodes, let padded): return .string(try interpolate(nodes, padded: padded))
        case .reference(let reference): return try evaluate(reference)
        case .list(let elements):
            var values: [TemplateValue] = []
            try charge(values: elements.count)
            for element in elements { values.append(try evaluate(element)) }
            return .list(TemplateList(values))
        case .map(let pairs):
            let map = TemplateMap()
            try charge(values: Self.valuesOfMember * (pairs.count + 1))
            for (key, value) in pairs { map[try evaluate(key)] = try evaluate(value) }
            return .map(map)
        case .range(let first, let last): return try range(first, last)
        case .not, .and, .or: return .bool(try isTrue(expression))
        case .compare(let comparison, let left, let right):
            return .bool(try compare(comparison, try evaluate(left), try evaluate(right)))
        case .arithmetic(let operation, let left, let right): return try compute(operation, left, right)
        }
    }

    private mutating func interpolate(_ nodes: [TemplateNode], padded: Bool) throws(TemplateFault) -> String {
        var text = try collect { evaluator throws(TemplateFault) in try evaluator.render(nodes) }
        if padded && !text.isEmpty { text.unicodeScalars.removeLast() }
        return text
    }

    private mutating func range(
        _ first: TemplateExpression, _ last: TemplateExpression
    ) throws(TemplateFault) -> TemplateValue {
        guard case .integer(let low) = try evaluate(first), case .integer(let high) = try evaluate(last) else {
            return .null
        }
        let (span, overflow) = high.subtractingReportingOverflow(low)
        // The magnitude of the least integer is none itself.
        let count = overflow ? UInt.max : span.magnitude
        try charge(values: Int(min(count, 1 << 31)) + 1)
        let numbers = low <= high ? Array(low...high) : Array((high...low).reversed())
        return .list(TemplateList(numbers.map(TemplateValue.integer)))
    }

    /// Velocity 1.7's truth: null and false are false. A literal, and a sum, are false as well: it never asks for their
    /// value.
    mutating func isTrue(_ expression: TemplateExpression) throws(TemplateFault) -> Bool {
        try charge()
        switch expression {
        case .bool(let flag): return flag
        case .not(let inner): return !(try isTrue(inner))
        case .and(let left, let right): return try isTrue(left) ? try isTrue(right) : false
        case .or(let left, let right): return try isTrue(left) ? true : try isTrue(right)
        case .compare: if case .bool(true) = try evaluate(expression) { return true } else { return false }
        case .reference(let reference):
            switch try evaluate(reference) {
            case .null: return false
            case .bool(let flag): return flag
            default: return true
            }
        case .null, .integer, .wide, .double, .string, .interpolated, .list, .range, .map, .arithmetic: return false
        }
    }

    // MARK: - Comparison

    private mutating func compare(
        _ comparison: TemplateComparison, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateFault) -> Bool {
        switch comparison {
        case .equal: return try areEqual(left, right)
        case .notEqual: return !(try areEqual(left, right))
        case .less: return TemplateNumber.compare(left, right).map { $0 < 0 } ?? false
        case .lessOrEqual: return TemplateNumber.compare(left, right).map { $0 <= 0 } ?? false
        case .greater: return TemplateNumber.compare(left, right).map { $0 > 0 } ?? false
        case .greaterOrEqual: return TemplateNumber.compare(left, right).map { $0 >= 0 } ?? false
        }
    }

    /// `==`: numbers by value, the same class by `equals`, and all else by its text.
    private mutating func areEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
        if let order = TemplateNumber.compare(left, right) { return order == 0 }
        switch (left, right) {
        case (.null, .null): return true
        case (.null, _), (_, .null): return false
        case (.list(let a), .list(let b)) where a.kind == b.kind: return try equals(left, right)
        case (.string, .string), (.bool, .bool), (.map, .map): return try equals(left, right)
        default: return try text(of: left) == text(of: right)
        }
    }

    /// Java's `equals`: values of two classes are never equal.
    mutating func equals(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
        try charge()
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.integer(let a), .integer(let b)): return a == b
        case (.wide(let a), .wide(let b)): return a == b
        case (.double(let a), .double(let b)): return a == b
        case (.string(let a), .string(let b)):
            try charge(min(a.utf8.count, b.utf8.count) >> 6)
            return a.hasSameUnits(as: b)
        case (.list(let a), .list(let b)):
            return a.elements.count == b.elements.count ? try areEqual(a.elements, b.elements) : false
        case (.map(let a), .map(let b)):
            guard a.count == b.count else { return false }
            for (key, value) in zip(a.keys, a.values) {
                guard let other = b[key], try equalsInside(value, other) else { return false }
            }
            return true
        case (.block(let a), .block(let b)): return a === b
        default: return false
        }
    }

    private mutating func areEqual(_ left: [TemplateValue], _ right: [TemplateValue]) throws(TemplateFault) -> Bool {
        for (a, b) in zip(left, right) where !(try equalsInside(a, b)) { return false }
        return true
    }

    private mutating func equalsInside(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
        try nest(at: 0)
        defer { depth -= 1 }
        return try equals(left, right)
    }

    // MARK: - Arithmetic

    /// A string on either side of `+` makes a text of both; a number and anything else give nothing.
    private mutating func compute(
        _ operation: TemplateArithmetic, _ left: TemplateExpression, _ right: TemplateExpression
    ) throws(TemplateFault) -> TemplateValue {
        let a = try evaluate(left)
        let b = try evaluate(right)
        if case .add = operation, a.isString || b.isString {
            let (first, second) = (try operand(a, left), try operand(b, right))
            try charge(textBytes: first.utf8.count + second.utf8.count)
            return .string(first + second)
        }
        return TemplateNumber.compute(operation, a, b)
    }

    /// What null adds to a text: the reference as it was written.
    private mutating func operand(
        _ value: TemplateValue, _ expression: TemplateExpression
    ) throws(TemplateFault) -> String {
        if value.isNull {
            if case .reference(let reference) = expression { return echo(reference) }
            return "null"
        }
        return try text(of: value)
    }
}

extension TemplateValue {
    var isString: Bool { if case .string = self { true } else { false } }
}
