// Executions that are not advanced: those that ended the process twice, and those that cannot be read.

import Core
import States
import Storage

extension Shard {
    /// Takes a running execution out of all work until an administrator stops or releases it.
    mutating func quarantine(
        _ record: ExecutionRecord, _ reason: QuarantineRecord.Reason, _ details: String, _ plan: inout TurnPlan,
        _ now: Timestamp
    ) {
        guard record.status == .running, !quarantined.contains(record.id) else { return }
        let entry = QuarantineRecord(execution: record.id, date: plan.wall, reason: reason, details: details)
        plan.turn.changes += [.quarantine(entry), record.woken(at: nil)]
        plan.turn.quarantined.append(entry)
        quarantined.add(entry)
    }

    /// Takes an input for an execution in quarantine: it may be stopped and released, nothing else.
    mutating func takeQuarantined(
        _ input: ShardInput, _ id: Int64, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        switch input {
        case .stop(let command): try stopUnread(command, &plan, now)
        case .release(let command): try release(command, &plan, now)
        case .redrive(let command):
            plan.turn.replies.append { _ in
                command.reply(.failure(.executionNotRedrivable("Execution is RUNNING and cannot be redriven")))
            }
        case .report(let report): plan.turn.replies.append { _ in report.reply(.isQuarantined) }
        case .wake(_, let done), .redeliver(_, let done): plan.turn.replies.append { done($0 == nil) }
        // The task stays open in the store, and is let out again after a release.
        case .outcome(_, let stimulus): plan.settle(id, stimulus)
        case .start, .delivered, .jobStopped, .ping, .proceed, .advanced, .dismissWaiters: break
        }
    }

    /// Ends an execution without reading its events: with its row, and one event after the last.
    private mutating func stopUnread(
        _ command: StopCommand, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        let reply = command.reply
        guard let record = try store.execution(id: command.execution) else {
            return plan.turn.replies.append { _ in reply(.failure(.executionDoesNotExist(command.arn))) }
        }
        let tasks = try store.openTasks(of: record.id)
        plan.turn.changes += record.stopped(command.failure, at: plan.wall, closing: tasks)
        for task in tasks {
            plan.turn.effects.append(
                .cancel(execution: record.id, scheduledEvent: task.scheduledEvent, hasJob: false))
        }
        plan.turn.effects.append(.closed(execution: record.id))
        let quarantined = quarantined
        let (id, stopDate) = (record.id, plan.wall)
        plan.turn.replies.append { error in
            if error == nil { quarantined.remove(id) }
            reply(error.map { .failure($0.asServiceError) } ?? .success(stopDate))
        }
    }

    private mutating func release(
        _ command: ReleaseCommand, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        let quarantined = quarantined
        let id = command.execution
        plan.turn.changes.append(.release(execution: id))
        if let record = try store.execution(id: id), record.status == .running {
            plan.turn.changes.append(record.woken(at: now))
            plan.turn.wakeAt = min(now, plan.turn.wakeAt ?? now)
        }
        plan.turn.replies.append { error in
            if error == nil { quarantined.remove(id) }
            command.reply(error?.asServiceError)
        }
    }
}

extension ExecutionRecord {
    /// The change of the execution's timer alone.
    func woken(at time: Timestamp?) -> Change {
        var record = self
        record.wakeAt = time
        return .turn(ExecutionTurn(execution: record, isNew: false, events: nil, openedTasks: [], closedTasks: []))
    }

    /// The changes that end an execution in quarantine as ABORTED: its row, and one event after the last.
    func stopped(_ failure: Failure, at now: Timestamp, closing tasks: [OpenTaskRecord]) -> [Change] {
        var record = self
        record.lastEventID += 1
        record.status = .aborted
        record.stopDate = now
        record.wakeAt = nil
        let aborted = Event(
            id: record.lastEventID, previous: 0, timestamp: now, frame: 0, kind: .executionAborted(failure))
        let events = EventsRecord(
            execution: record.id, firstID: aborted.id, lastID: aborted.id, body: EventCoding.encode([aborted]))
        let turn = ExecutionTurn(
            execution: record, isNew: false, events: events, openedTasks: [],
            closedTasks: tasks.map(\.scheduledEvent))
        return [.release(execution: record.id), .turn(turn)]
    }
}

extension ServiceError {
    /// The execution is in quarantine: what arrives for it is not taken, and may be sent again.
    static let isQuarantined = unavailable(
        "The execution is in quarantine. An administrator can release it, or it can be stopped.")
}
