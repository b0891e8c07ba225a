// The JSONata expressions of a definition, compiled before anything looks at them.

import Expressions
import JSON

/// Every `{% … %}` string of a definition with what compiling it gave: the checks, the list of variables and the
/// machine itself take it from here, so that a text is compiled once however often it stands in the definition and
/// however many of them ask for it.
struct CompiledExpressions {
    private var results: [CodeUnits: Result<JSONata, JSONataError>] = [:]

    /// Compiles what looks like an expression, wherever it stands; others know that JSONPath states have none.
    init(in definition: JSONValue) { collect(definition) }

    private mutating func collect(_ value: JSONValue) {
        switch value {
        case .string(let text): compile(text)
        case .array(let elements): for element in elements { collect(element) }
        case .object(let members): for (_, value) in members { collect(value) }
        case .null, .bool, .number: break
        }
    }

    private mutating func compile(_ text: String) {
        guard let source = JSONataString(text) else { return }
        let key = CodeUnits(text)
        guard results[key] == nil else { return }
        results[key] = Result { () throws(JSONataError) in
            try JSONata(source.expression, dialect: .stepFunctions)
        }
    }

    /// The expression that a string of the definition holds, `nil` for a plain string. Throws what is wrong with it.
    func expression(_ text: String) throws(JSONataError) -> JSONata? { try results[CodeUnits(text)]?.get() }
}

/// A string that holds an expression: begins with `{%` and ends with `%}`, with nothing outside.
private struct JSONataString {
    /// What stands between the delimiters, trimmed.
    let expression: String

    /// `nil` for a plain string.
    init?(_ text: String) {
        guard text.hasPrefix("{%"), text.hasSuffix("%}"), text.utf8.count >= 4 else { return nil }
        let inside = text.unicodeScalars.dropFirst(2).dropLast(2)
        let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        guard let first = inside.firstIndex(where: { !isSpace($0) }),
            let last = inside.lastIndex(where: { !isSpace($0) })
        else {
            expression = ""
            return
        }
        expression = String(inside[first...last])
    }
}
