// A variable of an inner scope must not take the name of one outside (language.md §3).

import JSON

struct VariableChecks {
    private var findings: [Diagnostic] = []
    /// How many more states may be looked at: the search starts anew at each Parallel and Map, and a definition made to
    /// that end could keep it busy for long. What is beyond is left unchecked.
    private var budget = 1_000_000

    static func findings(in definition: JSONObject) -> [Diagnostic] {
        var checks = VariableChecks()
        checks.container(definition, at: .root, outer: [])
        return checks.findings
    }

    private mutating func container(_ machine: JSONObject, at place: Place, outer: Set<String>) {
        let states = machine["States"]?.objectValue ?? [:]
        var assigned: [String: Set<String>] = [:]
        for (name, state) in states {
            for (variable, place) in Self.assigned(state.objectValue ?? [:], at: place.state(name)) {
                if outer.contains(variable) {
                    let message = "The variable name '\(variable)' was already defined in a parent scope."
                    findings.append(Diagnostic(.duplicateVariableName, message, at: place.location))
                }
                assigned[name, default: []].insert(variable)
            }
        }
        let predecessors = assigned.isEmpty ? [:] : GraphChecks.predecessors(in: states)
        for (name, state) in states {
            let nested = state.objectValue?.containers(at: place.state(name)) ?? []
            if nested.isEmpty { continue }
            let scope = outer.union(self.assigned(before: name, assigned, predecessors))
            for nested in nested {
                // The children of a Distributed Map are executions of their own and see none of these.
                let seen = nested.machine.isDistributedProcessor ? [] : scope
                container(nested.machine, at: nested.place, outer: seen)
            }
        }
    }

    /// What other states may have assigned when that state is entered. Its own names are not among them, since it
    /// assigns them when its branches are done: AWS lets a branch assign what the Parallel's catcher assigns too.
    private mutating func assigned(
        before name: String, _ assigned: [String: Set<String>], _ predecessors: [String: [String]]
    ) -> Set<String> {
        var names: Set<String> = []
        var seen: Set<String> = [name]
        var waiting = predecessors[name] ?? []
        while let state = waiting.popLast(), budget > 0 {
            budget -= 1
            guard seen.insert(state).inserted else { continue }
            names.formUnion(assigned[state] ?? [])
            waiting += predecessors[state] ?? []
        }
        return names
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
            members.assignments.map { ($0.variable, place.field("Assign").field($0.key)) }
        }
    }
}
