// Executions that tasks of other executions have started: `arn:aws:states:::states:startExecution` with its patterns.

import Core
import Integrations
import JSON
import States
import Storage

extension Shard {
    // MARK: - Starts

    /// Starts an execution for a task of this shard. The new execution, or the message that asks another shard for it,
    /// and what the task's execution makes of it are one commit: a task that is still only scheduled has started
    /// nothing.
    mutating func startChild(
        _ start: ChildStart, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        let task = start.parent
        guard let live = try take(task.execution, &plan) else { return }
        plan.put(live)
        let open = live.execution.openTasks.first { $0.scheduledEvent == task.scheduledEvent }
        guard open?.progress == .scheduled else { return plan.settle(task) }
        if start.isRepeated, try isRequested(task) { return }
        guard owns(slot: start.slot) else {
            plan.turn.changes.append(
                .changeTask(
                    OpenTaskRecord(
                        execution: task.execution, scheduledEvent: task.scheduledEvent, isDelivered: true)))
            return store(.startChild(start), to: start.slot, &plan)
        }
        do throws(StoreError) { try startRequestedChild(start, &plan, now) } catch {
            // The rows of an execution with that name are damaged, and not those of the task's own.
            guard error.code == .corrupt else { throw error }
            plan.turn.readFaults.append(error)
            reject(start, .unreadable(error), &plan, now)
        }
    }

    /// Whether the start that a task asks for, or what has come of it, is a message already.
    private func isRequested(_ task: TaskID) throws(StoreError) -> Bool {
        try store.openTask(execution: task.execution, scheduledEvent: task.scheduledEvent)?.isDelivered == true
    }

    /// Starts the execution, or finds the one of that name, and sends the task what has come of it.
    mutating func startRequestedChild(
        _ start: ChildStart, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        var command = start.command
        let parent = start.parent.execution
        guard let existing = try existing(command, &plan) else {
            guard let id = numbers.next(in: start.slot) else { return reject(start, .numbersEnded, &plan, now) }
            command.id = id
            if start.hasJob { waits?[command.id] = [start.parent] }
            startNew(command, &plan, now)
            let child = StartedChild(id: command.id, arn: command.arn, startDate: plan.wall, hasJob: start.hasJob)
            return send(.childStarted(start.parent, child), to: parent, &plan, now)
        }
        guard existing.isSameStart || start.adoptsExisting else {
            return reject(start, .executionAlreadyExists(command.arn), &plan, now)
        }
        // Read before anything is changed: an input that meets an error of the store is taken again as a whole.
        let job = start.hasJob ? try job(existing.id, plan) : nil
        let child = StartedChild(
            id: existing.id, arn: command.arn, startDate: existing.startDate, hasJob: start.hasJob)
        send(.childStarted(start.parent, child), to: parent, &plan, now)
        if let job { wait(for: job, existing.id, start.parent, &plan, now) }
    }

    private mutating func reject(
        _ start: ChildStart, _ error: ServiceError, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        plan.turn.rejected.append((start.command.entry.type, error))
        let failure = NestedStart.failure(error, requestID: start.requestID)
        send(.childRejected(start.parent, failure), to: start.parent.execution, &plan, now)
    }

    // MARK: - Ends

    /// Lets a task wait for the end of an execution of this shard; one that has closed is reported at once.
    mutating func awaitChild(
        _ child: Int64, _ task: TaskID, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        wait(for: try job(child, plan), child, task, &plan, now)
    }

    /// What an execution is to a task that begins to wait for it.
    private enum Job {
        case running
        case closed(ExecutionSummary)
        case missing
    }

    private func job(_ child: Int64, _ plan: borrowing TurnPlan) throws(StoreError) -> Job {
        let planned = plan.live[child]
        let stored: ExecutionRecord? = if let planned { planned.record } else { try store.execution(id: child) }
        guard let record = stored else { return .missing }
        if record.stopDate == nil { return .running }
        let live: LiveExecution = if let planned { planned } else { try load(record) }
        return .closed(live.summary(configuration.limits, plan.wall, isDeleted(live.entry)))
    }

    private mutating func wait(
        for job: Job, _ child: Int64, _ task: TaskID, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        switch job {
        case .running: if waits?[child]?.contains(task) != true { waits?[child, default: []].append(task) }
        case .closed(let summary): send(.childClosed(task, summary), to: task.execution, &plan, now)
        case .missing:
            let failure = Failure(error: ErrorName.taskFailed, cause: "Execution Does Not Exist")
            send(.childRejected(task, failure), to: task.execution, &plan, now)
        }
    }

