// Parts of the language that this version does not run yet: accepted and named; an execution that comes there ends.

import Integrations
import JSON

enum SupportChecks {
    /// What a definition that has passed all other checks uses of them, and why for each state that does
    /// (`State.notSupported`).
    static func findings(in definition: JSONObject) -> (diagnostics: [Diagnostic], states: [String: String]) {
        var diagnostics: [Diagnostic] = []
        var states: [String: String] = [:]
        for state in WrittenState.all(in: definition) {
            guard let finding = finding(state) else { continue }
            states[state.name] = finding.message
            diagnostics.append(finding)
        }
        return (diagnostics, states)
    }

    private static func finding(_ state: WrittenState) -> Diagnostic? {
        if state.type == .map, state.processor?.isDistributedProcessor == true {
            return warning("Distributed Map state '\(state.name)'", at: state.place)
        }
        if state.type == .task, let arn = state.members["Resource"]?.stringValue,
            TaskTarget(resource: arn)?.isSupported != true
        {
            return warning("The resource '\(arn)' of state '\(state.name)'", at: state.place.field("Resource"))
        }
        return nil
    }

    /// The definition is AWS's and stays valid.
    private static func warning(_ what: String, at place: Place) -> Diagnostic {
        Diagnostic(.notSupportedYet, what + " is not supported yet", at: place.location, severity: .warning)
    }
}

extension WrittenState {
    fileprivate var processor: JSONObject? {
        (members["ItemProcessor"] ?? members["Iterator"])?.objectValue
    }
}
