// The executions that a turn has closed, for metrics and the log of failures.

import Core
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

    /// The end of one execution.
    package struct End: Sendable, Equatable {
        /// The name of the state machine.
        package var machine: String
        package var type: MachineType
        package var status: ExecutionStatus
        /// From the start to the end.
        package var milliseconds: Int64

        package init(machine: String, type: MachineType, status: ExecutionStatus, milliseconds: Int64) {
            self.machine = machine
            self.type = type
            self.status = status
            self.milliseconds = milliseconds
        }
    }

    package private(set) var ends: [End] = []
    package private(set) var failures: [Failed] = []
    package var isEmpty: Bool { ends.isEmpty }

    mutating func add(_ end: End, _ failure: Failed?) {
        ends.append(end)
        if let failure { failures.append(failure) }
    }
}

extension LiveExecution {
    /// Notes the end of the execution where this turn closed it. To be called before the turn's events are taken.
    mutating func noteEnd(in closed: inout ClosedExecutions) {
        guard hasJustClosed, execution.isClosed else { return }
        hasJustClosed = false
        let status = execution.status.recorded
        let took = (record.stopDate ?? execution.lastEventTime).milliseconds - record.startDate.milliseconds
        closed.add(
            ClosedExecutions.End(
                machine: entry.record.name, type: entry.type, status: status, milliseconds: max(0, took)),
            failure(status))
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
