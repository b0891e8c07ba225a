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
        case .message(let message): try takeQuarantined(message, &plan, now)
        case .startChild(let start): plan.settle(start.parent)
        case .release(let command): try release(command, &plan, now)
        case .redrive(let command):
            plan.reply(
                .rejected(.executionNotRedrivable("Execution is RUNNING and cannot be redriven")),
                to: command.replyTo)
        case .report(let report): plan.reply(.rejected(.isQuarantined), to: report.replyTo)
        case .wake(_, let caller): plan.reply(.done, to: caller)
        case .redeliver(_, let caller): plan.reply(.done, to: caller, isRepeated: true)
        // The task stays open in the store, and is let out again after a release.
        case .outcome(_, let stimulus): plan.settle(id, stimulus)
        case .start, .delivered, .stopJob, .readMessages, .ping, .proceed, .advanced, .dismissWaiters: break
        }
    }

    /// A task that has started the execution and no longer waits for it stops it; any other message stays in the store
    /// until the execution is released.
    private mutating func takeQuarantined(
        _ message: Message, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        guard case .stopChild(let child, _, let cause) = message.body, try store.holdsMessage(message.id)
        else { return }
        let stop = StopCommand(execution: child, arn: "", failure: Failure(cause: cause), replyTo: nil)
        try stopUnread(stop, &plan, now)
        plan.turn.changes.append(.consume(message: message.id))
    }

    /// Ends an execution without reading its events: with its row, and one event after the last.
    private mutating func stopUnread(
        _ command: StopCommand, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        guard let record = try store.execution(id: command.execution) else {
            return plan.reply(.rejected(.executionDoesNotExist(command.arn)), to: command.replyTo)
        }
        let tasks = try store.openTasks(of: record.id)
        // Only where a task waits for the execution: its revision may be damaged too.
        let entry = waits?[record.id] == nil ? nil : try entry(revision: record.revision)
        plan.turn.changes += record.stopped(command.failure, at: plan.wall, closing: tasks)
        for task in tasks {
            plan.turn.effects.append(
                .cancel(execution: record.id, scheduledEvent: task.scheduledEvent, hasJob: false))
        }
        plan.turn.effects.append(.closed(execution: record.id))
        plan.turn.released.append(record.id)
        plan.reply(.stopped(plan.wall), to: command.replyTo)
        guard let entry, let tasks = waits?.removeValue(forKey: record.id) else { return }
        var stopped = record
        stopped.status = .aborted
        stopped.stopDate = plan.wall
        let summary = stopped.summary(
            entry, input: nil, .aborted(command.failure), configuration.limits, plan.wall, isDeleted(entry))
        informParents(tasks, summary, &plan, now)
    }

    private mutating func release(
        _ command: ReleaseCommand, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        let id = command.execution
        let record = try store.execution(id: id)
        plan.turn.changes.append(.release(execution: id))
        if let record, record.status == .running {
            plan.turn.changes.append(record.woken(at: now))
            plan.turn.wakeAt = min(now, plan.turn.wakeAt ?? now)
        }
        plan.turn.released.append(id)
        plan.reply(.done, to: command.replyTo)
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
        let aborted = JournalRecord(
            id: record.lastEventID, previous: 0, timestamp: now, frame: 0,
            kind: .executionAborted(ExecutionAborted(failure)))
        let events = EventsRecord(
            execution: record.id, firstID: aborted.id, lastID: aborted.id, body: RecordCoding.encode([aborted]))
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
