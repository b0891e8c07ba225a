// Parts of the language that this version does not run yet: accepted, named, never half run.

import JSON

/// A part of the language that is checked but not run. To switch one on, take its line out of `parts`.
struct NotSupportedYet: Sendable {
    static let parts: [NotSupportedYet] = [
        .distributedMap,
        .integrations,
    ]

    /// What of it a state uses.
    private let find: @Sendable (WrittenState) -> [Diagnostic]

    /// What a definition that has passed all other checks uses of them, and the states that cannot be read.
    static func findings(in definition: JSONObject) -> (diagnostics: [Diagnostic], states: Set<String>) {
        var diagnostics: [Diagnostic] = []
        var states: Set<String> = []
        for state in WrittenState.all(in: definition) {
            let found = parts.flatMap { $0.find(state) }
            // A Task can be read whatever it calls.
            if !found.isEmpty, state.type != .task { states.insert(state.name) }
            diagnostics += found
        }
        return (diagnostics, states)
    }

    /// A warning: the definition is AWS's and stays valid. An execution of it is refused before it starts.
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
