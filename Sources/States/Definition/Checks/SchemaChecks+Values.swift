// Is every value what its field asks for? (validation.md §2, §3)

import Core
import Expressions
import JSON

extension SchemaChecks {
    mutating func value(_ value: JSONValue, _ field: Field, at place: Place, _ around: Surroundings) {
        if field.takesExpression, around.language == .jsonata, let text = value.stringValue, text.hasPrefix("{%") {
            return expression(text, at: place, around)
        }
        switch field.kind {
        case .any: break
        case .string: if value.stringValue == nil { note(.expected("[STRING]", at: place)) }
        case .boolean: if value.boolValue == nil { note(.expected("[BOOLEAN]", at: place)) }
        case .oneOf(let values): enumeration(value, values, at: place) { .oneOf($0, at: place) }
        case .named(let values):
            enumeration(value, values, at: place) { values in
                let list = values.joined(separator: ", ")
                return .schema("The field '\(field.name)' should have one of these values: [\(list)]", at: place)
            }
        case .integer(let range): integer(value, range, at: place)
        case .number(let range): number(value, range, at: place)
        case .timestamp: timestamp(value, at: place)
        case .path, .referencePath, .resultPath, .choicePath, .pathOrIntrinsic: path(value, field.kind, at: place)
        case .template: template(value, at: place, around)
        case .assign: assign(value, at: place, around)
        case .credentials: credentials(value, at: place, around)
        case .resource: resource(value, at: place, around)
        case .errorNames: errorNames(value, at: place)
        case .label: label(value, at: place)
        case .list(let shape, let canBeEmpty): list(value, shape, canBeEmpty: canBeEmpty, at: place, around)
        case .object(let shape): nested(value, shape, at: place, around)
        case .choiceRules(let nested): choiceRules(value, nested: nested, at: place, around)
        case .choiceRule: choiceRule(value, nested: true, at: place, around)
        case .branches: branches(value, at: place, around)
        case .processor: processor(value, at: place, around)
        }
    }

    private mutating func enumeration(
        _ value: JSONValue, _ values: [String], at place: Place, _ finding: ([String]) -> Diagnostic
    ) {
        guard let text = value.stringValue else { return note(.expected("[STRING]", at: place)) }
        if !values.contains(text) { note(finding(values)) }
    }

    /// A fraction makes it no integer, even `1.0`: the service looks at how the number is written.
    private mutating func integer(_ value: JSONValue, _ range: ClosedRange<Int>, at place: Place) {
        guard let number = value.numberValue, number.isIntegerText else {
            return note(.expected("Integer", at: place))
        }
        let int = number.int ?? (number.double < 0 ? Int.min : Int.max)
        if int < range.lowerBound { note(.schema("Minimum value is \(range.lowerBound)", at: place)) }
        if int > range.upperBound || number.int == nil && int == .max {
            note(.schema("Maximum value is \(range.upperBound)", at: place))
        }
    }

    private mutating func number(_ value: JSONValue, _ range: ClosedRange<Double>, at place: Place) {
        guard let number = value.doubleValue else { return note(.expected("Number", at: place)) }
        if number < range.lowerBound { note(.schema("Minimum value is \(Int(range.lowerBound))", at: place)) }
        if number > range.upperBound {
            note(.schema("Maximum value is \(JSONNumber(range.upperBound).text)", at: place))
        }
    }

    private mutating func timestamp(_ value: JSONValue, at place: Place) {
        guard let text = value.stringValue else { return note(.expected("[STRING]", at: place)) }
        if Timestamp(iso8601: text) == nil { note(.timestamp(at: place)) }
    }

    mutating func nested(_ value: JSONValue, _ shape: Shape, at place: Place, _ around: Surroundings) {
        guard let members = value.objectValue else { return note(.expected("[OBJECT]", at: place)) }
        object(members, shape, at: place, around)
    }

    /// The elements of an array that has to be one; notes where it is empty.
    mutating func elements(_ value: JSONValue, canBeEmpty: Bool = false, at place: Place) -> [JSONValue] {
        guard let elements = value.arrayValue else {
            note(.expected("[ARRAY]", at: place))
            return []
        }
        if elements.isEmpty, !canBeEmpty { note(.empty(at: place)) }
        return elements
    }

    private mutating func list(
        _ value: JSONValue, _ shape: Shape, canBeEmpty: Bool, at place: Place, _ around: Surroundings
    ) {
        for (index, element) in elements(value, canBeEmpty: canBeEmpty, at: place).enumerated() {
            nested(element, shape, at: place.element(index), around)
        }
    }

    private mutating func errorNames(_ value: JSONValue, at place: Place) {
        for (index, name) in elements(value, at: place).enumerated() where name.stringValue == nil {
            note(.expected("[STRING]", at: place.element(index)))
        }
    }

    private mutating func label(_ value: JSONValue, at place: Place) {
        guard let label = value.stringValue else { return note(.expected("[STRING]", at: place)) }
        let count = label.unicodeScalars.count
        if count == 0 || count > 40 {
            let message = "The label '\(label)' exceeds the 40-character limit allowed by the service"
            note(Diagnostic(.invalidLabelName, count == 0 ? "A label is empty" : message, at: place.location))
        } else if label.unicodeScalars.contains(where: Self.isForbiddenInNames) {
            let message = "The label '\(label)' contains invalid characters"
            note(Diagnostic(.invalidLabelName, message, at: place.location))
        }
        if !labels.insert(label).inserted {
            note(Diagnostic(.duplicateLabelName, "Duplicate Label name: \(label)", at: place.location))
        }
    }

    /// White space, brackets, wildcards, the special characters and controls that names of machines may not have
    /// (api.md §2).
    private static func isForbiddenInNames(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || "<>{}[]?*\"#%\\^|~`$&,;:/".unicodeScalars.contains(scalar)
    }
}

// MARK: - Paths

extension SchemaChecks {
    private mutating func path(_ value: JSONValue, _ kind: FieldKind, at place: Place) {
        if value.isNull, kind.isNullable { return }
        guard let text = value.stringValue else { return note(.expected("[STRING]", at: place)) }
        switch kind {
        case .pathOrIntrinsic where IntrinsicCall.isCall(text): return
        case .choicePath where !text.hasPrefix("$"):
            return note(.referencePath("Reference path didn't start with '$'", at: place))
        case _ where !PathSyntax.isPath(text): return note(.path(at: place))
        case .referencePath: referencePath(text, allowContext: true, at: place)
        case .resultPath: referencePath(text, allowContext: false, at: place)
        default: break
        }
    }

    private mutating func referencePath(_ text: String, allowContext: Bool, at place: Place) {
        do throws(JSONPathError) {
            let path = try ReferencePath(text, allowContext: allowContext)
            if !allowContext, case .variable = path.root {
                note(.referencePath("A variable cannot be written to", at: place))
            }
        } catch { note(.referencePath(error.message, at: place)) }
    }
}

extension FieldKind {
    fileprivate var isNullable: Bool {
        switch self {
        case .path(let nullable): nullable
        case .resultPath: true
        default: false
        }
    }
}

/// Tells paths from other texts.
enum PathSyntax {
    static func isPath(_ text: String) -> Bool { text.hasPrefix("$") && (try? JSONPath(text)) != nil }
}
