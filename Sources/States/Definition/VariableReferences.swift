// Which variables a state's paths and intrinsic functions refer to.

import Expressions
import JSON

extension WrittenState {
    /// The variables that each state of a definition refers to, in the order of the definition.
    static func variableReferences(in definition: JSONObject) -> [(state: String, variables: [String])] {
        all(in: definition).compactMap { state in
            let names = Set(state.expressions.flatMap { PathExpression($0.text)?.paths ?? [] }.compactMap(\.variable))
            return names.isEmpty ? nil : (state.name, names.sorted())
        }
    }
}

extension JSONPath {
    /// The variable that the path starts at.
    fileprivate var variable: String? { if case .variable(let name) = root { name } else { nil } }
}
