// Which variables a state's paths and intrinsic functions refer to.

import Expressions
import JSON

extension WrittenState {
    /// The variables that each state of a definition refers to, in the order of the definition.
    static func variableReferences(in definition: JSONObject) -> [(state: String, variables: [String])] {
        all(in: definition).compactMap { state in
            let paths = state.expressions.flatMap { PathExpression($0.text)?.paths ?? [] }
            let names = Set(paths.compactMap(\.variable)).union(state.jsonataVariables)
            return names.isEmpty ? nil : (state.name, names.sorted())
        }
    }
}

extension WrittenState {
    /// The variables in the expressions of a JSONata state.
    private var jsonataVariables: Set<String> {
        guard language == .jsonata else { return [] }
        var names: Set<String> = []
        for (key, value) in members where !Self.opaque.contains(key) { Self.collect(value, into: &names) }
        return names.subtracting(["states"])
    }

    private static func collect(_ value: JSONValue, into names: inout Set<String>) {
        switch value {
        case .string(let text):
            guard let source = JSONataString(text),
                let expression = try? JSONata(source.expression, dialect: .stepFunctions)
            else { return }
            names.formUnion(expression.freeVariables)
        case .array(let elements): for element in elements { collect(element, into: &names) }
        case .object(let members): for (_, value) in members { collect(value, into: &names) }
        case .null, .bool, .number: break
        }
    }
}

extension JSONPath {
    /// The variable that the path starts at.
    fileprivate var variable: String? { if case .variable(let name) = root { name } else { nil } }
}
