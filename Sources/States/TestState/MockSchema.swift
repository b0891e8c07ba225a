// The shapes of what services answer, as far as a mock is compared with them (api.md §3, fieldValidationMode).

import JSON

/// The shape of a response, or of a field in it.
indirect enum MockSchema: Sendable {
    /// A value of any type.
    case any
    case string(min: Int = 0)
    case number(ClosedRange<Double>? = nil)
    case boolean
    case oneOf([String])
    case array(MockSchema)
    /// An object with these fields. It may have others, also with `STRICT` (recorded).
    case object([Field])
    /// A map with keys of the user's.
    case map(MockSchema)

    struct Field: Sendable {
        var name: String
        var schema: MockSchema
        var isRequired: Bool

        static func required(_ name: String, _ schema: MockSchema = .string()) -> Field {
            Field(name: name, schema: schema, isRequired: true)
        }

        static func optional(_ name: String, _ schema: MockSchema = .string()) -> Field {
            Field(name: name, schema: schema, isRequired: false)
        }
    }

    /// Throws what is wrong with a value, naming the innermost field.
    func check(_ value: JSONValue, field: String?, requiresAll: Bool) throws(StateTestRefusal) {
        switch self {
        case .any: return
        case .string(let min):
            guard let text = value.stringValue else { throw Self.refusal(field, "must be a string") }
            if text.unicodeScalars.count < min { throw Self.refusal(field, "is smaller than the minimum length") }
        case .number(let range):
            guard let number = value.doubleValue else { throw Self.refusal(field, "must be a number") }
            guard let range else { return }
            if number < range.lowerBound { throw Self.refusal(field, "is less than the minimum value") }
            if number > range.upperBound { throw Self.refusal(field, "exceeds the maximum value") }
        case .boolean:
            if value.boolValue == nil { throw Self.refusal(field, "must be a boolean") }
        case .oneOf(let values):
            guard let text = value.stringValue else { throw Self.refusal(field, "must be a string") }
            if !values.contains(text) { throw Self.refusal(field, "is not an expected value") }
        case .array(let element):
            guard let elements = value.arrayValue else { throw Self.refusal(field, "must be an array") }
            for value in elements { try element.check(value, field: field, requiresAll: requiresAll) }
        case .object(let fields):
            guard let object = value.objectValue else { throw Self.refusal(field, "must be an object") }
            for field in fields { try field.check(in: object, requiresAll: requiresAll) }
        case .map(let schema):
            guard let object = value.objectValue else { throw Self.refusal(field, "must be an object") }
            for (_, member) in object { try schema.check(member, field: field, requiresAll: requiresAll) }
        }
    }

    private static func refusal(_ field: String?, _ reason: String) -> StateTestRefusal {
        let what = field.map { "Field '\($0)'" } ?? "The mocked result"
        return .validation("Mock result schema validation error: \(what) \(reason)")
    }
}

extension MockSchema.Field {
    fileprivate func check(in object: JSONObject, requiresAll: Bool) throws(StateTestRefusal) {
        if let member = object[name] {
            try schema.check(member, field: name, requiresAll: requiresAll)
        } else if isRequired, requiresAll {
            throw .validation("Mock result schema validation error: Required field '\(name)' is missing")
        }
    }
}
