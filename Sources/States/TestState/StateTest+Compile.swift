// From TestState's definition to the state that is tested.

package import Core
import JSON

/// Why a test is not run.
package enum StateTestRefusal: Error, Sendable {
    case invalidDefinition([Diagnostic])
    /// InvalidDefinition with a text of its own.
    case unsupportedType(String)
    /// The reason in the parser's words.
    case invalidInput(String)
    case validation(String)
}

extension StateMachine {
    /// The name of a state that is given without a machine around it (recorded in paths and context objects).
    package static let loneStateName = "StateName"

    /// The state of that name in a machine's definition, or, without a name, the one state that the definition is. What
    /// this version does not run can be tested all the same: a mock stands in for the call.
    package static func forTest(
        _ definition: String, stateName: String?, limits: Limits
    ) throws(StateTestRefusal) -> (machine: StateMachine, state: State) {
        let text: String
        if stateName == nil, let state = try? JSONValue.parse(definition), state.objectValue != nil {
            text =
                JSONValue.object([
                    "StartAt": .string(loneStateName), "States": .object([loneStateName: state]),
                ]).text
        } else {
            text = definition
        }
        if let stateName, !isNamed(stateName, in: text) { throw .validation("State not found in definition") }
        let (machine, diagnostics) = compile(text, type: .standard, limits: limits, isForTest: true)
        guard let machine else { throw .invalidDefinition(diagnostics.filter { $0.severity == .error }) }
        guard let state = machine.states[stateName ?? loneStateName] else {
            throw .validation("State not found in definition")
        }
        return (machine, state)
    }

    private static func isNamed(_ name: String, in definition: String) -> Bool {
        guard let members = (try? JSONValue.parse(definition))?.objectValue else { return true }
        return members.stateNames.contains(name)
    }
}

extension JSONObject {
    /// The names of all states, nested ones too, however they are written.
    fileprivate var stateNames: [String] {
        var names: [String] = []
        for (name, state) in self["States"]?.objectValue ?? [:] {
            names.append(name)
            for container in state["Branches"]?.arrayValue ?? [] { names += container.objectValue?.stateNames ?? [] }
            for key in ["ItemProcessor", "Iterator"] { names += state[key]?.objectValue?.stateNames ?? [] }
        }
        return names
    }
}
