// What the operator learns of the executions that a turn has closed: counts, and what failed.

package import States
package import Storage

/// The executions that were closed by one turn, once that is committed.
package struct ClosedExecutions: Sendable {
    /// An execution that failed or timed out.
    package struct Failed: Sendable, Equatable {
        package var machine: String
        package var name: String
        package var arn: String
        package var status: ExecutionStatus
        /// The innermost state that did not succeed; `nil` where the execution as a whole ended.
        package var state: String?
        package var error: String?
        package var cause: String?
    }

    private var standard = Counts()
    private var express = Counts()
    package private(set) var failures: [Failed] = []
    package private(set) var isEmpty = true

    /// Four numbers in place, so that a turn allocates nothing for them.
    private struct Counts {
        var succeeded = 0
        var failed = 0
        var timedOut = 0
        var aborted = 0
    }

    /// Returns how many executions of a type ended with a status.
    package func count(_ type: MachineType, _ status: ExecutionStatus) -> Int {
        let counts = type == .express ? express : standard
        return switch status {
        case .running: 0
        case .succeeded: counts.succeeded
        case .failed: counts.failed
        case .timedOut: counts.timedOut
        case .aborted: counts.aborted
        }
    }

    mutating func add(_ type: MachineType, _ status: ExecutionStatus, _ failure: Failed?) {
        isEmpty = false
        if type == .express { Self.count(status, &express) } else { Self.count(status, &standard) }
        if let failure { failures.append(failure) }
    }

    private static func count(_ status: ExecutionStatus, _ counts: inout Counts) {
        switch status {
        case .running: break
        case .succeeded: counts.succeeded += 1
        case .failed: counts.failed += 1
        case .timedOut: counts.timedOut += 1
        case .aborted: counts.aborted += 1
        }
    }
}

extension LiveExecution {
    /// Notes the end of the execution where this turn closed it. To be called before the turn's events are taken.
    mutating func noteEnd(in closed: inout ClosedExecutions) {
        guard hasJustClosed, execution.isClosed else { return }
        hasJustClosed = false
        let status = execution.status.recorded
        closed.add(entry.type, status, failure(status))
    }

    private func failure(_ status: ExecutionStatus) -> ClosedExecutions.Failed? {
        let failure: Failure
        switch execution.status {
        case .failed(let reason), .timedOut(let reason): failure = reason
        case .created, .running, .succeeded, .aborted: return nil
        }
        return ClosedExecutions.Failed(
            machine: entry.record.name, name: execution.identity.name, arn: execution.identity.arn, status: status,
            state: status == .failed ? failedState : nil, error: failure.error, cause: failure.cause)
    }

    /// The state whose failure ended the execution: that of the last event before the Failed events of the states
    /// around it.
    private var failedState: String? {
        for event in turnEvents.reversed() {
            switch event.kind {
            case .executionFailed, .parallelStateFailed, .mapStateFailed, .mapIterationFailed, .mapIterationAborted,
                .stateAborted:
                continue
            case .evaluationFailed(let failed): return failed.state
            case .stateEntered(let entered): return entered.name
            default: return execution.frames[event.frame]?.state?.name ?? execution.frames[0]?.state?.name
            }
        }
        return execution.frames[0]?.state?.name
    }
}

extension Engine {
    /// Returns how many executions run, `nil` where the store cannot be read. Executions of StartSyncExecution are not
    /// among them.
    package func runningExecutions() -> Int? { (try? store.executionCounts()).map { $0[.running] ?? 0 } }
}
