// The operators of filters, with Jayway's rules for values of different kinds.

import JSON

extension PathEvaluation {
    mutating func compare(
        _ left: FilterValue, _ filterOperator: FilterOperator, _ right: FilterValue
    ) throws(JSONPathError) -> Bool {
        switch filterOperator {
        case .equal: return areEqual(left, right)
        case .notEqual: return !areEqual(left, right)
        case .identical: return areIdentical(left, right)
        case .notIdentical: return !areIdentical(left, right)
        case .matches: return try matchesPattern(left, right)
        default: break
        }
        guard case .value(let right) = right else { return false }
        guard case .value(let left) = left else {
            return filterOperator == .notIn && right.arrayValue != nil
        }
        switch filterOperator {
        case .less: return order(left, right).map { $0 < 0 } ?? false
        case .lessOrEqual: return order(left, right).map { $0 <= 0 } ?? false
        case .greater: return order(left, right).map { $0 > 0 } ?? false
        case .greaterOrEqual: return order(left, right).map { $0 >= 0 } ?? false
        case .size: return left.filterSize.map { $0 == right.intValue } ?? false
        case .empty: return left.filterSize.map { ($0 == 0) == right.boolValue } ?? false
        case .contains: return try contains(left, right)
        default: return try compareLists(left, filterOperator, right)
        }
    }

    private mutating func contains(_ left: JSONValue, _ right: JSONValue) throws(JSONPathError) -> Bool {
        switch (left, right) {
        case (.string(let text), .string(let part)):
            return text.utf8.contains(part.utf8)
        case (.array(let elements), _): return try isElement(right, of: elements)
        default: return false
        }
    }

    private mutating func compareLists(
        _ left: JSONValue, _ filterOperator: FilterOperator, _ right: JSONValue
    ) throws(JSONPathError) -> Bool {
        guard case .array(let list) = right else { return false }
        if filterOperator == .in { return try isElement(left, of: list) }
        if filterOperator == .notIn { return try !isElement(left, of: list) }
        guard case .array(let elements) = left else { return false }
        let (asked, among) = filterOperator == .all ? (list, elements) : (elements, list)
        let wanted = filterOperator == .all || filterOperator == .subsetOf
        for value in asked where try isElement(value, of: among) != wanted { return filterOperator == .anyOf }
        return filterOperator != .anyOf
    }

    private mutating func isElement(_ value: JSONValue, of list: [JSONValue]) throws(JSONPathError) -> Bool {
        try visit(list.count)
        return list.contains { areEqual(value, $0) }
    }

    /// One side is a pattern: whether all of the other side's text matches it, or that of any element.
    private mutating func matchesPattern(_ left: FilterValue, _ right: FilterValue) throws(JSONPathError) -> Bool {
        switch (left, right) {
        case (.pattern(let pattern), .value(let value)), (.value(let value), .pattern(let pattern)):
            for subject in value.arrayValue ?? [value] where try pattern.matches(subject.patternSubject) { return true }
            return false
        default: return false
        }
    }
}

private func areEqual(_ left: FilterValue, _ right: FilterValue) -> Bool {
    guard case .value(let left) = left, case .value(let right) = right else { return false }
    return areEqual(left, right)
}

private func areIdentical(_ left: FilterValue, _ right: FilterValue) -> Bool {
    guard case .value(let left) = left, case .value(let right) = right else { return false }
    return left.kind == right.kind && areEqual(left, right)
}

/// A number equals a string that reads as that number, a string equals a number that is written so.
private func areEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
    switch (left, right) {
    case (.number(let number), .string(let text)): JSONNumber(text: text) == number
    case (.string(let text), .number(let number)): number.text == text
    default: left == right
    }
}

/// Numbers by value, strings by their UTF-16 code units as Java has it; nothing else has an order.
private func order(_ left: JSONValue, _ right: JSONValue) -> Int? {
    switch (left, right) {
    case (.number(let a), .number(let b)): a < b ? -1 : (a == b ? 0 : 1)
    case (.string(let a), .string(let b)):
        a == b ? 0 : (a.utf16.lexicographicallyPrecedes(b.utf16) ? -1 : 1)
    default: nil
    }
}

extension JSONValue {
    fileprivate var filterSize: Int? {
        switch self {
        case .string(let text): text.utf16.count
        case .array(let elements): elements.count
        case .object(let members): members.count
        default: nil
        }
    }

    fileprivate var patternSubject: String {
        switch self {
        case .string(let text): text
        case .number, .bool: text
        default: ""
        }
    }
}
