// Choice: the first rule that holds says where to go (language.md §4, Choice).

import Core
import Expressions
import JSON

extension Interpreter {
    mutating func choose(_ frame: Frame, _ state: State, _ choice: State.Choice) throws(StateFailure) {
        let input = try effectiveInput(frame, state)
        for rule in choice.rules where try holds(rule.condition, frame, input) {
            let output = try passedOn(frame, state, input: input, rule: rule.output)
            let assigned = try assigned(rule.assign ?? state.assign, frame, input: input)
            return try exit(frame, state, output: output, transition: .next(rule.next), assigned: assigned)
        }
        guard let next = choice.default else {
            throw .runtime("Failed to transition out of the state. The state does not point to a next state.")
        }
        let output = try passedOn(frame, state, input: input)
        let assigned = try assigned(state.assign, frame, input: input)
        try exit(frame, state, output: output, transition: .next(next), assigned: assigned)
    }

    private mutating func holds(
        _ condition: ChoiceRule.Condition, _ frame: Frame, _ input: JSONValue
    ) throws(StateFailure) -> Bool {
        switch condition {
        case .constant(let flag): flag
        case .expression(let expression): try boolean(expression, frame)
        case .and, .or, .not, .compare: try holds(condition, scope(frame, input: input))
        }
    }

    private mutating func holds(_ condition: ChoiceRule.Condition, _ scope: PathScope) throws(StateFailure) -> Bool {
        try charge(textBytes: 0)
        switch condition {
        case .and(let conditions):
            for condition in conditions where try !holds(condition, scope) { return false }
            return true
        case .or(let conditions):
            for condition in conditions where try holds(condition, scope) { return true }
            return false
        case .not(let condition): return try !holds(condition, scope)
        case .compare(let variable, .isPresent(let expected)):
            try checkNull(variable, scope.input)
            do throws(JSONPathError) { return try exists(variable, in: scope) == expected } catch {
                if error.code == .budget { throw exceeded(.beyondBudget) }
                return !expected
            }
        case .compare(let variable, let comparison):
            return try holds(comparison, value(of: variable, scope), scope)
        case .constant(let flag): return flag
        case .expression: preconditionFailure("an expression within a JSONPath rule")
        }
    }

    /// A variable that is not there is an error for every operator but IsPresent.
    private mutating func value(of path: JSONPath, _ scope: PathScope) throws(StateFailure) -> JSONValue {
        try checkNull(path, scope.input)
        do throws(JSONPathError) { return try value(of: path, in: scope) } catch {
            if error.code == .budget { throw exceeded(.beyondBudget) }
            throw .runtime(
                "Invalid path '\(path.source)': The choice state's condition path references an invalid value.")
        }
    }

    /// A variable of the wrong type makes a comparison false, never an error.
    private mutating func holds(
        _ comparison: ChoiceRule.Comparison, _ value: JSONValue, _ scope: PathScope
    ) throws(StateFailure) -> Bool {
        switch comparison {
        case .string(let ordering, let operand):
            guard let left = value.stringValue, let right = try self.operand(operand, scope, { $0.stringValue }) else {
                return false
            }
            try charge(textBytes: min(left.utf8.count, right.utf8.count))
            return ordering.holds(UTF16Text(left), UTF16Text(right))
        case .numeric(let ordering, let operand):
            guard let left = value.numberValue, let right = try self.operand(operand, scope, { $0.numberValue }) else {
                return false
            }
            // The digits of a long number are read several times.
            try charge(textBytes: 4 * (left.text.utf8.count + right.text.utf8.count))
            return ordering.holds(left, right)
        case .timestamp(let ordering, let operand):
            try charge(textBytes: value.stringValue?.utf8.count ?? 0)
            guard let left = value.timestamp else { return false }
            return try self.operand(operand, scope, { $0.timestamp }).map { ordering.holds(left, $0) } ?? false
        case .boolean(let operand):
            guard let left = value.boolValue else { return false }
            return try self.operand(operand, scope, { $0.boolValue }) == left
        case .stringMatches(let pattern):
            guard let text = value.stringValue else { return false }
            try charge(textBytes: 4 * (text.utf8.count + pattern.pieces.reduce(0) { $0 + $1.utf8.count }))
            return pattern.matches(text)
        case .isNull(let expected): return value.isNull == expected
        case .isPresent(let expected): return expected
        case .isNumeric(let expected): return (value.numberValue != nil) == expected
        case .isString(let expected): return (value.stringValue != nil) == expected
        case .isBoolean(let expected): return (value.boolValue != nil) == expected
        case .isTimestamp(let expected):
            try charge(textBytes: value.stringValue?.utf8.count ?? 0)
            return (value.timestamp != nil) == expected
        }
    }

    private mutating func operand<Value>(
        _ operand: ChoiceRule.Operand<Value>, _ scope: PathScope, _ read: (JSONValue) -> Value?
    ) throws(StateFailure) -> Value? {
        switch operand {
        case .value(let value): value
        case .path(let path): read(try value(of: path, scope))
        }
    }
}

extension ChoiceRule.Ordering {
    fileprivate func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equals: left == right
        case .lessThan: left < right
        case .greaterThan: left > right
        case .lessThanEquals: left <= right
        case .greaterThanEquals: left >= right
        }
    }
}

/// Strings compare by code unit as in Java, not by grapheme as in Swift.
private struct UTF16Text: Comparable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: UTF16Text, right: UTF16Text) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    static func < (left: UTF16Text, right: UTF16Text) -> Bool {
        left.text.utf16.lexicographicallyPrecedes(right.text.utf16)
    }
}

extension JSONValue {
    fileprivate var timestamp: Timestamp? { stringValue.flatMap { Timestamp(iso8601: $0) } }
}

extension StringPattern {
    /// Whether the whole text matches: the pieces in order, the first at its start, the last at its end.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        guard let first = pieces.first, let last = pieces.last else { return text.isEmpty }
        guard pieces.count > 1 else { return text.elementsEqual(first.utf8) }
        guard text.count >= first.utf8.count + last.utf8.count, text.starts(with: first.utf8),
            text.suffix(last.utf8.count).elementsEqual(last.utf8)
        else { return false }
        var rest = text[first.utf8.count..<(text.count - last.utf8.count)]
        for piece in pieces.dropFirst().dropLast() {
            guard let end = rest.firstEnd(of: Array(piece.utf8)) else { return false }
            rest = rest[end...]
        }
        return true
    }
}

extension ArraySlice<UInt8> {
    /// Index behind the first occurrence of `piece`, by Knuth, Morris and Pratt: a long pattern over a long text must
    /// not take their product.
    fileprivate func firstEnd(of piece: [UInt8]) -> Int? {
        guard !piece.isEmpty else { return startIndex }
        let fallbacks = piece.borders
        var matched = 0
        for index in indices {
            while matched > 0, self[index] != piece[matched] { matched = fallbacks[matched - 1] }
            if self[index] == piece[matched] { matched += 1 }
            if matched == piece.count { return index + 1 }
        }
        return nil
    }
}

extension [UInt8] {
    /// For each prefix the length of the longest shorter prefix that also ends it.
    fileprivate var borders: [Int] {
        var borders = [Int](repeating: 0, count: count)
        var length = 0
        for index in indices.dropFirst() {
            while length > 0, self[index] != self[length] { length = borders[length - 1] }
            if self[index] == self[length] { length += 1 }
            borders[index] = length
        }
        return borders
    }
}
