// From the JSON of `Parameters` to a compiled template (language.md §2.1).

import Expressions
import JSON

extension PayloadTemplate {
    /// Compiles a template. Members whose key ends in `.$` are looked for in objects at any depth, in those inside
    /// arrays too; what has none of them becomes one literal.
    init(_ value: JSONValue, at place: Place) throws(Diagnostic) {
        switch value {
        case .object(let members): self = try Self.object(members, at: place) ?? .literal(value)
        case .array(let elements): self = try Self.array(elements, at: place) ?? .literal(value)
        default: self = .literal(value)
        }
    }

    /// `nil` where nothing in the object is to be evaluated.
    private static func object(_ members: JSONObject, at place: Place) throws(Diagnostic) -> PayloadTemplate? {
        var compiled: [Member] = []
        var isLiteral = true
        for (key, value) in members {
            if key.hasSuffix(".$") {
                let path = try path(value, key: key, at: place.field(key))
                compiled.append(Member(key: String(key.dropLast(2)), value: .path(path, key: key)))
                isLiteral = false
            } else {
                let template = try PayloadTemplate(value, at: place.field(key))
                if !template.isLiteral { isLiteral = false }
                compiled.append(Member(key: key, value: template))
            }
        }
        return isLiteral ? nil : .object(compiled)
    }

    private static func array(_ elements: [JSONValue], at place: Place) throws(Diagnostic) -> PayloadTemplate? {
        var compiled: [PayloadTemplate] = []
        for (index, element) in elements.enumerated() {
            compiled.append(try PayloadTemplate(element, at: place.element(index)))
        }
        return compiled.allSatisfy(\.isLiteral) ? nil : .array(compiled)
    }

    private static func path(_ value: JSONValue, key: String, at place: Place) throws(Diagnostic) -> JSONPath {
        guard let text = value.stringValue else { throw .template(key, at: place) }
        do throws(JSONPathError) { return try JSONPath(text) } catch { throw .template(key, at: place) }
    }

    private var isLiteral: Bool { if case .literal = self { true } else { false } }
}
