// An execution in memory, with what the turn has done to it so far.

import Core
package import States
package import Storage

struct LiveExecution: Sendable {
    var execution: Execution
    var record: ExecutionRecord
    let entry: MachineEntry
    /// Who waits for the end: StartSyncExecution's caller. Such an execution is kept in memory only.
    let waiter: ReplyTo?
    /// Its next state needs an evaluation thread.
    private(set) var isDeferred = false
    /// Its events end in the middle of a state: they are stored with those of its next call.
    private(set) var isMidState = false
    /// The turn has closed the execution, and that has not been noted yet (`ClosedExecutions`).
    var hasJustClosed = false
    private var isNew: Bool
    private var events: [JournalRecord] = []
    private var effects: [TaskEffect] = []
    private var opened: [Int] = []
    private var closed: [Int] = []

    /// An execution that is about to start.
    init(starting command: StartCommand, now: Timestamp) {
        entry = command.entry
        waiter = command.isSynchronous ? command.replyTo : nil
        isNew = true
        record = ExecutionRecord(
            id: command.id, machine: command.entry.record.id, revision: command.entry.revision.id, name: command.name,
            status: .running, startDate: now, lastEventID: 0, traceHeader: command.traceHeader,
            version: command.version, alias: command.alias)
        execution = Execution(
            Self.identity(record, command.entry, arn: command.arn, isSynchronous: command.isSynchronous))
    }

    private init(_ record: ExecutionRecord, _ entry: MachineEntry, _ execution: Execution) {
        self.record = record
        self.entry = entry
        self.execution = execution
        waiter = nil
        isNew = false
    }

    /// Folds a stored execution.
    static func load(
        _ record: ExecutionRecord, entry: MachineEntry, store: any Store
    ) throws(StoreError) -> LiveExecution {
        var execution = Execution(identity(record, entry, arn: entry.executionARN(record.name)))
        var from = 1
        while from <= record.lastEventID {
            let rows = try store.events(
                execution: record.id, from: from, through: record.lastEventID,
                limit: Limits.Store.maximumRowsPerRead)
            guard let last = rows.last?.lastID else { throw gap(record, from) }
            for row in rows {
                guard row.firstID == from else { throw gap(record, from) }
                for event in try row.events() { execution.apply(event) }
                from = row.lastID + 1
            }
            assert(from == last + 1)
        }
        if let mismatch = execution.mismatch(with: entry.machine) {
            throw StoreError(.corrupt, "execution \(record.id): \(mismatch)")
        }
        // Heartbeats are no events: they stand with the open tasks.
        if execution.openTasks.contains(where: { $0.scheduled.heartbeatSeconds != nil }) {
            for task in try store.openTasks(of: record.id) {
                if let heartbeat = task.heartbeat { execution.heard(of: task.scheduledEvent, at: heartbeat) }
            }
        }
        return LiveExecution(record, entry, execution)
    }

    /// Begins the heartbeat clocks of the open tasks anew: after a jump of the wall clock the times of the events say
    /// nothing about them.
    mutating func restartHeartbeats(at now: Timestamp) {
        for task in execution.openTasks where task.heartbeatDeadline != nil {
            execution.heard(of: task.scheduledEvent, at: now)
        }
    }

    private static func gap(_ record: ExecutionRecord, _ from: Int) -> StoreError {
        StoreError(.corrupt, "execution \(record.id): event \(from) of \(record.lastEventID) is not in the store")
    }

    private static func identity(
        _ record: ExecutionRecord, _ entry: MachineEntry, arn: String, isSynchronous: Bool = false
    ) -> Execution.Identity {
        Execution.Identity(
            id: record.id, arn: arn, name: entry.executionName(record.name), machineARN: entry.record.arn,
            machineName: entry.record.name, isSynchronous: isSynchronous)
    }

    /// Moves the execution and notes what came of it.
    mutating func advance(
        _ stimulus: Stimulus, _ now: Timestamp, _ surroundings: Surroundings, _ limits: Limits,
        _ patience: Patience = .quick, runs: Bool = true
    ) -> Advance {
        var limits = limits
        // AWS bounds the history of a Standard execution alone; the store bounds both.
        if entry.type == .express { limits.language.historyEvents = Limits.Store.maximumEventID }
        limits.language.historyEvents = min(limits.language.historyEvents, Limits.Store.maximumEventID)
        let done = States.advance(
            &execution, stimulus, machine: entry.machine, now: now, surroundings: surroundings, limits: limits,
            patience: patience, runs: runs)
        isDeferred = done.needsPatience
        isMidState = done.isMidState
        events.append(contentsOf: done.events)
        for effect in done.effects { note(effect) }
        if execution.redrives.count > record.redriveCount {
            record.redriveCount = execution.redrives.count
            record.redriveDate = execution.redrives.last?.time
            record.stopDate = nil
        }
        if execution.isClosed, record.stopDate == nil {
            record.stopDate = execution.lastEventTime
            hasJustClosed = true
        }
        return done
    }

    private mutating func note(_ effect: Effect) {
        switch effect {
        case .runTask(let invocation):
            effects.append(.run(invocation))
            opened.append(invocation.scheduledEvent)
        case .cancelTask(let task, let hasJob):
            effects.append(.cancel(execution: record.id, scheduledEvent: task, hasJob: hasJob))
            if !hasJob { close(task) }
        case .taskDone(let task): close(task)
        case .closed: effects.append(.closed(execution: record.id))
        }
    }

