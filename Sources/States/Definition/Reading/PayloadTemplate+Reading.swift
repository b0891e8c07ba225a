// From the JSON of `Parameters` to a compiled template (language.md §2.1).

import Expressions
import JSON

extension PayloadTemplate {
    /// Compiles a template. Members whose key ends in `.$` are looked for in objects at any depth, in those inside
    /// arrays too; what has none of them becomes one literal.
    ///
    /// With `keepObject` an object stays one even where nothing in it is to be evaluated.
    init(_ value: JSONValue, at place: Place, keepObject: Bool = false) throws(Diagnostic) {
        switch value {
        case .object(let members):
            let compiled = try Self.members(members, at: place)
            let isLiteral = !keepObject && compiled.allSatisfy { $0.value.isLiteral }
            self = isLiteral ? .literal(value) : .object(compiled)
        case .array(let elements): self = try Self.array(elements, at: place) ?? .literal(value)
        default: self = .literal(value)
        }
    }

    private static func members(_ members: JSONObject, at place: Place) throws(Diagnostic) -> [Member] {
        var compiled: [Member] = []
        for (key, value) in members {
            if key.hasSuffix(".$") {
                let expression = try expression(value, key: key, at: place.field(key))
                compiled.append(Member(key: String(key.dropLast(2)), value: .expression(expression, key: key)))
            } else {
                compiled.append(Member(key: key, value: try PayloadTemplate(value, at: place.field(key))))
            }
        }
        return compiled
    }

    private static func array(_ elements: [JSONValue], at place: Place) throws(Diagnostic) -> PayloadTemplate? {
        var compiled: [PayloadTemplate] = []
        for (index, element) in elements.enumerated() {
            compiled.append(try PayloadTemplate(element, at: place.element(index)))
        }
        return compiled.allSatisfy(\.isLiteral) ? nil : .array(compiled)
    }

    private static func expression(
        _ value: JSONValue, key: String, at place: Place
    ) throws(Diagnostic) -> PathExpression {
        guard let text = value.stringValue, let expression = PathExpression(text) else {
            throw .template(key, at: place)
        }
        return expression
    }

    private var isLiteral: Bool { if case .literal = self { true } else { false } }
}

extension PathExpression {
    /// `nil` for a text that is neither a path nor a call.
    init?(_ text: String) {
        if text.hasPrefix("$") {
            guard let path = try? JSONPath(text) else { return nil }
            self = .path(path)
        } else {
            guard let intrinsic = try? Intrinsic(text) else { return nil }
            self = .intrinsic(intrinsic)
        }
    }
}

extension Assignment {
    /// Reads `Assign`: the names are the keys, without their `.$`.
    init(_ fields: DefinitionObject, _ language: QueryLanguage, prefix: String = "") throws(Diagnostic) {
        self.init()
        switch language {
        case .jsonPath:
            guard case .object(let members)? = try fields.template("Assign", keepObject: true) else { return }
            variables = members.map { Variable(name: $0.key, value: .jsonPath($0.value)) }
        case .jsonata:
            guard case .object(let members)? = try fields.jsonata("Assign", prefix: prefix, keepObject: true) else {
                return
            }
            variables = members.map { Variable(name: $0.key, value: .jsonata($0.value)) }
        }
    }
}
