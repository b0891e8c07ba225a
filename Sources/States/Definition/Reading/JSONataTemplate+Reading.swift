// From the JSON of a JSONata state's fields to compiled templates (language.md §2.2).

import Expressions
import JSON

extension JSONataTemplate {
    /// Compiles a value; `field` is its path within the state.
    ///
    /// With `keepObject` an object stays one even where nothing in it is to be evaluated.
    init(_ value: JSONValue, field: String, at place: Place, keepObject: Bool = false) throws(Diagnostic) {
        switch value {
        case .string(let text):
            guard let source = JSONataString(text) else {
                self = .literal(value)
                return
            }
            self = .expression(try JSONataExpression(source, field: field, at: place))
        case .object(let members):
            let compiled = try Self.members(members, field: field, at: place)
            let isLiteral = !keepObject && compiled.allSatisfy { $0.value.isLiteral }
            self = isLiteral ? .literal(value) : .object(compiled)
        case .array(let elements):
            var compiled: [JSONataTemplate] = []
            for (index, element) in elements.enumerated() {
                compiled.append(
                    try JSONataTemplate(element, field: "\(field)[\(index)]", at: place.element(index)))
            }
            self = compiled.allSatisfy(\.isLiteral) ? .literal(value) : .array(compiled)
        default: self = .literal(value)
        }
    }

    private static func members(_ members: JSONObject, field: String, at place: Place) throws(Diagnostic) -> [Member] {
        var compiled: [Member] = []
        for (key, value) in members {
            let template = try JSONataTemplate(value, field: "\(field)/\(key)", at: place.field(key))
            compiled.append(Member(key: key, value: template))
        }
        return compiled
    }

    private var isLiteral: Bool { if case .literal = self { true } else { false } }
}

extension JSONataExpression {
    init(_ source: JSONataString, field: String, at place: Place) throws(Diagnostic) {
        do throws(JSONataError) {
            self.init(expression: try JSONata(source.expression, dialect: .stepFunctions), field: field)
        } catch { throw .jsonata(error, at: place) }
    }
}

/// A string that holds an expression: begins with `{%` and ends with `%}`, with nothing outside.
struct JSONataString {
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
        expression = String(String.UnicodeScalarView(inside[first...last]))
    }
}

extension DefinitionObject {
    /// A value with expressions; `prefix` stands before the field's name in error texts (`Choices[0]/`).
    func jsonata(_ name: String, prefix: String = "", keepObject: Bool = false) throws(Diagnostic) -> JSONataTemplate? {
        guard let value = members[name] else { return nil }
        return try JSONataTemplate(value, field: prefix + name, at: place.field(name), keepObject: keepObject)
    }

    /// An expression where a scalar may stand, `nil` where it does not.
    func expression(_ name: String, prefix: String = "") throws(Diagnostic) -> JSONataExpression? {
        guard let text = members[name]?.stringValue, let source = JSONataString(text) else { return nil }
        return try JSONataExpression(source, field: prefix + name, at: place.field(name))
    }
}
