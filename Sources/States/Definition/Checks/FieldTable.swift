// The one table of fields: field × state type × query language (language.md §2), and the objects inside states.

import Core

/// A field of states with the types that have it.
private struct StateField {
    let field: Field
    let types: Set<StateType>

    init(
        _ name: String, _ kind: FieldKind, _ types: Set<StateType>, _ language: QueryLanguage? = nil,
        required: Bool = false, expression: Bool = false
    ) {
        field = Field(name, kind, language, required: required, expression: expression)
        self.types = types
    }
}

private let every = Set(StateType.allCases)
private let allButFail = every.subtracting([.fail])
/// The types that lead on with `Next` or `End`.
private let flow: Set<StateType> = [.task, .parallel, .map, .pass, .wait]
/// The types that do work which can fail.
private let work: Set<StateType> = [.task, .parallel, .map]

/// AWS's bound of every number of seconds.
private let seconds = 99_999_999

private let stateFields: [StateField] = [
    StateField("Type", .any, every),
    StateField("Comment", .string, every),
    StateField("QueryLanguage", .oneOf(["JSONPath", "JSONata"]), every),
    StateField("Next", .string, flow),
    StateField("End", .boolean, flow),
    StateField("InputPath", .path(nullable: true), allButFail, .jsonPath),
    StateField("OutputPath", .path(nullable: true), allButFail, .jsonPath),
    StateField("Parameters", .template, work.union([.pass]), .jsonPath),
    StateField("ResultSelector", .template, work, .jsonPath),
    StateField("ResultPath", .resultPath, work.union([.pass]), .jsonPath),
    StateField("Arguments", .template, [.task, .parallel], .jsonata),
    StateField("Output", .template, allButFail, .jsonata),
    StateField("Assign", .assign, flow.union([.choice])),
    StateField("Retry", .list(.retrier, canBeEmpty: true), work),
    StateField("Catch", .list(.catcher, canBeEmpty: true), work),
    StateField("Result", .any, [.pass], .jsonPath),

    StateField("Resource", .resource, [.task], required: true),
    StateField("TimeoutSeconds", .integer(1...seconds), [.task], expression: true),
    StateField("TimeoutSecondsPath", .referencePath, [.task], .jsonPath),
    StateField("HeartbeatSeconds", .integer(1...seconds), [.task], expression: true),
    StateField("HeartbeatSecondsPath", .referencePath, [.task], .jsonPath),
    StateField("Credentials", .credentials, [.task]),

    StateField("Seconds", .integer(0...seconds), [.wait], expression: true),
    StateField("SecondsPath", .referencePath, [.wait], .jsonPath),
    StateField("Timestamp", .timestamp, [.wait], expression: true),
    StateField("TimestampPath", .referencePath, [.wait], .jsonPath),

    StateField("Choices", .choiceRules(nested: false), [.choice], required: true),
    StateField("Default", .string, [.choice]),

    StateField("Error", .string, [.fail], expression: true),
    StateField("ErrorPath", .pathOrIntrinsic, [.fail], .jsonPath),
    StateField("Cause", .string, [.fail], expression: true),
    StateField("CausePath", .pathOrIntrinsic, [.fail], .jsonPath),

    StateField("Branches", .branches, [.parallel], required: true),

    StateField("ItemProcessor", .processor, [.map]),
    StateField("Iterator", .processor, [.map]),
    StateField("ItemsPath", .referencePath, [.map], .jsonPath),
    StateField("Items", .template, [.map], .jsonata),
    StateField("ItemSelector", .template, [.map]),
    StateField("ItemReader", .object(.itemReader), [.map]),
    StateField("ItemBatcher", .object(.itemBatcher), [.map]),
    StateField("ResultWriter", .object(.resultWriter), [.map]),
    StateField("Label", .label, [.map]),
    StateField("MaxConcurrency", .integer(0...Int.max), [.map], expression: true),
    StateField("MaxConcurrencyPath", .referencePath, [.map], .jsonPath),
    StateField("ToleratedFailureCount", .integer(0...Int.max), [.map], expression: true),
    StateField("ToleratedFailureCountPath", .referencePath, [.map], .jsonPath),
    StateField("ToleratedFailurePercentage", .number(0...100), [.map], expression: true),
    StateField("ToleratedFailurePercentagePath", .referencePath, [.map], .jsonPath),
]

