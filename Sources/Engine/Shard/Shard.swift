// One shard: live executions and the turn that moves them. No threads, no clock: the engine drives it, and so does the
// simulation.

package import Core
import JSON
import States
package import Storage

/// Plans turns over the executions of some slots. A turn takes what has arrived and moves each execution as far as it
/// goes; nothing of it counts before `committed`. After `failed` the shard remembers nothing and reads the store again.
package struct Shard: ~Copyable {
    let store: any Store
    private let catalog: Catalog
    let configuration: EngineConfiguration
    let quarantined: Quarantine
    let crashRecord: CrashRecord?
    private let slot: CrashRecord.Slot?
    private var resident: [Int64: LiveExecution] = [:]
    /// The sizes of those that wait, in bytes.
    private var sizes: [Int64: Int] = [:]
    private var residentBytes = 0
    /// Executions that are on an evaluation thread, with what has arrived for them since.
    var deferred: [Int64: Deferred] = [:]
    var lastTicket = 0
    var slowMachines = SlowMachines()
    /// Attempts that a failed commit may have ended, by execution: where it has, they are cancelled when the execution
    /// is read again.
    var unsettled: [Int64: Set<Int>] = [:]
    private let slowLimits: Limits
    let index: Int
    let numbers: ExecutionNumbers
    let messageIDs: MessageIDs
    /// Tasks by the execution of this shard that they wait for; `nil` before the store has been read.
    var waits: [Int64: [TaskID]]?

    /// - Parameters:
    ///   - quarantine: shared by all shards of an engine.
    ///   - numbers: shared by all shards of an engine.
    ///   - messageIDs: shared by all shards of an engine.
    ///   - index: the shard's number.
    package init(
        store: any Store, catalog: Catalog, configuration: EngineConfiguration, quarantine: Quarantine = Quarantine(),
        numbers: ExecutionNumbers, messageIDs: MessageIDs, crashRecord: CrashRecord? = nil, index: Int = 0
    ) {
        self.index = index
        self.numbers = numbers
        self.messageIDs = messageIDs

        self.store = store
        self.catalog = catalog
        self.configuration = configuration
        quarantined = quarantine
        self.crashRecord = crashRecord
        slot = crashRecord?.slot(.shard, index)
        var limits = configuration.limits
        limits.evaluation.quickSteps /= 8
        slowLimits = limits
    }

    /// How many executions are in memory.
    package var residentCount: Int { resident.count }

    /// Plans one turn. `now` is by the engine's clock, which the wall clock is `clockOffset` milliseconds ahead of.
    package mutating func turn(_ inputs: [ShardInput], now: Timestamp, clockOffset: Int64 = 0) -> Turn {
        var plan = TurnPlan(
            surroundings: Surroundings(
                tokens: configuration.tokens, activities: catalog.activities.arns,
                deletedMachines: catalog.deletingARNs,
                clockOffset: clockOffset), wall: now.adding(milliseconds: clockOffset), inputs: inputs.count)
        do throws(StoreError) { try readWaits() } catch {
            plan.turn.again = inputs
            plan.turn.readFaults.append(error)
            return plan.turn
        }
        for (index, input) in inputs.enumerated() {
            take(input, &plan, now)
            informParents(&plan, now)
            if plan.isFull(configuration.limits) {
                plan.turn.postponed = Array(inputs[(index + 1)...])
                break
            }
        }
        return finish(&plan, now)
    }

    mutating func take(_ input: ShardInput, _ plan: inout TurnPlan, _ now: Timestamp) {
        let subject = input.subject
        if let id = input.execution {
            if deferred[id] != nil { return hold(input, of: id, &plan, now) }
            if plan.live[id]?.isMidState == true {
                plan.laterInputs[id, default: []].append(input)
                return
            }
        }
        slot?.begin(subject ?? 0)
        defer { slot?.end() }
        let mark = plan.mark
        do throws(StoreError) {
            if let id = input.execution, quarantined.contains(id) {
                return try takeQuarantined(input, id, &plan, now)
            }
            switch input {
            case .start(let command): try start(command, &plan, now)
            case .stop(let command): try stop(command, &plan, now)
            case .redrive(let command): try redrive(command, &plan, now)
            case .report(let report): try take(report, &plan, now)
            case .delivered(let task):
                plan.turn.changes.append(
                    .changeTask(
                        OpenTaskRecord(
                            execution: task.execution, scheduledEvent: task.scheduledEvent, isDelivered: true)))
            case .startChild(let start): try startChild(start, &plan, now)
            case .stopJob(let task): try stopJob(of: task, &plan, now)
            case .message(let message): try take(message, &plan, now)
            case .readMessages(let id, let caller): try readMessages(after: id, caller, &plan, now)
            case .outcome(let execution, let stimulus):
                try stimulate(execution, stimulus, &plan, now)
                plan.settle(execution, stimulus)
            case .wake(let execution, let caller):
                try stimulate(execution, .wake, &plan, now)
                plan.reply(.done, to: caller)
            case .proceed(let execution): try stimulate(execution, .proceed, &plan, now)
            case .redeliver(let execution, let caller):
                try redeliver(execution, &plan)
                plan.reply(.done, to: caller, isRepeated: true)
            case .ping(let caller): plan.reply(.done, to: caller)
            case .advanced(let step): takeBack(step, &plan, now)
            case .dismissWaiters: dismissWaiters(&plan)
            case .release(let command): plan.reply(.done, to: command.replyTo)
            }
            if let id = subject, plan.live[id]?.isMidState == true { plan.holdBack(id, input, since: mark) }
        } catch {
            fault(input, error, &plan, now)
        }
    }

    /// A store that could not be read: the input's caller is told, the rest of the turn goes on. An execution that is
    /// damaged goes into quarantine, and the input is taken again there.
    private mutating func fault(
        _ input: ShardInput, _ error: StoreError, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        if error.code == .corrupt, let id = input.execution, !quarantined.contains(id),
            let record = try? store.execution(id: id), record.status == .running
        {
            quarantine(record, .damaged, error.message, &plan, now)
            return take(input, &plan, now)
        }
        plan.fault(input, error)
    }

    /// Moves an execution, with less time for machines that were slow a short while ago.
    mutating func advance(
        _ live: inout LiveExecution, _ stimulus: Stimulus, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        let isSlow = slowMachines.contains(live.record.revision, now)
        plan.count(live.advance(stimulus, now, plan.surroundings, isSlow ? slowLimits : configuration.limits))
        noteClosed(live, &plan)
    }

    /// Notes an execution that has closed while a task waits for it.
    func noteClosed(_ live: borrowing LiveExecution, _ plan: inout TurnPlan) {
        if live.hasJustClosed, waits?[live.record.id] != nil { plan.closedJobs.append(live.record.id) }
    }

    /// The machine at a revision.
    func entry(revision: Int64) throws(StoreError) -> MachineEntry { try catalog.entry(revision: revision) }

    /// Whether the machine is deleted, or another one has its ARN.
    func isDeleted(_ entry: MachineEntry) -> Bool { catalog.isDeleted(entry) }

    // MARK: - Inputs

    private mutating func start(_ command: StartCommand, _ plan: inout TurnPlan, _ now: Timestamp) throws(StoreError) {
        guard let existing = try existing(command, &plan) else {
            startNew(command, &plan, now)
            // A caller that waits for the end has its reply then.
            if command.isSynchronous { return }
            return plan.reply(
                .started(StartedExecution(arn: command.arn, startDate: plan.wall)), to: command.replyTo)
        }
        if existing.isSameStart {
            return plan.reply(
                .started(StartedExecution(arn: command.arn, startDate: existing.startDate)), to: command.replyTo)
        }
        let error = ServiceError.executionAlreadyExists(command.arn)
        plan.turn.rejected.append((command.entry.type, error))
        plan.reply(.rejected(error), to: command.replyTo)
    }

    /// Starts an execution whose name is free.
    mutating func startNew(_ command: StartCommand, _ plan: inout TurnPlan, _ now: Timestamp) {
        let stimulus = Stimulus.start(
            input: command.input, roleARN: command.entry.revision.roleARN, seed: command.seed, depth: command.depth)
        var live = LiveExecution(starting: command, now: plan.wall)
        advance(&live, stimulus, &plan, now)
        if live.isMidState {
            // What is not in the store has no name there yet: only the start is stored now, and the rest follows.
            live = LiveExecution(starting: command, now: plan.wall)
            plan.count(live.advance(stimulus, now, plan.surroundings, configuration.limits, runs: false))
        }
        if !command.nameIsFresh {
            plan.names[NameKey(machine: command.entry.record.id, name: command.name)] = command.id
        }
        plan.put(live)
        if command.entry.type == .express { plan.turn.started.express += 1 } else { plan.turn.started.standard += 1 }
    }

    /// An execution that has the name of a start.
    struct ExistingExecution {
        var id: Int64
        var startDate: Timestamp
        /// It is running with the input of the start, which counts as the same start again.
        var isSameStart = false
    }

    /// The execution that has the name of a start; `nil` if the name is free. An expired execution frees its name; its
    /// rows are deleted later, in steps.
    func existing(
        _ command: StartCommand, _ plan: inout TurnPlan
    ) throws(StoreError) -> ExistingExecution? {
        if command.nameIsFresh { return nil }
        let known: LiveExecution
        let machine = command.entry.record.id
        if let id = plan.names[NameKey(machine: machine, name: command.name)], let live = plan.live[id] {
            known = live
        } else {
            guard let record = try store.execution(machine: machine, name: command.name) else { return nil }
            if !configuration.isVisible(record, plan.wall) {
                plan.turn.changes.append(.freeName(execution: record.id))
                return nil
            }
            // The history of one that has ended does not matter.
            if record.stopDate != nil || quarantined.contains(record.id) {
                return ExistingExecution(id: record.id, startDate: record.startDate)
            }
            if let live = plan.live[record.id] ?? resident[record.id] ?? deferred[record.id]?.live {
                known = live
            } else {
                known = try load(record)
            }
        }
        return ExistingExecution(
            id: known.record.id, startDate: known.record.startDate,
            isSameStart: !known.execution.isClosed && known.execution.started?.input == command.input)
    }

    private mutating func stop(_ command: StopCommand, _ plan: inout TurnPlan, _ now: Timestamp) throws(StoreError) {
        try stimulate(command.execution, .stop(command.failure), &plan, now)
        guard let live = plan.live[command.execution], let stopDate = live.record.stopDate else {
            return plan.reply(.rejected(.executionDoesNotExist(command.arn)), to: command.replyTo)
        }
        plan.reply(.stopped(stopDate), to: command.replyTo)
    }

    private mutating func stimulate(
        _ id: Int64, _ stimulus: Stimulus, _ plan: inout TurnPlan, _ now: Timestamp
    ) throws(StoreError) {
        guard var live = try take(id, &plan) else { return }
        advance(&live, stimulus, &plan, now)
        plan.put(live)
    }

    private mutating func redeliver(_ id: Int64, _ plan: inout TurnPlan) throws(StoreError) {
        let live = try take(id, &plan)
        let open = Set(live?.execution.openTasks.map(\.scheduledEvent) ?? [])
        for event in (unsettled.removeValue(forKey: id) ?? []).subtracting(open).sorted() {
            plan.turn.effects.append(.cancel(execution: id, scheduledEvent: event, hasJob: false))
        }
        guard let live else { return }
        plan.redelivered[id] = try store.openTasks(of: id)
        plan.put(live)
    }

    // MARK: - Live executions

    /// The execution out of this turn, out of memory or out of the store.
    mutating func take(_ id: Int64, _ plan: inout TurnPlan) throws(StoreError) -> LiveExecution? {
        if let live = plan.live.removeValue(forKey: id) { return live }
        if let live = leave(id) { return live }
        guard let record = try store.execution(id: id) else { return nil }
        var live = try load(record)
        plan.count(loaded: live.execution.heldBytes)
        if plan.surroundings.clockOffset != 0 { live.restartHeartbeats(at: plan.now) }
        return live
    }

    func load(_ record: ExecutionRecord) throws(StoreError) -> LiveExecution {
        try LiveExecution.load(record, entry: catalog.entry(revision: record.revision), store: store)
    }

    private mutating func finish(_ plan: inout TurnPlan, _ now: Timestamp) -> Turn {
        for id in plan.order {
            guard var live = plan.live.removeValue(forKey: id) else { continue }
            slot?.begin(id)
            defer { slot?.end() }
            if live.isMidState {
                deferExecution(live, &plan, now)
                continue
            }
            live.countTransitions(in: &plan.turn.transitions)
            if let logged = live.logged { plan.turn.logged.append(logged) }
            live.noteEnd(in: &plan.turn.closed)
            // One that had nothing to do yet stays a suspect.
            let hasMoved = !live.turnEvents.isEmpty
            if let change = live.takeChange(now) {
                plan.turn.changes.append(change)
                plan.turn.touched.append(id)
                if let wakeAt = live.alarm { plan.turn.wakeAt = min(wakeAt, plan.turn.wakeAt ?? wakeAt) }
            }
            if live.waiter != nil { replyToWaiter(live, &plan) }
            plan.turn.effects += live.takeEffects(redelivering: plan.redelivered[id])
            if live.isDeferred {
                deferExecution(live, &plan, now)
                continue
            }
            if hasMoved { crashRecord?.completed(id) }
            if live.execution.hasWork { plan.turn.unfinished.append(id) }
            keep(live, now)
        }
        return plan.turn
    }

    /// Replies to the caller that waits for an execution that has ended; sees to the timer of one that continues.
    private func replyToWaiter(_ live: LiveExecution, _ plan: inout TurnPlan) {
        if let ended = live.ended {
            plan.reply(.ended(ended), to: live.waiter)
        } else if let wakeAt = live.record.wakeAt, !live.execution.hasWork {
            plan.turn.wakesInMemory.append((live.record.id, wakeAt))
        }
    }

    /// Keeps an execution in memory that something will happen to soon, or that is nowhere else.
    private mutating func keep(_ live: LiveExecution, _ now: Timestamp) {
        guard !live.execution.isClosed else { return }
        if live.waiter != nil { return stay(live) }
        let hasWork = live.execution.hasWork
        let isBusy = hasWork || !live.execution.openTasks.isEmpty
        let isSoon = live.record.wakeAt.map { $0 < now.adding(milliseconds: configuration.evictAfter) } ?? false
        guard isBusy || isSoon, resident.count < configuration.residentExecutions else { return }
        // One that goes on at once is not to be loaded for each of its turns.
        if hasWork { return stay(live) }
        let bytes = live.execution.heldBytes
        if residentBytes + bytes <= configuration.limits.turn.residentBytes / configuration.shards {
            stay(live, bytes)
        }
    }

    private mutating func stay(_ live: LiveExecution, _ bytes: Int = 0) {
        resident[live.record.id] = live
        if bytes > 0 {
            sizes[live.record.id] = bytes
            residentBytes += bytes
        }
    }

    /// Takes an execution out of those in memory; `nil` where it is not among them.
    private mutating func leave(_ id: Int64) -> LiveExecution? {
        guard let live = resident.removeValue(forKey: id) else { return nil }
        if let bytes = sizes.removeValue(forKey: id) { residentBytes -= bytes }
        return live
    }

    // MARK: - After the commit

    /// The turn's changes are stored: returns its replies, and the executions that have to continue. `again` and
    /// `postponed` are the caller's.
    package func committed(_ turn: Turn) -> TurnEnd {
        for execution in turn.released { quarantined.remove(execution) }
        var inputs = turn.continuations + turn.unfinished.map { ShardInput.proceed(execution: $0) }
        // Messages to an execution in quarantine have stayed in the store.
        if !turn.released.isEmpty { inputs.append(.readMessages(after: 0, nil)) }
        return TurnEnd(replies: turn.replies, inputs: inputs)
    }

    /// The turn's changes may or may not be stored. Memory is discarded; what the turn touched is read again, and its
    /// tasks dispatched again: the same way as at a start. Outcomes come first, so that what they close stays in.
    package mutating func failed(_ turn: Turn, _ inputs: [ShardInput], _ error: StoreError) -> TurnEnd {
        for entry in turn.quarantined { quarantined.remove(entry.execution) }
        let unsettled = noteUnsettled(turn)
        let held = discardDeferred(error)
        waits = nil
        let taken = inputs.dropLast(turn.postponed.count)
        return TurnEnd(
            replies: held.replies + abandon(error.asServiceError)
                + turn.replies.compactMap { $0.afterFailure(error) },
            inputs: taken.compactMap(\.repeated) + held.inputs + [.readMessages(after: 0, nil)]
                + turn.unfinished.map { .proceed(execution: $0) }
                + (turn.touched + unsettled).map { .redeliver(execution: $0, nil) })
    }

    /// Notes the attempts that a failed turn has ended, or whose executions are discarded with their callers. Returns
    /// the executions of those that the turn has not changed.
    private mutating func noteUnsettled(_ turn: Turn) -> [Int64] {
        var noted: Set<Int64> = []
        for effect in turn.effects {
            switch effect {
            case .settled(let execution, let event), .cancel(let execution, let event, _):
                unsettled[execution, default: []].insert(event)
                noted.insert(execution)
            case .run, .closed: break
            }
        }
        for live in Array(resident.values) + deferred.values.map(\.live) where live.waiter != nil {
            unsettled[live.record.id, default: []].formUnion(live.execution.openTasks.map(\.scheduledEvent))
            noted.insert(live.record.id)
        }
        return noted.subtracting(turn.touched).sorted()
    }
}

