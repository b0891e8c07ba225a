// Whether an execution out of the store and its definition belong together.

extension Execution {
    /// What the execution names that the machine does not have, in words; `nil` when they belong together.
    ///
    /// The interpreter relies on it. A row that was written by hand, or one that names the revision of another machine,
    /// does not keep to it.
    package func mismatch(with machine: StateMachine) -> String? {
        for frame in frames.values {
            if let mismatch = frame.mismatch(with: machine, in: self) { return mismatch }
        }
        return nil
    }
}

extension Frame {
    fileprivate func mismatch(with machine: StateMachine, in execution: Execution) -> String? {
        if let state, machine.states[state.name]?.type != state.type {
            return "its definition has no \(state.type.rawValue) state '\(state.name)'"
        }
        switch phase {
        case .entering(let name):
            if let name, machine.states[name] == nil { return "its definition has no state '\(name)'" }
        case .working, .waiting, .task, .result, .retrying:
            if state == nil { return "its frame \(id) has entered no state" }
        case .parallel(let children, let open, _):
            let running = children.filter { execution.frames[$0]?.hasEnded == false }
            guard state?.type == .parallel, children.allSatisfy({ execution.frames[$0] != nil }), running.count == open
            else { return "the branches of its frame \(id) are not in its history" }
        case .map:
            guard state?.type == .map, execution.maps[id] != nil else {
                return "the Map of its frame \(id) is not in its history"
            }
        case .ended: break
        }
        return parent.flatMap { mismatch(of: $0, with: machine, in: execution) }
    }

    private var hasEnded: Bool { if case .ended = phase { true } else { false } }

    private func mismatch(of parent: Parent, with machine: StateMachine, in execution: Execution) -> String? {
        let around = execution.frames[parent.frame]?.state.flatMap { machine.states[$0.name] }
        let count: Int? =
            switch around?.body {
            case .parallel(let branches)?: branches.count
            case .map?: execution.maps[parent.frame]?.items.count
            default: nil
            }
        guard let count, (0..<count).contains(parent.index) else {
            return "its frame \(id) belongs to no Parallel or Map of its definition"
        }
        return nil
    }
}
