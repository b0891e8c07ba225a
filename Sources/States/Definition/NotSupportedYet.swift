// Parts of the language that this version does not run yet: refused by name, never half run.

import Expressions
import JSON

/// A part of the language that is checked but not run. To switch one on, take its line out of `parts`.
struct NotSupportedYet: Sendable {
    static let parts: [NotSupportedYet] = [
        .jsonata,
        .map,
        .variables,
        .intrinsicFunctions,
        .activities,
        .integrations,
    ]

    /// What of it a state uses.
    private let find: @Sendable (WrittenState) -> [Diagnostic]

    /// For a definition that has passed all other checks.
    static func findings(in definition: JSONObject) -> [Diagnostic] {
        WrittenState.all(in: definition).flatMap { state in parts.flatMap { $0.find(state) } }
    }

    private static func refusal(_ message: String, at place: Place) -> Diagnostic {
        Diagnostic(.notSupportedYet, message + " is not supported yet", at: place.location)
    }
}

extension NotSupportedYet {
    private static let jsonata = NotSupportedYet { state in
        guard state.language == .jsonata else { return [] }
        return [refusal("QueryLanguage 'JSONata' of state '\(state.name)'", at: state.place)]
    }

    private static let map = NotSupportedYet { state in
        state.type == .map ? [refusal("Map state '\(state.name)'", at: state.place)] : []
    }

    private static let variables = NotSupportedYet { state in
        var findings: [Diagnostic] = []
        var holders = [(state.members, state.place)]
        for field in ["Choices", "Catch"] {
            for (index, entry) in (state.members[field]?.arrayValue ?? []).enumerated() {
                let place = state.place.field(field).element(index)
                if let members = entry.objectValue { holders.append((members, place)) }
            }
        }
        for (members, place) in holders where members["Assign"] != nil {
            findings.append(refusal("'Assign' of state '\(state.name)'", at: place.field("Assign")))
        }
        for expression in state.expressions where isVariable(expression.text) {
            let message = "The variable '\(expression.text)' in '\(expression.key)' of state '\(state.name)'"
            findings.append(refusal(message, at: expression.place))
        }
        return findings
    }

    private static func isVariable(_ text: String) -> Bool {
        guard let path = try? JSONPath(text), case .variable = path.root else { return false }
        return true
    }

    private static let intrinsicFunctions = NotSupportedYet { state in
        state.expressions.filter { $0.text.hasPrefix("States.") }.map { expression in
            let name = expression.text.prefix { $0 != "(" }
            let message = "The intrinsic function '\(name)' in '\(expression.key)' of state '\(state.name)'"
            return refusal(message, at: expression.place)
        }
    }

    private static let activities = NotSupportedYet { state in
        guard let arn = state.resource, ResourceForm(arn) == .activity else { return [] }
        return [refusal("The activity '\(arn)' of state '\(state.name)'", at: state.place.field("Resource"))]
    }

    /// Everything but Lambda functions and `lambda:invoke`, and every pattern but request and response.
    private static let integrations = NotSupportedYet { state in
        guard let arn = state.resource, ResourceForm(arn) != .activity, TaskResource(arn) == nil else { return [] }
        return [refusal("The resource '\(arn)' of state '\(state.name)'", at: state.place.field("Resource"))]
    }
}

extension WrittenState {
    fileprivate var resource: String? { type == .task ? members["Resource"]?.stringValue : nil }
}
