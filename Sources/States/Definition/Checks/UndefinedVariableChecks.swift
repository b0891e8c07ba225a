// Does a variable have a value wherever it is referred to? POSSIBLY_UNDEFINED_VARIABLE (validation.md §1).

import Core
import JSON

enum UndefinedVariableChecks {
    /// A warning for each reference to a variable in a state that can be entered before the variable is assigned. A
    /// state sees the variables as they were when it was entered, in all of its fields.
    static func findings(in definition: JSONObject, _ expressions: CompiledExpressions) -> [Diagnostic] {
        let states = WrittenState.all(in: definition)
        let flow = VariableFlow(definition, states)
        let searches = Limits.Language.maximumVariableCheckVisits / max(flow.size, 1)
        var isEntered: [String: [Bool]] = [:]
        var findings: [Diagnostic] = []
        for (number, state) in states.enumerated() {
            for reference in state.variableReferences(expressions) {
                let variable = reference.variable
                if isEntered[variable] == nil, isEntered.count < searches {
                    isEntered[variable] = flow.isEntered(without: variable)
                }
                guard isEntered[variable]?[number] == true else { continue }
                findings.append(
                    Diagnostic(
                        .possiblyUndefinedVariable, "Variable '\(variable)' is possibly not defined.",
                        at: reference.place.location, severity: .warning))
            }
        }
        return findings
    }
}
