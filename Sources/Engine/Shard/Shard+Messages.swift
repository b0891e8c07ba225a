// Messages between executions: one for an execution of the same shard takes effect in the turn that sends it, any other
// is stored with that turn.

import Core
import Integrations
import States
import Storage

extension Shard {
    /// Whether the execution with that id is this shard's.
    func owns(_ execution: Int64) -> Bool { owns(slot: Slot.of(execution: execution)) }

    func owns(slot: Int64) -> Bool { Int(slot) % configuration.shards == index }

    /// The slots of this shard.
    private var slots: Set<Int64> {
        Set((0..<Int64(Slot.count)).filter { owns(slot: $0) })
    }

    // MARK: - Sending

    /// Sends a message: it takes effect at once where its receiver is of this shard and free, else it is stored.
    mutating func send(_ body: Message.Body, to receiver: Int64, _ plan: inout TurnPlan, _ now: Timestamp) {
        if isFree(receiver, plan), (try? takeAtOnce(body, &plan, now)) == true { return }
        store(body, to: Slot.of(execution: receiver), &plan)
        // The outcome of the task's start is stored: it is not dispatched again.
        if owns(receiver), let task = body.startedTask {
            plan.turn.changes.append(
                .changeTask(
                    OpenTaskRecord(
                        execution: task.execution, scheduledEvent: task.scheduledEvent, isDelivered: true)))
        }
    }

    /// Whether the execution may be advanced in this turn without a message's row.
    private func isFree(_ execution: Int64, _ plan: borrowing TurnPlan) -> Bool {
        owns(execution) && deferred[execution] == nil && !quarantined.contains(execution)
            && plan.live[execution]?.isMidState != true && !plan.isFull(configuration.limits)
    }

    /// Stores a message with the turn, and delivers it once the turn is committed.
    mutating func store(_ body: Message.Body, to slot: Int64, _ plan: inout TurnPlan) {
        let message = Message(id: messageIDs.next(), slot: slot, body: body)
        plan.turn.changes.append(
            .send(MessageRecord(id: message.id, slot: message.slot, body: MessageCoding.encode(body))))
        plan.turn.sent.append(message)
    }

    /// Returns `false` where the message is to be stored instead.
    private mutating func takeAtOnce(
        _ body: Message.Body, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) -> Bool {
        switch body {
        case .childStarted(let task, _), .childRejected(let task, _), .childClosed(let task, _):
            return try inform(task, body, isStored: false, &plan, now)
        case .stopChild(let child, let task, let cause):
            try stopChild(child, task, cause, &plan, now)
            return true
        case .awaitChild(let child, let task):
            try awaitChild(child, task, &plan, now)
            return true
        case .startChild: return false
        }
    }

    // MARK: - Taking

    /// Takes a stored message; one that has been taken already has no effect.
    mutating func take(_ message: Message, _ plan: inout TurnPlan, _ now: Timestamp) throws(StoreError) {
        guard !plan.consumed.contains(message.id), try store.holdsMessage(message.id) else { return }
        do throws(StoreError) {
            switch message.body {
            case .startChild(let start): try startRequestedChild(start, &plan, now)
            case .childStarted(let task, _), .childRejected(let task, _), .childClosed(let task, _):
                _ = try inform(task, message.body, isStored: true, &plan, now)
            case .awaitChild(let child, let task): try awaitChild(child, task, &plan, now)
            case .stopChild(let child, let task, let cause): try stopChild(child, task, cause, &plan, now)
            }
        } catch {
            guard error.code == .corrupt, let task = message.body.waitingTask else { throw error }
            plan.turn.readFaults.append(error)
            let failure = Failure(error: ErrorName.taskFailed, cause: ServiceError.unreadable(error).message)
            send(.childRejected(task, failure), to: task.execution, &plan, now)
        }
        plan.consumed.insert(message.id)
        plan.turn.changes.append(.consume(message: message.id))
    }

