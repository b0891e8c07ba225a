// The shapes of what services return, as far as a mock is compared with them (api.md §3, fieldValidationMode).

package import JSON

/// The shape of a response, or of a field in it.
package indirect enum ResultSchema: Sendable {
    /// A value of any type.
    case any
    case string(min: Int = 0)
    case number(ClosedRange<Double>? = nil)
    case boolean
    case oneOf([String])
    case array(ResultSchema)
    /// An object with these fields. It may have others, also with `STRICT` (recorded).
    case object([Field])
    /// A map with keys of the user's.
    case map(ResultSchema)

    package struct Field: Sendable {
        var name: String
        var schema: ResultSchema
        var isRequired: Bool

        static func required(_ name: String, _ schema: ResultSchema = .string()) -> Field {
            Field(name: name, schema: schema, isRequired: true)
        }

        static func optional(_ name: String, _ schema: ResultSchema = .string()) -> Field {
            Field(name: name, schema: schema, isRequired: false)
        }
    }

    /// Throws what is wrong with a value, naming the innermost field. With `requiresAll` a missing field that is
    /// required is wrong, else only one that is there and of another shape.
    package func check(_ value: JSONValue, requiresAll: Bool) throws(Mismatch) {
        try check(value, field: nil, requiresAll: requiresAll)
    }

    package enum Mismatch: Error, Sendable, Equatable {
        case missing(field: String)
        /// What a field must be, or what it is; `nil` for the value as a whole.
        case wrong(field: String?, String)
    }

    fileprivate func check(_ value: JSONValue, field: String?, requiresAll: Bool) throws(Mismatch) {
        switch self {
        case .any: return
        case .string(let min):
            guard let text = value.stringValue else { throw .wrong(field: field, "must be a string") }
            if text.unicodeScalars.count < min { throw .wrong(field: field, "is smaller than the minimum length") }
        case .number(let range):
            guard let number = value.doubleValue else { throw .wrong(field: field, "must be a number") }
            guard let range else { return }
            if number < range.lowerBound { throw .wrong(field: field, "is less than the minimum value") }
            if number > range.upperBound { throw .wrong(field: field, "exceeds the maximum value") }
        case .boolean:
            if value.boolValue == nil { throw .wrong(field: field, "must be a boolean") }
        case .oneOf(let values):
            guard let text = value.stringValue else { throw .wrong(field: field, "must be a string") }
            if !values.contains(text) { throw .wrong(field: field, "is not an expected value") }
        case .array(let element):
            guard let elements = value.arrayValue else { throw .wrong(field: field, "must be an array") }
            for value in elements { try element.check(value, field: field, requiresAll: requiresAll) }
        case .object(let fields):
            guard let object = value.objectValue else { throw .wrong(field: field, "must be an object") }
            for field in fields { try field.check(in: object, requiresAll: requiresAll) }
        case .map(let schema):
            guard let object = value.objectValue else { throw .wrong(field: field, "must be an object") }
            for (_, member) in object { try schema.check(member, field: field, requiresAll: requiresAll) }
        }
    }
}

extension ResultSchema.Field {
    fileprivate func check(in object: JSONObject, requiresAll: Bool) throws(ResultSchema.Mismatch) {
        if let member = object[name] {
            try schema.check(member, field: name, requiresAll: requiresAll)
        } else if isRequired, requiresAll {
            throw .missing(field: name)
        }
    }
}

extension [ResultSchema.Field] {
    /// Fields of any type.
    static func anything(_ names: String...) -> Self { names.map { .optional($0, .any) } }
}
