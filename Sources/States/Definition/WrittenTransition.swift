// The ways out of a state and the machines inside it, as written.

import JSON

/// One way out of a state: `Next`, `Default`, or `Next` of a Choice rule or a Catcher.
struct WrittenTransition {
    let target: String
    /// Where the target's name stands.
    let place: Place
    /// The variables that have a value once the way is taken, by the `Assign` that goes with it (language.md §3): a
    /// Choice rule's own in place of the state's, a Catcher's always.
    let assigned: [String]
}

extension JSONObject {
    /// The ways out of the state that the object is, those whose target is a text.
    func transitions(at place: Place) -> [WrittenTransition] {
        let own = assignedVariables
        var transitions: [WrittenTransition] = []
        for name in ["Next", "Default"] {
            guard let target = self[name]?.stringValue else { continue }
            transitions.append(WrittenTransition(target: target, place: place.field(name), assigned: own))
        }
        for name in ["Choices", "Catch"] {
            for (index, entry) in (self[name]?.arrayValue ?? []).enumerated() {
                guard let members = entry.objectValue, let target = members["Next"]?.stringValue else { continue }
                let isRuleWithout = name == "Choices" && members["Assign"] == nil
                transitions.append(
                    WrittenTransition(
                        target: target, place: place.field(name).element(index).field("Next"),
                        assigned: isRuleWithout ? own : members.assignedVariables))
            }
        }
        return transitions
    }

    /// The members of the `Assign` of a state, a Choice rule or a Catcher, by the variable that each gives a value.
    var assignments: [(variable: String, key: String)] {
        (self["Assign"]?.objectValue?.keys ?? []).map { ($0.hasSuffix(".$") ? String($0.dropLast(2)) : $0, $0) }
    }

    private var assignedVariables: [String] { assignments.map(\.variable) }

    /// The machines inside a Parallel or Map state.
    func containers(at place: Place) -> [(machine: JSONObject, place: Place)] {
        var containers: [(machine: JSONObject, place: Place)] = []
        for (index, branch) in (self["Branches"]?.arrayValue ?? []).enumerated() {
            if let machine = branch.objectValue {
                containers.append((machine, place.field("Branches").element(index)))
            }
        }
        for name in ["ItemProcessor", "Iterator"] {
            if let machine = self[name]?.objectValue { containers.append((machine, place.field(name))) }
        }
        return containers
    }

    /// Whether the machine inside a Map is run by executions of its own, which see no variable of the outside.
    var isDistributedProcessor: Bool { self["ProcessorConfig"]?["Mode"] == "DISTRIBUTED" }
}
