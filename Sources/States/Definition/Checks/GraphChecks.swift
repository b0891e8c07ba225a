// Does every transition lead somewhere, is every state reached, is there an end? (validation.md §2, Interplay)

import JSON

/// Checks each container by itself: a transition never leaves its container.
struct GraphChecks {
    private var findings: [Diagnostic] = []

    static func findings(in definition: JSONObject) -> [Diagnostic] {
        var checks = GraphChecks()
        let states = definition["States"]?.objectValue ?? [:]
        guard definition["StartAt"]?.stringValue != nil, !states.isEmpty else { return [] }
        // A workflow without an end is told so once, and its states are not told that nobody reaches them.
        let hasEnd = states.values.contains { $0.objectValue?.isTerminalState ?? false }
        checks.container(definition, at: .root, isWalked: hasEnd)
        if !hasEnd {
            checks.findings.append(Diagnostic(.missingEndState, "Workflow has no terminal state", at: nil))
        }
        return checks.findings
    }

    private mutating func container(_ machine: JSONObject, at place: Place, isWalked: Bool = true) {
        guard let states = machine["States"]?.objectValue, let start = machine["StartAt"]?.stringValue else { return }
        check(start, in: states, at: place.field("StartAt"))
        for (name, state) in states {
            guard let state = state.objectValue else { continue }
            let stateName = place.state(name)
            for transition in state.transitions(at: stateName) {
                check(transition.target, in: states, at: transition.place)
            }
            for nested in state.containers(at: stateName) { container(nested.machine, at: nested.place) }
        }
        guard isWalked else { return }
        let reached = Self.reached(from: start, in: states)
        for name in states.keys where !reached.contains(CodeUnits(name)) {
            let message = "State \"\(name)\" is not reachable."
            findings.append(Diagnostic(.missingTransitionTarget, message, at: place.state(name).location))
        }
    }

    /// AWS says 'Next' for every kind of transition, `StartAt` too.
    private mutating func check(_ target: String, in states: JSONObject, at place: Place) {
        guard states[target] == nil else { return }
        findings.append(Diagnostic(.missingTransitionTarget, "Missing 'Next' target: \(target)", at: place.location))
    }

    /// The states of a container that lead to each.
    static func predecessors(in states: JSONObject) -> [String: [String]] {
        var predecessors: [String: [String]] = [:]
        for (name, state) in states {
            for transition in state.objectValue?.transitions(at: .root) ?? [] {
                predecessors[transition.target, default: []].append(name)
            }
        }
        return predecessors
    }

    private static func reached(from start: String, in states: JSONObject) -> Set<CodeUnits> {
        var reached: Set<CodeUnits> = []
        var waiting = [start]
        while let name = waiting.popLast() {
            guard let state = states[name], reached.insert(CodeUnits(name)).inserted else { continue }
            waiting += state.objectValue?.transitions(at: .root).map(\.target) ?? []
        }
        return reached
    }
}

extension JSONObject {
    /// Whether an execution can end in the state.
    fileprivate var isTerminalState: Bool {
        self["End"] == true || self["Type"] == "Succeed" || self["Type"] == "Fail"
    }
}
