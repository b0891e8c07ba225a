// Which variables a state's paths, intrinsic functions and expressions refer to.

import Expressions
import JSON

extension WrittenState {
    /// The variables that each state of a definition refers to, in the order of the definition.
    static func variableReferences(
        in definition: JSONObject, _ expressions: CompiledExpressions
    ) -> [(state: String, variables: [String])] {
        all(in: definition).compactMap { state in
            let paths = state.expressions.flatMap { PathExpression($0.text)?.paths ?? [] }
            let names = Set(paths.compactMap(\.variable)).union(state.jsonataVariables(expressions))
            return names.isEmpty ? nil : (state.name, names.sorted())
        }
    }
}

extension WrittenState {
    /// The variables in the expressions of a JSONata state.
    private func jsonataVariables(_ expressions: CompiledExpressions) -> Set<String> {
        guard language == .jsonata else { return [] }
        var names: Set<String> = []
        for (key, value) in members where !Self.opaque.contains(key) { Self.collect(value, expressions, into: &names) }
        return names.subtracting(["states"])
    }

    private static func collect(
        _ value: JSONValue, _ expressions: CompiledExpressions, into names: inout Set<String>
    ) {
        switch value {
        case .string(let text):
            if let expression = try? expressions.expression(text) { names.formUnion(expression.freeVariables) }
        case .array(let elements): for element in elements { collect(element, expressions, into: &names) }
        case .object(let members): for (_, value) in members { collect(value, expressions, into: &names) }
        case .null, .bool, .number: break
        }
    }
}

extension JSONPath {
    /// The variable that the path starts at.
    fileprivate var variable: String? { if case .variable(let name) = root { name } else { nil } }
}
