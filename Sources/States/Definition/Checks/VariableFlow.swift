// Through which states an execution can come without a variable having been assigned (language.md §3).

import JSON

/// The states of a definition as a graph whose edges know which variables are assigned on them.
///
/// What a branch or an iteration assigns is gone when it ends, so that an edge leads into a Parallel or Map state's
/// containers, and none out of them.
struct VariableFlow {
    private struct Edge {
        let target: Int
        let assigned: Set<String>
    }

    /// The edges out of each state.
    private var edges: [[Edge]] = []
    /// The states at which executions start: the machine's first and that of each Distributed Map's children.
    private var starts: [Int] = []

    /// `states` are all of `definition`'s.
    init(_ definition: JSONObject, _ states: [WrittenState]) {
        let numbers = Dictionary(zip(states.map(\.place), states.indices)) { first, _ in first }
        func start(of machine: JSONObject, at place: Place) -> Int? {
            machine["StartAt"]?.stringValue.flatMap { numbers[place.state($0)] }
        }
        if let first = start(of: definition, at: .root) { starts.append(first) }
        for state in states {
            var edges = state.members.transitions(at: state.place).compactMap { transition in
                numbers[state.container.state(transition.target)].map {
                    Edge(target: $0, assigned: Set(transition.assigned))
                }
            }
            for nested in state.members.containers(at: state.place) {
                guard let first = start(of: nested.machine, at: nested.place) else { continue }
                if nested.machine.isDistributedProcessor {
                    starts.append(first)
                } else {
                    edges.append(Edge(target: first, assigned: []))
                }
            }
            self.edges.append(edges)
        }
    }

    /// How many states and edges there are, and with that how much work a question is.
    var size: Int { edges.reduce(edges.count) { $0 + $1.count } }

    /// Whether each state, in the order of the definition, can be entered before the variable has a value.
    func isEntered(without variable: String) -> [Bool] {
        var isEntered = Array(repeating: false, count: edges.count)
        var waiting = starts
        while let state = waiting.popLast() {
            if isEntered[state] { continue }
            isEntered[state] = true
            waiting += edges[state].lazy.filter { !$0.assigned.contains(variable) }.map(\.target)
        }
        return isEntered
    }
}
