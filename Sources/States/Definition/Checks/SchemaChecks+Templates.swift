// Payload templates, JSONata values, variables and credentials (language.md §2, §3).

import Expressions
import JSON

extension SchemaChecks {
    /// A value that is evaluated: in JSONPath its members ending in `.$`, in JSONata its `{% %}` strings. `whole` is
    /// the place of the template that the value is within.
    mutating func template(
        _ value: JSONValue, at place: Place, _ around: Surroundings, within whole: Place? = nil
    ) {
        let whole = whole ?? place
        switch value {
        case .object(let members):
            for (key, value) in members {
                let field = place.field(key)
                guard around.language == .jsonPath, key.hasSuffix(".$") else {
                    template(value, at: field, around, within: whole)
                    continue
                }
                member(key, value, at: field, within: whole)
                let plain = String(key.dropLast(2))
                if members[plain] != nil {
                    note(.schema("The field '\(plain)' and '\(key)' cannot both be specified", at: place))
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                template(element, at: place.element(index), around, within: whole)
            }
        case .string(let text) where around.language == .jsonata: expression(text, at: place, around)
        default: break
        }
    }

    /// A member whose key ends in `.$`. AWS's location is that of the whole template (recorded).
    private mutating func member(_ key: String, _ value: JSONValue, at place: Place, within whole: Place) {
        guard let text = value.stringValue, PathSyntax.isPath(text) || IntrinsicCall.isCall(text) else {
            return note(.template(key, at: whole, exactly: place))
        }
    }

    /// A string of a JSONata state; one that does not open an expression is a literal.
    mutating func expression(_ text: String, at place: Place, _ around: Surroundings) {
        guard text.hasPrefix("{%") else { return }
        do throws(JSONataError) {
            guard let expression = try expressions.expression(text) else {
                return note(.schema("JSONata string must start with {% and end with %}", at: place))
            }
            references(of: expression, at: place, around)
        } catch { note(.jsonata(error, at: place)) }
    }

    /// There is no context item at the top level, and `$states` has what its field may see (language.md §2.2).
    private mutating func references(of expression: JSONata, at place: Place, _ around: Surroundings) {
        for name in expression.unsupportedReferences {
            let where_ = name == "$$" ? "" : " at the top level"
            let message = "Reference to '\(name)'\(where_) is not supported."
            note(Diagnostic(.unsupportedJSONataExpression, message, at: place.location))
        }
        for member in (expression.statesMembers ?? []).sorted() where !around.statesMembers.contains(member) {
            let message = "Field '$states.\(member)' does not exist."
            note(Diagnostic(.unsupportedJSONataExpression, message, at: place.location))
        }
    }

    mutating func assign(_ value: JSONValue, at place: Place, _ around: Surroundings) {
        guard let members = value.objectValue else { return note(.expected("[OBJECT]", at: place)) }
        for key in members.keys {
            let name = around.language == .jsonPath && key.hasSuffix(".$") ? String(key.dropLast(2)) : key
            variable(name, at: place.field(key))
        }
        template(value, at: place, around)
    }

    private mutating func variable(_ name: String, at place: Place) {
        if name == "states" {
            let message = "Cannot assign to reserved variable '$states'."
            return note(Diagnostic(.reservedVariableName, message, at: place.location))
        }
        let scalars = name.unicodeScalars
        let isName =
            (scalars.first?.properties.isIDStart ?? false) && scalars.allSatisfy { $0.properties.isIDContinue }
        if !isName {
            let message = "Invalid variable name '\(name)': the variable name contains invalid characters."
            note(Diagnostic(.invalidVariableName, message, at: place.location))
        } else if scalars.count > 80 {
            let message = "Invalid variable name '\(name)': the variable name is longer than 80 characters."
            note(Diagnostic(.invalidVariableName, message, at: place.location))
        }
    }

    /// AWS asks for `RoleArn` alone and looks at no other member.
    mutating func credentials(_ value: JSONValue, at place: Place, _ around: Surroundings) {
        guard let members = value.objectValue else { return note(.expected("[OBJECT]", at: place)) }
        let isGiven = members["RoleArn"] != nil || around.language == .jsonPath && members["RoleArn.$"] != nil
        if !isGiven { note(.fieldRequired("RoleArn", at: place)) }
        template(value, at: place, around)
    }
}

/// The outside of an intrinsic function's call (language.md §11); the inside is read by the floor of expressions.
enum IntrinsicCall {
    private static let names: Set<String> = [
        "Format", "Array", "ArrayPartition", "ArrayContains", "ArrayRange", "ArrayGetItem", "ArrayLength",
        "ArrayUnique", "Base64Encode", "Base64Decode", "Hash", "JsonMerge", "JsonToString", "StringToJson",
        "MathRandom", "MathAdd", "StringSplit", "UUID",
    ]

    /// Whether the text is `States.<a function>(…)` with its strings and parentheses closed.
    static func isCall(_ text: String) -> Bool {
        guard text.hasPrefix("States."), let open = text.firstIndex(of: "("),
            names.contains(String(text[text.index(text.startIndex, offsetBy: 7)..<open]))
        else { return false }
        var depth = 0
        var isQuoted = false
        var isEscaped = false
        for (offset, byte) in text[open...].utf8.enumerated() {
            if offset > 0, depth == 0 { return false }
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "'"): isQuoted.toggle()
            case UInt8(ascii: "(") where !isQuoted: depth += 1
            case UInt8(ascii: ")") where !isQuoted: depth -= 1
            default: break
            }
        }
        return depth == 0 && !isQuoted
    }
}
