// Parts of the language that this version does not run yet: accepted and named; an execution that comes there ends.

import JSON

/// A part of the language that is checked but not run. To switch one on, take its line out of `parts`.
struct NotSupportedYet: Sendable {
    static let parts: [NotSupportedYet] = [
        .distributedMap,
        .integrations,
    ]

    /// What of it a state uses.
    private let find: @Sendable (WrittenState) -> [Diagnostic]

    /// What a definition that has passed all other checks uses of them, and why for each state that does
    /// (`State.notSupported`).
    static func findings(in definition: JSONObject) -> (diagnostics: [Diagnostic], states: [String: String]) {
        var diagnostics: [Diagnostic] = []
        var states: [String: String] = [:]
        for state in WrittenState.all(in: definition) {
            let found = parts.flatMap { $0.find(state) }
            if let first = found.first { states[state.name] = first.message }
            diagnostics += found
        }
        return (diagnostics, states)
    }

    /// A warning: the definition is AWS's and stays valid.
    private static func refusal(_ message: String, at place: Place) -> Diagnostic {
        Diagnostic(.notSupportedYet, message + " is not supported yet", at: place.location, severity: .warning)
    }
}

extension NotSupportedYet {
    private static let distributedMap = NotSupportedYet { state in
        guard state.type == .map, state.processor?.isDistributedProcessor == true else { return [] }
        return [refusal("Distributed Map state '\(state.name)'", at: state.place)]
    }

    /// See `ServiceIntegration.isSupported`.
    private static let integrations = NotSupportedYet { state in
        guard let arn = state.resource, TaskResource(arn)?.isSupported != true else { return [] }
        return [refusal("The resource '\(arn)' of state '\(state.name)'", at: state.place.field("Resource"))]
    }
}

extension WrittenState {
    fileprivate var processor: JSONObject? {
        (members["ItemProcessor"] ?? members["Iterator"])?.objectValue
    }

    fileprivate var resource: String? { type == .task ? members["Resource"]?.stringValue : nil }
}