    private mutating func close(_ task: Int) {
        if let position = opened.firstIndex(of: task) {
            opened.remove(at: position)
        } else if !closed.contains(task) {
            closed.append(task)
        }
    }

    /// While an execution is on an evaluation thread, its row is due that much later.
    static let deferredMilliseconds: Int64 = 5_000

    /// What the turn has done so far.
    var turnEvents: [JournalRecord] { events }

    /// Adds the states that the turn has entered, in the order of `StateType.allCases`.
    func countTransitions(in counts: inout [Int]) {
        for event in events {
            if case .stateEntered(let entered) = event.kind { counts[entered.type.index] += 1 }
        }
    }

    /// The events of the turn that are to be logged.
    var logged: LoggedEvents? {
        guard entry.logging.level != .off, !events.isEmpty else { return nil }
        return LoggedEvents(
            entry: entry, executionARN: execution.identity.arn, redriveCount: execution.redrives.count,
            version: record.version, alias: record.alias, events: events)
    }

    /// What the turn has to write of this execution; `nil` when nothing happened, or nothing that is kept.
    ///
    /// An Express execution stands in the store while it runs, so that it survives the process, and is gone behind its
    /// end; one that ends in its first turn is never written, one with a waiter neither.
    mutating func takeChange(_ now: Timestamp) -> Change? {
        guard let turn = takeTurn(now), waiter == nil else { return nil }
        guard entry.type == .express, execution.isClosed else { return .turn(turn) }
        return turn.isNew ? nil : .deleteExecution(id: record.id)
    }

    /// When the alarm must wake the execution. One that has work continues by itself: its row is due only so that the
    /// next start of the process finds it.
    var alarm: Timestamp? { execution.hasWork && !isDeferred ? execution.nextWake : record.wakeAt }

    private mutating func takeTurn(_ now: Timestamp) -> ExecutionTurn? {
        var wakeAt = execution.hasWork ? now : execution.nextWake
        // While it is deferred its timer is for the end of this process, and for the machine's TimeoutSeconds.
        if isDeferred {
            let resumption = now.adding(milliseconds: Self.deferredMilliseconds)
            wakeAt = min(resumption, execution.started?.deadline ?? resumption)
        }
        guard !events.isEmpty || wakeAt != record.wakeAt else { return nil }
        record.wakeAt = wakeAt
        record.lastEventID = execution.lastEventID
        record.status = execution.status.recorded
        let row = events.first.map { first in
            EventsRecord(
                execution: record.id, firstID: first.id, lastID: execution.lastEventID,
                body: RecordCoding.encode(events))
        }
        let change = ExecutionTurn(
            execution: record, isNew: isNew, events: row, openedTasks: opened, closedTasks: closed)
        isNew = false
        events = []
        opened = []
        return change
    }

    /// What the turn has to do outside; with `redelivering` (what the store knows of the open tasks) every open task is
    /// let out, not only what the turn opened.
    mutating func takeEffects(redelivering tasks: [OpenTaskRecord]?) -> [TaskEffect] {
        defer {
            effects = []
            closed = []
        }
        guard let tasks else { return effects }
        let kept = effects.filter { if case .run = $0 { false } else { true } }
        let open = execution.openTasks
        let delivered = Set(tasks.filter { $0.isDelivered || $0.job != nil }.map(\.scheduledEvent))
        let again = open.filter { $0.isDispatched(isDelivered: delivered.contains($0.scheduledEvent)) }
        // A row that is neither open nor closed by this turn: its job is still to be stopped.
        let waited = Set(open.map(\.scheduledEvent)).union(closed)
        let jobs = tasks.filter { !waited.contains($0.scheduledEvent) }.map { task in
            TaskEffect.cancel(execution: record.id, scheduledEvent: task.scheduledEvent, hasJob: true)
        }
        return kept + jobs + again.map { .run(invocation(of: $0)) }
    }

    private func invocation(of task: Frame.OpenTask) -> TaskInvocation {
        TaskInvocation(
            execution: record.id, executionARN: execution.identity.arn, scheduledEvent: task.scheduledEvent,
            scheduled: task.scheduled, progress: task.progress, isRedelivery: true,
            depth: execution.started?.depth ?? 0)
    }
}

extension Frame.OpenTask {
    /// Whether the task is to be dispatched again: not when a worker has it, or when a message, a job or a token is
    /// waited for.
    fileprivate func isDispatched(isDelivered: Bool) -> Bool {
        switch progress {
        case .scheduled, .taken: !isDelivered
        case .submitted: false
        }
    }
}

/// `arn:…:execution:MACHINE:NAME`, or `arn:…:express:MACHINE:NAME:UUID`.
package enum ExecutionARN {
    package static func make(_ machineARN: String, _ name: String, _ type: MachineType = .standard) -> String {
        let fields = machineARN.fields(by: ":", most: 7)
        let resource = type == .express ? "express" : "execution"
        return fields[..<5].joined(separator: ":") + ":\(resource):\(fields[6]):\(name)"
    }
}

extension Execution.Status {
    var recorded: ExecutionStatus {
        switch self {
        case .created, .running: .running
        case .succeeded: .succeeded
        case .failed: .failed
        case .aborted: .aborted
        case .timedOut: .timedOut
        }
    }
}

extension EventsRecord {
    /// The row's events.
    package func events() throws(StoreError) -> [JournalRecord] {
        do throws(RecordCodingError) { return try RecordCoding.decode(body) } catch {
            throw StoreError(.corrupt, "events \(firstID) to \(lastID) of execution \(execution): \(error.reason)")
        }
    }
}
