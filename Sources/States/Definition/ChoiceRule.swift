// The rules of a Choice state (language.md §4, Choice).

package import Core
package import Expressions
package import JSON

package struct ChoiceRule: Sendable {
    package var condition: Condition
    package var next: String
    /// Taken instead of the state's own `Assign` when the rule holds; `nil` where the rule has none.
    package var assign: Assignment?
    /// A JSONata rule's own `Output`, taken instead of the state's.
    package var output: JSONataTemplate?

    package init(condition: Condition, next: String, assign: Assignment? = nil, output: JSONataTemplate? = nil) {
        self.output = output
        self.condition = condition
        self.next = next
        self.assign = assign
    }

    package indirect enum Condition: Sendable {
        case and([Condition])
        case or([Condition])
        case not(Condition)
        case compare(variable: JSONPath, Comparison)
        /// `Condition` of a JSONata rule.
        case constant(Bool)
        case expression(JSONataExpression)
    }

    package enum Comparison: Sendable {
        case string(Ordering, Operand<String>)
        case numeric(Ordering, Operand<JSONNumber>)
        case timestamp(Ordering, Operand<Timestamp>)
        case boolean(Operand<Bool>)
        case stringMatches(StringPattern)
        case isNull(Bool)
        case isPresent(Bool)
        case isNumeric(Bool)
        case isString(Bool)
        case isBoolean(Bool)
        case isTimestamp(Bool)
    }

    /// The middle of a comparator's name: `StringLessThanEquals`.
    package enum Ordering: String, Sendable, CaseIterable {
        case equals = "Equals"
        case lessThan = "LessThan"
        case greaterThan = "GreaterThan"
        case lessThanEquals = "LessThanEquals"
        case greaterThanEquals = "GreaterThanEquals"
    }

    /// A comparator's value, or with `…Path` the place where it stands.
    package enum Operand<Value: Sendable>: Sendable {
        case value(Value)
        case path(JSONPath)
    }
}

/// The pattern of `StringMatches`: `*` matches any run, `\*` a star, `\\` a backslash.
package struct StringPattern: Sendable, Equatable {
    /// The literal pieces between the stars, in order; a pattern without a star has one.
    package var pieces: [String]

    package init(pieces: [String]) { self.pieces = pieces }
}
