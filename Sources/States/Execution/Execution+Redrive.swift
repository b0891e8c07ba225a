// The fold of `ExecutionRedriven`: which strands go on, and from where (api.md §3, Redrive).

extension Execution {
    /// Takes the strands that have not ended up again. What a branch or an iteration has finished stays finished.
    mutating func applyRedriven(_ redriven: ExecutionRedriven, _ event: Event) {
        reopen(deadline: redriven.deadline, Redrive(time: event.timestamp, clientToken: redriven.clientToken))
        takeUpAgain(0, behind: event.id)
    }

    private mutating func takeUpAgain(_ id: FrameID, behind event: Int) {
        guard let frame = frames[id] else { return }
        switch frame.phase {
        case .ended: return
        case .parallel(let children, let open, _) where open > 0:
            resetRetries(of: id)
            for child in children.reversed() { takeUpAgain(child, behind: event) }
        case .map where maps[id]?.isDone == false:
            resetRetries(of: id)
            for (_, child) in (maps[id]?.runningInOrder ?? []).reversed() { takeUpAgain(child, behind: event) }
            change(id) { $0.lastEvent = event }
        // A task that was let out, or was to be, is let out anew without being entered again.
        case .task, .retrying:
            resetRetries(of: id)
            change(id) { frame in
                frame.lastEvent = event
                frame.phase = .working
            }
        case .entering: change(id) { $0.lastEvent = event }
        case .working, .waiting, .result, .parallel, .map: enterAgain(id, behind: event)
        }
    }

    private mutating func resetRetries(of id: FrameID) { change(id) { $0.state?.retries = [:] } }

    private mutating func enterAgain(_ id: FrameID, behind event: Int) {
        dropChildren(of: id)
        change(id) { frame in
            frame.lastEvent = event
            frame.phase = .entering(frame.state?.name)
        }
    }
}
