// A variable of an inner scope must not take the name of one outside (language.md §3).

import JSON

struct VariableChecks {
    private var findings: [Diagnostic] = []

    static func findings(in definition: JSONObject) -> [Diagnostic] {
        var checks = VariableChecks()
        checks.container(definition, at: .root, outer: [])
        return checks.findings
    }

    private mutating func container(_ machine: JSONObject, at place: Place, outer: Set<String>) {
        let states = (machine["States"]?.objectValue ?? [:]).compactMap { name, state in
            state.objectValue.map { (place: place.state(name), members: $0) }
        }
        var scope = outer
        for state in states {
            for (name, place) in Self.assigned(state.members, at: state.place) {
                if outer.contains(name) {
                    let message = "The variable name '\(name)' was already defined in a parent scope."
                    findings.append(Diagnostic(.duplicateVariableName, message, at: place.location))
                }
                scope.insert(name)
            }
        }
        for state in states {
            for nested in state.members.containers(at: state.place) {
                // The children of a Distributed Map are executions of their own and see none of these.
                let isDistributed = nested.machine["ProcessorConfig"]?["Mode"] == "DISTRIBUTED"
                container(nested.machine, at: nested.place, outer: isDistributed ? [] : scope)
            }
        }
    }

    /// The names that a state assigns, by itself and in its choice rules and catchers.
    private static func assigned(_ state: JSONObject, at place: Place) -> [(String, Place)] {
        var holders = [(state, place)]
        for field in ["Choices", "Catch"] {
            for (index, entry) in (state[field]?.arrayValue ?? []).enumerated() {
                if let members = entry.objectValue { holders.append((members, place.field(field).element(index))) }
            }
        }
        return holders.flatMap { members, place in
            (members["Assign"]?.objectValue?.keys ?? []).map { key in
                (key.hasSuffix(".$") ? String(key.dropLast(2)) : key, place.field("Assign").field(key))
            }
        }
    }
}
