// What an object of a definition may hold: the vocabulary of the field tables.

enum QueryLanguage: String, Sendable {
    case jsonPath = "JSONPath"
    case jsonata = "JSONata"
}

/// One field that an object may have.
struct Field: Sendable {
    let name: String
    let kind: FieldKind
    /// The one language that has the field; `nil` where both have it.
    var language: QueryLanguage?
    var isRequired = false
    /// Whether a JSONata state may give an expression in place of the value (language.md §2.2).
    var takesExpression = false

    init(
        _ name: String, _ kind: FieldKind, _ language: QueryLanguage? = nil, required: Bool = false,
        expression: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.language = language
        isRequired = required
        takesExpression = expression
    }
}

/// What the value of a field has to be.
indirect enum FieldKind: Sendable {
    /// Anything, looked into for nothing.
    case any
    case string
    case boolean
    /// One of these texts; anything else is answered with `Value should be one of the following: […]`.
    case oneOf([String])
    /// As `oneOf`, answered with `The field 'X' should have one of these values: […]`.
    case named([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case timestamp
    /// A path; null too where it is nullable (`InputPath`).
    case path(nullable: Bool)
    case referencePath
    /// `ResultPath`: a reference path into the input, or null.
    case resultPath
    /// The path of a Choice rule, for which the service has words of its own.
    case choicePath
    /// `ErrorPath`, `CausePath`: a path or an intrinsic function.
    case pathOrIntrinsic
    /// A payload template in JSONPath, a value with expressions in JSONata.
    case template
    case assign
    case credentials
    case resource
    case errorNames
    case label
    /// An array of objects.
    case list(Shape, canBeEmpty: Bool)
    case object(Shape)
    case choiceRules(nested: Bool)
    case choiceRule
    case branches
    case processor
}

/// The fields of an object and how they exclude each other.
struct Shape: Sendable {
    /// Fields that exclude each other. Where one is needed and none is there, AWS names the whole group.
    struct Group: Sendable {
        let names: [String]
        let isNeeded: Bool
    }

    let fields: [String: Field]
    let required: [String]
    let groups: [Group]
    /// What `$states` has in `Output` and `Assign` beside `input` and `context`.
    let outputSees: Set<String>

    init(
        _ fields: [Field], oneOf: [[String]] = [], atMostOneOf: [[String]] = [], outputSees: Set<String> = []
    ) {
        self.outputSees = outputSees
        self.fields = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
        required = fields.filter(\.isRequired).map(\.name)
        groups =
            oneOf.map { Group(names: $0, isNeeded: true) } + atMostOneOf.map { Group(names: $0, isNeeded: false) }
    }
}
