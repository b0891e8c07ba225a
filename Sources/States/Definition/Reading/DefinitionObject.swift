// One object of a definition, read field by field.

import Expressions
import JSON

/// Gives typed fields, and throws the diagnostic that the service gives where a field is not of its type. The checks
/// have passed a definition before it is read, so that nothing here throws unless a check is missing.
struct DefinitionObject {
    let members: JSONObject
    let place: Place
    /// Those of the whole definition.
    let expressions: CompiledExpressions

    init(_ value: JSONValue, _ expressions: CompiledExpressions, at place: Place) throws(Diagnostic) {
        guard let members = value.objectValue else { throw .expected("[OBJECT]", at: place) }
        self.members = members
        self.expressions = expressions
        self.place = place
    }

    subscript(_ name: String) -> JSONValue? { members[name] }

    func string(_ name: String) throws(Diagnostic) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue else { throw .expected("[STRING]", at: place.field(name)) }
        return text
    }

    func int(_ name: String) throws(Diagnostic) -> Int? {
        guard let value = members[name] else { return nil }
        guard let number = value.intValue else { throw .expected("Integer", at: place.field(name)) }
        return number
    }

    func double(_ name: String) throws(Diagnostic) -> Double? {
        guard let value = members[name] else { return nil }
        guard let number = value.doubleValue else { throw .expected("Number", at: place.field(name)) }
        return number
    }

    func bool(_ name: String) throws(Diagnostic) -> Bool? {
        guard let value = members[name] else { return nil }
        guard let flag = value.boolValue else { throw .expected("[BOOLEAN]", at: place.field(name)) }
        return flag
    }

    func object(_ name: String) throws(Diagnostic) -> DefinitionObject? {
        guard let value = members[name] else { return nil }
        return try DefinitionObject(value, expressions, at: place.field(name))
    }

    /// The objects of an array; empty where the field is missing.
    func objects(_ name: String) throws(Diagnostic) -> [DefinitionObject] {
        guard let value = members[name] else { return [] }
        guard let elements = value.arrayValue else { throw .expected("[ARRAY]", at: place.field(name)) }
        var objects: [DefinitionObject] = []
        for (index, element) in elements.enumerated() {
            objects.append(try DefinitionObject(element, expressions, at: place.field(name).element(index)))
        }
        return objects
    }

    func strings(_ name: String) throws(Diagnostic) -> [String] {
        let elements = members[name]?.arrayValue ?? []
        let texts = elements.compactMap(\.stringValue)
        guard texts.count == elements.count else { throw .expected("[STRING]", at: place.field(name)) }
        return texts
    }

    func path(_ name: String) throws(Diagnostic) -> JSONPath? {
        guard let text = try string(name) else { return nil }
        do throws(JSONPathError) { return try JSONPath(text) } catch { throw .path(at: place.field(name)) }
    }

    func referencePath(_ name: String, allowContext: Bool = true) throws(Diagnostic) -> ReferencePath? {
        guard let text = try string(name) else { return nil }
        do throws(JSONPathError) {
            return try ReferencePath(text, allowContext: allowContext)
        } catch { throw .referencePath(error.message, at: place.field(name)) }
    }

    /// `InputPath`, `OutputPath`: null stands for `{}`.
    func pathField(_ name: String) throws(Diagnostic) -> PathField? {
        if members[name]?.isNull == true { return .null }
        return try path(name).map { .path($0) }
    }

    /// `ResultPath`: the whole input where missing or `$`.
    func resultPath() throws(Diagnostic) -> ResultPath {
        guard let value = members["ResultPath"] else { return .replace }
        if value.isNull { return .discard }
        guard value.stringValue != "$", let path = try referencePath("ResultPath", allowContext: false) else {
            return .replace
        }
        return .path(path)
    }

    /// `TimeoutSeconds` or `TimeoutSecondsPath`, `nil` where there is neither.
    func numberField(_ name: String) throws(Diagnostic) -> NumberField? {
        if let expression = try expression(name) { return .expression(expression) }
        if let number = try int(name) { return .value(number) }
        return try referencePath(name + "Path").map { .path($0) }
    }

    /// `ToleratedFailurePercentage` or its path, `nil` where there is neither.
    func decimalField(_ name: String) throws(Diagnostic) -> DecimalField? {
        if let expression = try expression(name) { return .expression(expression) }
        if let number = try double(name) { return .value(number) }
        return try referencePath(name + "Path").map { .path($0) }
    }

    /// `Error` or `ErrorPath`, `nil` where there is neither.
    func textField(_ name: String, _ language: QueryLanguage) throws(Diagnostic) -> TextField? {
        if language == .jsonata, let expression = try expression(name) { return .expression(expression) }
        if let text = try string(name) { return .value(text) }
        guard let text = try string(name + "Path") else { return nil }
        guard let expression = PathExpression(text) else { throw .path(at: place.field(name + "Path")) }
        return .path(expression)
    }

    func template(_ name: String, keepObject: Bool = false) throws(Diagnostic) -> PayloadTemplate? {
        guard let value = members[name] else { return nil }
        return try PayloadTemplate(value, at: place.field(name), keepObject: keepObject)
    }
}
