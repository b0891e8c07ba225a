// What becomes due: the machine's timeout, waits, task timeouts and heartbeats, retries.

import Core

extension Interpreter {
    /// Does everything that is due by `now`, earliest first.
    mutating func wake() {
        if let deadline = execution.started?.deadline, deadline <= now {
            return close(.executionTimedOut(ExecutionTimedOut(Failure(error: ErrorName.timeout))), previous: 0)
        }
        let due = execution.frames.values
            .compactMap { frame in
                frame.wake(clockOffset: surroundings.clockOffset).map { (at: $0, frame: frame.id) }
            }
            .filter { $0.at <= now }
            .sorted { ($0.at, $0.frame) < ($1.at, $1.frame) }
        for (_, id) in due where execution.status == .running && !hasStopped {
            // An earlier one may have ended this frame.
            guard let frame = execution.frames[id] else { continue }
            fire(frame)
            if hasStopped { return }
            // One frame after the other, so that a failure has its own event to carry a retry.
            run()
        }
    }

    private mutating func fire(_ frame: Frame) {
        switch frame.phase {
        case .waiting: finishWait(frame.id)
        case .retrying: execution.resume(frame.id)
        case .task(let open): taskTimedOut(frame, open)
        case .entering, .working, .result, .parallel, .map, .ended: break
        }
    }
}
