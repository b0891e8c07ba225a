// RedriveExecution: an execution that did not succeed goes on where it failed (api.md §3, Redrive).

import Core

extension Interpreter {
    /// Whether it may is the engine's to decide; here only what did not succeed goes on. The clock of the machine's
    /// `TimeoutSeconds` begins anew.
    mutating func redrive(_ clientToken: String?) {
        switch execution.status {
        case .created, .running, .succeeded: return
        case .failed, .aborted, .timedOut: break
        }
        let deadline = machine.timeoutSeconds.map { now.adding(seconds: $0) }
        emit(
            .executionRedriven(
                ExecutionRedriven(
                    count: execution.redrives.count + 1, deadline: deadline, clientToken: clientToken)),
            frame: 0, previous: execution.lastEventID)
    }
}