extension Shard {
    /// Ends the executions that somebody waits for: they are in no store, and the process is about to stop.
    private mutating func dismissWaiters(_ plan: inout TurnPlan) {
        let waiting =
            resident.values.filter { $0.waiter != nil } + deferred.values.map(\.live).filter { $0.waiter != nil }
        for live in waiting.sorted(by: { $0.record.id < $1.record.id }) {
            _ = leave(live.record.id)
            deferred.removeValue(forKey: live.record.id)?.cancellation.cancel()
            plan.reply(.rejected(.shuttingDown), to: live.waiter)
        }
    }

    /// Discards what is in memory. Returns the replies to callers that wait for the end of an execution that is nowhere
    /// else.
    mutating func abandon(_ reason: ServiceError) -> [TurnReply] {
        let waiting = resident.values.filter { $0.waiter != nil }.sorted { $0.record.id < $1.record.id }
        let replies = waiting.compactMap { live in
            live.waiter.map { TurnReply(to: $0, reply: .rejected(reason)) }
        }
        resident = [:]
        sizes = [:]
        residentBytes = 0
        return replies + discardDeferred(StoreError(.failed, reason.message)).replies
    }
}

extension LiveExecution {
    /// The execution as its waiter gets it, `nil` while it runs.
    fileprivate var ended: SyncExecution? {
        guard execution.isClosed, let started = execution.started else { return nil }
        return SyncExecution(
            arn: execution.identity.arn, name: execution.identity.name, entry: entry, input: started.input,
            startDate: record.startDate, stopDate: record.stopDate ?? execution.lastEventTime,
            outcome: execution.status, traceHeader: record.traceHeader)
    }
}

extension StoreError {
    /// What a client is told. The store's own words are for the log.
    var asServiceError: ServiceError {
        if code == .full {
            return .unavailable("The server's disk is full, and the request was not stored. Try again later.")
        }
        return .unavailable("The request could not be stored; whether it took effect is not known. Try again.")
    }
}
