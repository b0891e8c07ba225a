// The sentences of the service, each in one place.
//
// Texts that validation.md has are AWS's to the letter; for ranges, exclusive fields and required fields they are those
// that ValidateStateMachineDefinition gives.

import Expressions
import JSON

extension Diagnostic {
    /// Jackson quotes no more of the text than this, and says how much it left out.
    private static let quotedCharacters = 500

    /// Jackson's sentence and, twice, its source location.
    static func notJSON(_ error: JSONError, _ text: String) -> Diagnostic {
        let left = text.unicodeScalars.count - quotedCharacters
        let quoted = left > 0 ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(quotedCharacters))) : text
        let truncated = left > 0 ? "[truncated \(left) chars]" : ""
        let location = "[Source: (String)\"\(quoted)\"\(truncated); line: \(error.line), column: \(error.column)]"
        return Diagnostic(.invalidJSONDescription, "\(error.message)\n at \(location)", at: location)
    }

    static let notAnObject = Diagnostic(.schemaValidationFailed, "Definition must be a valid JSON object", at: nil)

    static func schema(_ message: String, at place: Place) -> Diagnostic {
        Diagnostic(.schemaValidationFailed, message, at: place.location)
    }

    static func fieldNotSupported(_ name: String, at place: Place) -> Diagnostic {
        schema("Field '\(name)' is not supported", at: place)
    }

    static func required(_ names: [String], at place: Place) -> Diagnostic {
        schema("These fields are required: [\(names.joined(separator: ", "))]", at: place)
    }

    static func fieldRequired(_ name: String, at place: Place) -> Diagnostic {
        schema("The field '\(name)' is required but was missing", at: place)
    }

    static func wrongLanguage(_ name: String, language: QueryLanguage, at place: Place) -> Diagnostic {
        let other: QueryLanguage = language == .jsonata ? .jsonPath : .jsonata
        let message =
            "The QueryLanguage is set to '\(language.rawValue)', but field '\(name)' is only supported "
            + "for the '\(other.rawValue)' QueryLanguage"
        return schema(message, at: place)
    }

    static func onlyOne(of names: [String], at place: Place) -> Diagnostic {
        schema("There should only be one of the following fields: [\(names.joined(separator: ", "))]", at: place)
    }

    static func oneNeeded(of names: [String], at place: Place) -> Diagnostic {
        schema(
            "This object should have only one of the following fields: [\(names.joined(separator: ", "))]", at: place)
    }

    static func expected(_ type: String, at place: Place) -> Diagnostic {
        schema("Expected value of type \(type)", at: place)
    }

    static func oneOf(_ values: [String], at place: Place) -> Diagnostic {
        schema("Value should be one of the following: [\(values.joined(separator: ", "))]", at: place)
    }

    static func empty(at place: Place) -> Diagnostic { schema("Value cannot be empty", at: place) }

    static func path(at place: Place) -> Diagnostic { schema("Value must be a valid JSONPath.", at: place) }

    static func referencePath(_ why: String, at place: Place) -> Diagnostic {
        schema("Value is not a Reference Path: \(why)", at: place)
    }

    /// The parser's own sentence, without its code.
    static func jsonata(_ error: JSONataError, at place: Place) -> Diagnostic {
        Diagnostic(.invalidJSONataExpression, error.message, at: place.location)
    }

    static func template(_ key: String, at template: Place, exactly place: Place? = nil) -> Diagnostic {
        let message = "The value for the field '\(key)' must be a valid JSONPath or a valid intrinsic function call"
        var diagnostic = schema(message, at: template)
        diagnostic.exactLocation = place?.location
        return diagnostic
    }

    static func timestamp(at place: Place) -> Diagnostic {
        schema("String does not match RFC3339 timestamp", at: place)
    }
}
