// Does a variable have a value wherever it is referred to? POSSIBLY_UNDEFINED_VARIABLE (validation.md §1).

import JSON

enum UndefinedVariableChecks {
    /// How much may be looked at, in states and edges: each variable is a search of its own, and a definition made to
    /// that end could keep them busy for long. What is beyond is left unchecked.
    private static let budget = 1_000_000

    /// A warning for each reference to a variable in a state that can be entered before the variable is assigned. A
    /// state sees the variables as they were when it was entered, in all of its fields.
    static func findings(in definition: JSONObject, _ expressions: CompiledExpressions) -> [Diagnostic] {
        let states = WrittenState.all(in: definition)
        let flow = VariableFlow(definition, states)
        let searches = budget / max(flow.size, 1)
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
