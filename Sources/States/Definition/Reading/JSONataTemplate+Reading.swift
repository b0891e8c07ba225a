// From the JSON of a JSONata state's fields to templates (language.md §2.2).

import Expressions
import JSON

extension JSONataTemplate {
    /// Reads a value; `field` is its path within the state.
    ///
    /// With `keepObject` an object stays one even where nothing in it is to be evaluated.
    init(
        _ value: JSONValue, _ expressions: CompiledExpressions, field: String, at place: Place, keepObject: Bool = false
    ) throws(Diagnostic) {
        switch value {
        case .string(let text):
            let expression = try JSONataExpression(text, expressions, field: field, at: place)
            self = expression.map { .expression($0) } ?? .literal(value)
        case .object(let members):
            let compiled = try Self.members(members, expressions, field: field, at: place)
            let isLiteral = !keepObject && compiled.allSatisfy { $0.value.isLiteral }
            self = isLiteral ? .literal(value) : .object(compiled)
        case .array(let elements):
            var compiled: [JSONataTemplate] = []
            for (index, element) in elements.enumerated() {
                compiled.append(
                    try JSONataTemplate(element, expressions, field: "\(field)[\(index)]", at: place.element(index)))
            }
            self = compiled.allSatisfy(\.isLiteral) ? .literal(value) : .array(compiled)
        default: self = .literal(value)
        }
    }

    private static func members(
        _ members: JSONObject, _ expressions: CompiledExpressions, field: String, at place: Place
    ) throws(Diagnostic) -> [Member] {
        var compiled: [Member] = []
        for (key, value) in members {
            let template = try JSONataTemplate(value, expressions, field: "\(field)/\(key)", at: place.field(key))
            compiled.append(Member(key: key, value: template))
        }
        return compiled
    }

    private var isLiteral: Bool { if case .literal = self { true } else { false } }
}

extension JSONataExpression {
    /// `nil` for a string that holds no expression.
    init?(_ text: String, _ expressions: CompiledExpressions, field: String, at place: Place) throws(Diagnostic) {
        do throws(JSONataError) {
            guard let expression = try expressions.expression(text) else { return nil }
            self.init(expression: expression, field: field)
        } catch { throw .jsonata(error, at: place) }
    }
}

extension DefinitionObject {
    /// A value with expressions; `prefix` stands before the field's name in error texts (`Choices[0]/`).
    func jsonata(_ name: String, prefix: String = "", keepObject: Bool = false) throws(Diagnostic) -> JSONataTemplate? {
        guard let value = members[name] else { return nil }
        return try JSONataTemplate(
            value, expressions, field: prefix + name, at: place.field(name), keepObject: keepObject)
    }

    /// An expression where a scalar may stand, `nil` where it does not.
    func expression(_ name: String, prefix: String = "") throws(Diagnostic) -> JSONataExpression? {
        guard let text = members[name]?.stringValue else { return nil }
        return try JSONataExpression(text, expressions, field: prefix + name, at: place.field(name))
    }
}
