// A variable of an inner scope must not take the name of one outside (language.md §3).

import JSON

struct VariableChecks {
    /// A container around the one that is looked at, and the Parallel or Map state in it that leads inside.
    private struct Outside {
        let names: AssignedNames
        let state: String
        let place: Place
    }

    /// What the states of a container assign, and which of them lead to which.
    private struct AssignedNames {
        var byState: [String: Set<String>] = [:]
        var all: Set<String> = []
        var predecessors: [String: [String]] = [:]
    }

    private var findings: [Diagnostic] = []
    /// What may have been assigned when a Parallel or Map state is entered, by its place: looked for when one of the
    /// names inside is assigned outside as well, which is hardly ever.
    private var assignedBefore: [Place: Set<String>] = [:]
    /// How many more states may be looked at: that search starts anew at each Parallel and Map, and a definition made
    /// to that end could keep it busy for long. What is beyond is left unchecked.
    private var budget = 1_000_000

    static func findings(in definition: JSONObject) -> [Diagnostic] {
        var checks = VariableChecks()
        checks.container(definition, at: .root, inside: [])
        return checks.findings
    }

    private mutating func container(_ machine: JSONObject, at place: Place, inside outsides: [Outside]) {
        let states = machine["States"]?.objectValue ?? [:]
        var names = AssignedNames()
        for (name, state) in states {
            for (variable, place) in Self.assigned(state.objectValue ?? [:], at: place.state(name)) {
                if isTaken(variable, outsides) {
                    let message = "The variable name '\(variable)' was already defined in a parent scope."
                    findings.append(Diagnostic(.duplicateVariableName, message, at: place.location))
                }
                names.byState[name, default: []].insert(variable)
                names.all.insert(variable)
            }
        }
        if !names.all.isEmpty { names.predecessors = GraphChecks.predecessors(in: states) }
        for (name, state) in states {
            let outside = Outside(names: names, state: name, place: place.state(name))
            for nested in state.objectValue?.containers(at: outside.place) ?? [] {
                // The children of a Distributed Map are executions of their own and see none of these.
                let seen = nested.machine.isDistributedProcessor ? [] : outsides + [outside]
                container(nested.machine, at: nested.place, inside: seen)
            }
        }
    }

    private mutating func isTaken(_ variable: String, _ outsides: [Outside]) -> Bool {
        for outside in outsides where outside.names.all.contains(variable) {
            let assigned = assignedBefore[outside.place] ?? self.assigned(before: outside.state, outside.names)
            assignedBefore[outside.place] = assigned
            if assigned.contains(variable) { return true }
        }
        return false
    }

    /// What other states may have assigned when that state is entered. Its own names are not among them, since it
    /// assigns them when its branches are done: AWS lets a branch assign what the Parallel's catcher assigns too.
    private mutating func assigned(before name: String, _ assigned: AssignedNames) -> Set<String> {
        var names: Set<String> = []
        var seen: Set<String> = [name]
        var waiting = assigned.predecessors[name] ?? []
        while let state = waiting.popLast(), budget > 0 {
            budget -= 1
            guard seen.insert(state).inserted else { continue }
            names.formUnion(assigned.byState[state] ?? [])
            waiting += assigned.predecessors[state] ?? []
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