    /// Stops an execution of this shard that its task no longer waits for.
    mutating func stopChild(
        _ child: Int64, _ task: TaskID, _ cause: String, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        waits?[child]?.removeAll { $0 == task }
        if waits?[child]?.isEmpty == true { waits?[child] = nil }
        guard var live = try take(child, &plan) else { return }
        if !live.execution.isClosed { advance(&live, .stop(Failure(cause: cause)), &plan, now) }
        plan.put(live)
    }

    /// A task with a job is no longer waited for: its job is stopped, and its row goes with the same commit. Where the
    /// start of the job is still a message the row stays until that has been taken.
    mutating func stopJob(of task: TaskID, _ plan: inout TurnPlan, _ now: Timestamp) throws(StoreError) {
        let row = try store.openTask(execution: task.execution, scheduledEvent: task.scheduledEvent)
        guard let row, !row.isDelivered || row.job != nil else { return }
        try stopJob(of: task, row.job, &plan, now)
    }

    mutating func stopJob(
        of task: TaskID, _ job: Int64?, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        if let job, let record = try store.execution(id: task.execution) {
            let parent = try entry(revision: record.revision).executionARN(record.name)
            let cause = """
                The Task state in AWS Step Functions execution [\(parent)] which was managing this resource was aborted
                """
            send(.stopChild(job, parent: task, cause: cause), to: job, &plan, now)
        }
        plan.turn.changes.append(.closeTask(execution: task.execution, scheduledEvent: task.scheduledEvent))
    }

    // MARK: - Waits

    /// Reads from the store which tasks wait for executions of this shard, where a failed commit or the start of the
    /// process has left that open.
    mutating func readWaits() throws(StoreError) {
        if waits != nil { return }
        // First the messages: the turn that takes one in the meantime has written the row of its task by then.
        var found = try startedJobs()
        var after: OpenTaskRecord?
        let limit = Limits.Store.maximumRowsPerRead
        while true {
            let page = try store.openTasksWithJob(after: after, limit: limit)
            for row in page {
                guard let job = row.job, owns(job) else { continue }
                let task = TaskID(execution: row.execution, scheduledEvent: row.scheduledEvent)
                if found[job]?.contains(task) != true { found[job, default: []].append(task) }
            }
            guard page.count == limit, let last = page.last else { break }
            after = last
        }
        waits = found
    }

    /// The tasks that have not taken the message that their job has started, by the job: their rows do not have it.
    private func startedJobs() throws(StoreError) -> [Int64: [TaskID]] {
        var found: [Int64: [TaskID]] = [:]
        let limit = Limits.Store.maximumMessagesPerRead
        var last: Int64 = 0
        while true {
            let page = try store.messages(to: Set(0..<Int64(Slot.count)), after: last, limit: limit)
            for case .some((let task, let job)) in page.map(MessageCoding.startedJob) where owns(job) {
                found[job, default: []].append(task)
            }
            guard page.count == limit, let record = page.last else { return found }
            last = record.id
        }
    }
}

extension LiveExecution {
    /// A UUID that the attempt of an open task has, however often it is dispatched.
    func requestID(of open: Frame.OpenTask) -> String {
        TaskInvocation(
            execution: record.id, executionARN: execution.identity.arn, scheduledEvent: open.scheduledEvent,
            scheduled: open.scheduled
        ).uuid
    }

    /// The execution, which has closed, as a task that waits for it sees it.
    func summary(_ limits: Limits, _ now: Timestamp, _ isDeleted: Bool) -> ExecutionSummary {
        var record = record
        // The record has the status of the end of the last turn.
        record.status = execution.status.recorded
        return record.summary(entry, input: execution.started?.input.text, execution.status, limits, now, isDeleted)
    }
}

extension ExecutionRecord {
    func summary(
        _ entry: MachineEntry, input: String?, _ outcome: Execution.Status, _ limits: Limits, _ now: Timestamp,
        _ isDeleted: Bool
    ) -> ExecutionSummary {
        ExecutionSummary(
            arn: entry.executionARN(name), name: name, machineARN: entry.record.arn, input: input, outcome: outcome,
            startDate: startDate, stopDate: stopDate ?? now, redriveCount: redriveCount, redriveDate: redriveDate,
            reasonAgainstRedrive: reasonAgainstRedrive(now: now, limits: limits)
                ?? (isDeleted ? RedriveStatus.machineIsDeleting : nil))
    }
}