private func pathTwins(_ names: String...) -> [[String]] { names.map { [$0, $0 + "Path"] } }

extension Shape {
    private static let states = Dictionary(
        uniqueKeysWithValues: StateType.allCases.map { type in
            let fields = stateFields.filter { $0.types.contains(type) }.map(\.field)
            return (
                type,
                Shape(
                    fields, oneOf: exactlyOne(type), atMostOneOf: atMostOne(type),
                    outputSees: work.contains(type) ? ["result"] : [])
            )
        })

    static func state(_ type: StateType) -> Shape {
        guard let shape = states[type] else { preconditionFailure("no fields for \(type)") }
        return shape
    }

    private static func exactlyOne(_ type: StateType) -> [[String]] {
        switch type {
        case .wait: [["SecondsPath", "Seconds", "TimestampPath", "Timestamp"], ["Next", "End"]]
        case .map: [["ItemProcessor", "Iterator"], ["Next", "End"]]
        case .task, .pass, .parallel: [["Next", "End"]]
        case .choice, .succeed, .fail: []
        }
    }

    private static func atMostOne(_ type: StateType) -> [[String]] {
        switch type {
        case .task: pathTwins("TimeoutSeconds", "HeartbeatSeconds")
        case .fail: pathTwins("Error", "Cause")
        case .map:
            pathTwins("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
                + [["ItemSelector", "Parameters"]]
        case .pass, .wait, .choice, .succeed, .parallel: []
        }
    }

    static let retrier = Shape([
        Field("ErrorEquals", .errorNames, required: true),
        Field("IntervalSeconds", .integer(0...seconds)),
        Field("MaxAttempts", .integer(0...seconds)),
        Field("BackoffRate", .number(1...Double.greatestFiniteMagnitude)),
        Field("MaxDelaySeconds", .integer(1...31_622_400)),
        Field("JitterStrategy", .oneOf(["NONE", "FULL"])),
        Field("Comment", .string),
    ])

    static let catcher = Shape(
        [
            Field("ErrorEquals", .errorNames, required: true),
            Field("Next", .string, required: true),
            Field("ResultPath", .resultPath, .jsonPath),
            Field("Output", .template, .jsonata),
            Field("Assign", .assign),
            Field("Comment", .string),
        ], outputSees: ["errorOutput"])

    /// A rule that stands in `Choices`.
    static let choiceRule = Shape(
        conditionFields + [
            Field("Next", .string, required: true), Field("Assign", .assign), Field("Output", .template, .jsonata),
        ])

    /// A rule inside `And`, `Or` or `Not`.
    static let nestedChoiceRule = Shape(conditionFields)

    private static let conditionFields: [Field] =
        [
            Field("And", .choiceRules(nested: true), .jsonPath), Field("Or", .choiceRules(nested: true), .jsonPath),
            Field("Not", .choiceRule, .jsonPath), Field("Variable", .choicePath, .jsonPath),
            Field("Condition", .boolean, .jsonata, expression: true), Field("Comment", .string),
        ] + Comparator.ordered.map { Field($0.rawValue, $0.fieldKind, .jsonPath) }

    static let top = Shape([
        Field("States", .any, required: true), Field("StartAt", .string, required: true),
        Field("Comment", .string), Field("QueryLanguage", .oneOf(["JSONPath", "JSONata"])),
        Field("Version", .oneOf(["1.0"])), Field("TimeoutSeconds", .integer(0...seconds)),
    ])

    static let branch = Shape([
        Field("States", .any, required: true), Field("StartAt", .string, required: true), Field("Comment", .string),
    ])

    static let itemProcessor = Shape([
        Field("States", .any, required: true), Field("StartAt", .string, required: true), Field("Comment", .string),
        Field("ProcessorConfig", .object(.processorConfig)),
    ])
}

extension Comparator {
    fileprivate var fieldKind: FieldKind {
        if isPath { return .choicePath }
        return switch kind {
        case .string, .stringMatches: .string
        case .numeric: .number(-Double.infinity...Double.infinity)
        case .timestamp: .timestamp
        case .boolean, .type: .boolean
        }
    }
}
