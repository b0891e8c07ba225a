// The names and forms of a call's parameters in a Task state (integrations.md §3).

package import JSON

/// Parameters of `aws-sdk:sfn` tasks have the Java SDK's names, which begin with a capital.
package enum SDKParameters {
    /// Returns the input of `operation` under the API's own names. What is to be a string and is given as JSON becomes
    /// its text; members that are null or that the operation does not have are left out.
    package static func input(of operation: String, _ parameters: JSONObject) -> JSONObject {
        input(parameters, ConstraintTable.members[operation] ?? [])
    }

    private static func input(_ parameters: JSONObject, _ members: [Member]) -> JSONObject {
        var input = JSONObject()
        for member in members {
            let name = member.name.prefix(1).uppercased() + member.name.dropFirst()
            guard let value = parameters[name], !value.isNull else { continue }
            input[member.name] = self.value(value, member.shape)
        }
        return input
    }

    private static func value(_ value: JSONValue, _ shape: Shape) -> JSONValue {
        switch (shape, value) {
        case (.string, .object), (.string, .array): .string(value.text)
        case (.structure(_, let members), .object(let object)): .object(input(object, members))
        case (.list(let element, _), .array(let values)): .array(values.map { self.value($0, element) })
        default: value
        }
    }
}
