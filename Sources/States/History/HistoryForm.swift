// How the history shows a kind of record.

/// The type of an event, the member that has its details, and how severe it is.
package struct HistoryForm: Sendable {
    /// What the name of the type begins with: `Pass` of `PassStateEntered`. Empty where the name is one of a kind.
    var prefix: String
    /// The rest of the name: `StateEntered`.
    var suffix: StaticString
    /// `stateEnteredEventDetails`, …; `nil` for events without details.
    var details: StaticString?
    package var severity: Severity

    /// By which a machine's log level selects events (AWS's developer guide on logging).
    package enum Severity: Sendable {
        /// Shown at level ALL.
        case information
        /// At ERROR too.
        case error
        /// At FATAL too.
        case fatal
    }

    /// An event whose type has a name of its own.
    init(_ type: StaticString, details: StaticString? = nil, severity: Severity = .information) {
        self.init("", type, details: details, severity: severity)
    }

    init(
        _ prefix: String, _ suffix: StaticString, details: StaticString? = nil, severity: Severity = .information
    ) {
        self.prefix = prefix
        self.suffix = suffix
        self.details = details
        self.severity = severity
    }

    /// The type as GetExecutionHistory names it: `PassStateEntered`, `LambdaFunctionScheduled`, ….
    package var typeName: String { prefix + suffix.description }
}
