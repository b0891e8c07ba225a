// What the parameters of an action must be (integrations.md §4; language.md §9).

package import JSON

/// The members of an action's parameters that are checked. It may have others.
package struct ParameterSchema: Sendable {
    package struct Member: Sendable {
        let name: String
        var isRequired = false
        /// How the value is checked when a task starts; `nil` for not at all.
        var form: Form?
    }

    package enum Form: Sendable {
        case string
        /// An object or an array becomes its JSON text; a number or boolean does not (recorded for `Payload`).
        case json
    }

    /// The members that a definition must name.
    package let required: [String]
    /// Those that are checked when a task starts.
    private let checked: [Member]

    /// Why these values cannot start a task, in the words of the service; `nil` where they can.
    package func mismatch(of parameters: JSONValue) -> String? {
        guard !checked.isEmpty else { return nil }
        guard let values = parameters.objectValue else { return "[The parameters are not an object]" }
        for member in checked {
            guard let value = values[member.name], !value.isNull else {
                guard member.isRequired else { continue }
                return Self.missing(member.name)
            }
            if value.stringValue != nil || member.takesJSON && (value.objectValue != nil || value.arrayValue != nil) {
                continue
            }
            return "[The value for the field '\(member.name)' must be a STRING]"
        }
        return nil
    }

    static func missing(_ member: String) -> String { "[The field \"\(member)\" is required but was missing]" }
}

extension ParameterSchema.Member {
    static func required(_ name: String, _ form: ParameterSchema.Form? = nil) -> Self {
        Self(name: name, isRequired: true, form: form)
    }

    static func optional(_ name: String, _ form: ParameterSchema.Form) -> Self { Self(name: name, form: form) }

    fileprivate var takesJSON: Bool { form == .json }
}

extension ParameterSchema: ExpressibleByArrayLiteral {
    package init(arrayLiteral members: Member...) {
        required = members.filter(\.isRequired).map(\.name)
        checked = members.filter { $0.form != nil }
    }
}
