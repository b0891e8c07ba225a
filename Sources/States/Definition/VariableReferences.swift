// Which variables a state's paths, intrinsic functions and expressions refer to.

import Expressions
import JSON

/// A text that refers to a variable.
struct VariableReference {
    let variable: String
    let place: Place
}

extension WrittenState {
    /// The variables that each state of a definition refers to, in the order of the definition.
    static func variableReferences(
        in definition: JSONObject, _ expressions: CompiledExpressions
    ) -> [(state: String, variables: [String])] {
        all(in: definition).compactMap { state in
            let names = Set(state.variableReferences(expressions).map(\.variable))
            return names.isEmpty ? nil : (state.name, names.sorted())
        }
    }

    /// What of the state refers to variables, in the order of the text; each variable once for each text.
    func variableReferences(_ compiled: CompiledExpressions) -> [VariableReference] {
        var found: [VariableReference] = []
        switch language {
        case .jsonPath:
            // A `ResultPath` is written to; that it cannot be a variable is for others to say.
            for expression in expressions where expression.key != "ResultPath" {
                let variables = Set((PathExpression(expression.text)?.paths ?? []).compactMap(\.variable))
                found += variables.sorted().map { VariableReference(variable: $0, place: expression.place) }
            }
        case .jsonata:
            for (key, value) in members where !Self.opaque.contains(key) {
                Self.references(in: value, compiled, at: place.field(key), into: &found)
            }
        }
        return found
    }

    /// The variables in the expressions of a JSONata state's field.
    private static func references(
        in value: JSONValue, _ compiled: CompiledExpressions, at place: Place, into found: inout [VariableReference]
    ) {
        switch value {
        case .string(let text):
            let variables = (try? compiled.expression(text))?.freeVariables.subtracting(["states"]) ?? []
            found += variables.sorted().map { VariableReference(variable: $0, place: place) }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                references(in: element, compiled, at: place.element(index), into: &found)
            }
        case .object(let members):
            for (key, value) in members { references(in: value, compiled, at: place.field(key), into: &found) }
        case .null, .bool, .number: break
        }
    }
}

extension JSONPath {
    /// The variable that the path starts at.
    fileprivate var variable: String? { if case .variable(let name) = root { name } else { nil } }
}
