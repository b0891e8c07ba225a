// Every state of a definition, and every path and intrinsic function in it, as written.

import JSON

/// A state of a definition that is of the right shape, not yet read into the model.
struct WrittenState {
    let name: String
    let type: StateType
    let language: QueryLanguage
    let members: JSONObject
    let place: Place
    /// The place of the machine, branch or processor that the state belongs to.
    let container: Place

    /// All states, each before those inside it.
    static func all(in definition: JSONObject) -> [WrittenState] {
        let language = definition["QueryLanguage"]?.stringValue.flatMap { QueryLanguage(rawValue: $0) } ?? .jsonPath
        var found: [WrittenState] = []
        collect(definition, at: .root, language, into: &found)
        return found
    }

    private static func collect(
        _ machine: JSONObject, at place: Place, _ language: QueryLanguage, into found: inout [WrittenState]
    ) {
        for (name, value) in machine["States"]?.objectValue ?? [:] {
            guard let members = value.objectValue,
                let type = members["Type"]?.stringValue.flatMap({ StateType(rawValue: $0) })
            else { continue }
            let own = members["QueryLanguage"]?.stringValue.flatMap { QueryLanguage(rawValue: $0) }
            let state = WrittenState(
                name: name, type: type, language: own ?? language, members: members, place: place.state(name),
                container: place)
            found.append(state)
            for nested in members.containers(at: state.place) {
                collect(nested.machine, at: nested.place, language, into: &found)
            }
        }
    }
}

/// A text that is evaluated: the value of a path field or of a template's `.$` member.
struct WrittenExpression {
    let key: String
    let text: String
    let place: Place
}

extension WrittenState {
    /// Fields that hold payload templates.
    static let templates: Set<String> = [
        "Parameters", "ResultSelector", "ItemSelector", "Credentials", "Assign", "BatchInput",
    ]
    /// Fields whose content belongs to nobody or to other states.
    static let opaque: Set<String> = ["Result", "Branches", "ItemProcessor", "Iterator"]

    /// The paths and intrinsic functions of a JSONPath state.
    var expressions: [WrittenExpression] {
        var found: [WrittenExpression] = []
        if language == .jsonPath { Self.fields(members, at: place, into: &found) }
        return found
    }

    private static func fields(_ members: JSONObject, at place: Place, into found: inout [WrittenExpression]) {
        for (key, value) in members where !opaque.contains(key) {
            let field = place.field(key)
            if templates.contains(key) {
                template(value, at: field, into: &found)
            } else if let text = value.stringValue {
                guard key == "Variable" || key.hasSuffix("Path") else { continue }
                found.append(WrittenExpression(key: key, text: text, place: field))
            } else if let members = value.objectValue {
                fields(members, at: field, into: &found)
            } else {
                for (index, element) in (value.arrayValue ?? []).enumerated() {
                    if let members = element.objectValue { fields(members, at: field.element(index), into: &found) }
                }
            }
        }
    }

    private static func template(_ value: JSONValue, at place: Place, into found: inout [WrittenExpression]) {
        for (key, value) in value.objectValue ?? [:] {
            if key.hasSuffix(".$"), let text = value.stringValue {
                found.append(WrittenExpression(key: key, text: text, place: place.field(key)))
            } else {
                template(value, at: place.field(key), into: &found)
            }
        }
        for (index, element) in (value.arrayValue ?? []).enumerated() {
            template(element, at: place.element(index), into: &found)
        }
    }
}
