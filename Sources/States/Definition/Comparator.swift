// The names of Choice's comparators, taken apart (language.md §4, Choice).

import Core

/// A comparator by its name in the definition: `StringLessThanEqualsPath`, `IsPresent`.
struct Comparator: Sendable {
    enum Kind: Sendable {
        case string(ChoiceRule.Ordering)
        case numeric(ChoiceRule.Ordering)
        case timestamp(ChoiceRule.Ordering)
        case boolean
        case stringMatches
        /// `IsNull` and its like: what makes the comparison out of the operand.
        case type(@Sendable (Bool) -> ChoiceRule.Comparison)
    }

    let rawValue: String
    let kind: Kind
    /// Whether the operand is a path to the value instead of the value.
    var isPath = false

    init?(rawValue: String) {
        guard let comparator = Self.all[rawValue] else { return nil }
        self = comparator
    }

    private init(_ name: String, _ kind: Kind, isPath: Bool = false) {
        rawValue = name
        self.kind = kind
        self.isPath = isPath
    }

    /// The operand's type, as the service names types in its messages.
    var operandType: String {
        switch kind {
        case _ where isPath: "[STRING]"
        case .string, .stringMatches, .timestamp: "[STRING]"
        case .numeric: "Number"
        case .boolean, .type: "[BOOLEAN]"
        }
    }

    static let oneKindNeeded =
        "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]"

    static let ordered: [Comparator] = {
        var comparators: [Comparator] = []
        func add(_ name: String, _ kind: Kind) {
            comparators.append(Comparator(name, kind))
            comparators.append(Comparator(name + "Path", kind, isPath: true))
        }
        for ordering in ChoiceRule.Ordering.allCases { add("String" + ordering.rawValue, .string(ordering)) }
        comparators.append(Comparator("StringMatches", .stringMatches))
        for ordering in ChoiceRule.Ordering.allCases { add("Numeric" + ordering.rawValue, .numeric(ordering)) }
        add("BooleanEquals", .boolean)
        for ordering in ChoiceRule.Ordering.allCases { add("Timestamp" + ordering.rawValue, .timestamp(ordering)) }
        comparators.append(Comparator("IsNull", .type { .isNull($0) }))
        comparators.append(Comparator("IsPresent", .type { .isPresent($0) }))
        comparators.append(Comparator("IsNumeric", .type { .isNumeric($0) }))
        comparators.append(Comparator("IsString", .type { .isString($0) }))
        comparators.append(Comparator("IsBoolean", .type { .isBoolean($0) }))
        comparators.append(Comparator("IsTimestamp", .type { .isTimestamp($0) }))
        return comparators
    }()

    static let allNames = ordered.map(\.rawValue)

    private static let all = Dictionary(uniqueKeysWithValues: ordered.map { ($0.rawValue, $0) })
}