    /// Takes the stored messages of this shard's slots with ids above `id`: those that a process, or a commit whose
    /// outcome is not known, has left.
    mutating func readMessages(
        after id: Int64, _ caller: ReplyTo?, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        let limit = Limits.Store.maximumMessagesPerRead
        let records = try store.messages(to: slots, after: id, limit: limit)
        for record in records {
            do throws(StoreError) {
                let message = try MessageCoding.decode(record) { revision throws(StoreError) in
                    try entry(revision: revision)
                }
                take(.message(message), &plan, now)
            } catch {
                plan.turn.readFaults.append(error)
                if error.code != .corrupt { throw error }
            }
        }
        if records.count == limit, let last = records.last {
            plan.turn.continuations.append(.readMessages(after: last.id, caller))
        } else {
            plan.reply(.done, to: caller, isRepeated: true)
        }
    }

    // MARK: - Parents

    /// Advances an execution by what has become of the child of one of its tasks. Returns `false`, and changes
    /// nothing, where that leaves it in the middle of a state, unless the message is stored: then its row stays until
    /// the rest of the state is there.
    mutating func inform(
        _ task: TaskID, _ body: Message.Body, isStored: Bool, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) -> Bool {
        guard var live = try take(task.execution, &plan) else { return true }
        guard let open = live.execution.openTasks.first(where: { $0.scheduledEvent == task.scheduledEvent }),
            let input = body.input(of: open, task, live)
        else {
            plan.put(live)
            plan.settle(task)
            try closeTask(task, body, &plan, now)
            return true
        }
        let before = isStored ? nil : live
        advance(&live, input, &plan, now)
        if live.isMidState, let before {
            plan.put(before)
            return false
        }
        plan.put(live)
        plan.settle(task)
        if case .childStarted(_, let child) = body, child.hasJob {
            plan.turn.changes.append(
                .changeTask(
                    OpenTaskRecord(
                        execution: task.execution, scheduledEvent: task.scheduledEvent, job: child.id)))
        }
        return true
    }

    /// The outcome of a start whose task is no longer open: what it has started is stopped, and its row goes.
    private mutating func closeTask(
        _ task: TaskID, _ body: Message.Body, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        switch body {
        case .childStarted(_, let child): if child.hasJob { try stopJob(of: task, child.id, &plan, now) }
        case .childRejected:
            plan.turn.changes.append(.closeTask(execution: task.execution, scheduledEvent: task.scheduledEvent))
        case .childClosed, .startChild, .awaitChild, .stopChild: break
        }
    }

    /// Sends to the tasks that wait for them the ends of executions that have closed.
    mutating func informParents(_ plan: inout TurnPlan, _ now: Timestamp) {
        while let id = plan.closedJobs.popLast() {
            guard let live = plan.live[id], live.execution.isClosed, !live.isMidState,
                let tasks = waits?.removeValue(forKey: id)
            else { continue }
            informParents(tasks, live.summary(configuration.limits, plan.wall, isDeleted(live.entry)), &plan, now)
        }
    }

    mutating func informParents(
        _ tasks: [TaskID], _ summary: ExecutionSummary, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        for task in tasks { send(.childClosed(task, summary), to: task.execution, &plan, now) }
    }
}

extension Message.Body {
    /// The task that waits for the effect of a message to another execution.
    fileprivate var waitingTask: TaskID? {
        switch self {
        case .startChild(let start): start.parent
        case .awaitChild(_, let task): task
        case .childStarted, .childRejected, .childClosed, .stopChild: nil
        }
    }

    /// The task whose start the message is the outcome of.
    fileprivate var startedTask: TaskID? {
        switch self {
        case .childStarted(let task, _), .childRejected(let task, _): task
        case .startChild, .awaitChild, .childClosed, .stopChild: nil
        }
    }

    /// What the message is to the execution of the open task; `nil` where it comes too late to change anything.
    fileprivate func input(of open: Frame.OpenTask, _ task: TaskID, _ live: LiveExecution) -> Stimulus? {
        let event = task.scheduledEvent
        let continues = open.scheduled.pattern != .requestResponse
        switch self {
        case .childStarted(_, let child):
            guard open.progress == .scheduled else { return nil }
            let response = NestedStart.result(
                executionARN: child.arn, startDate: child.startDate, requestID: live.requestID(of: open))
            return continues
                ? .taskSubmitted(task: event, output: response) : .taskSucceeded(task: event, output: response)
        case .childRejected(_, let failure):
            return continues && open.progress == .scheduled
                ? .taskSubmitFailed(task: event, failure) : .taskFailed(task: event, failure)
        case .childClosed(_, let summary): return summary.outcome(of: open, event)
        case .startChild, .awaitChild, .stopChild: return nil
        }
    }
}
