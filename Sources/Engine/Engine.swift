// The engine: shards, the one writer, tasks out and outcomes in, timers, recovery.

import JSON
package import Core
package import Logging
import Metrics
import States
package import Storage
import Synchronization
import System

/// Calls its completion at the last of a number of steps.
final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let completion: @Sendable () -> Void

    /// Of no steps the completion is called at once.
    init(_ steps: Int, completion: @escaping @Sendable () -> Void) {
        left = Atomic(steps)
        self.completion = completion
        if steps == 0 { completion() }
    }

    func step() { if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { completion() } }
}

/// Runs executions. Made by `Engine.open`, which recovers what was in flight; then safe to call from anywhere.
package final class Engine: Sendable {
    package let configuration: EngineConfiguration
    package let catalog: Catalog
    let store: any Store
    let runtime: Runtime
    let replies: PendingReplies
    private let time: EngineClock
    let logger: Logger
    let committer: Committer
    let readers: ReaderLanes
    /// Changes of the catalog, one after the other.
    let catalogGate = AsyncGate()
    /// A change of the catalog was refused, and may be stored all the same.
    let catalogIsStale = Atomic(false)
    let nextIDs: Mutex<HighestIDs>
    let numbers: ExecutionNumbers
    /// The highest number of an execution that the store held when it was opened.
    private let numberAtStart: Int64
    private let messageIDs: MessageIDs
    let nestedStarts: NestedStartRate
    let queues: ActivityQueues
    package let quarantine: Quarantine
    /// Evaluations that clients wait for.
    package let evaluations: ClientEvaluations
    private let evaluationLanes: EvaluationLanes
    let crashRecord: CrashRecord?
    private let parts = Mutex<Parts?>(nil)
    private let draining = Atomic(false)
    /// The last execution number has been given and a start was refused for it.
    private let numbersEnded = Atomic(false)
    private let hasResumed = Atomic(false)
    private let recoveryIsCancelled = Atomic(false)
    private let isDismissing = Atomic(false)
    private let syncCallers = Atomic(0)
    let epoch: Epoch
    private let executionLog: @Sendable ([LoggedEvents]) -> Void
    private let executionsClosed: @Sendable (ClosedExecutions) -> Void
    let metrics = EngineMetrics()
    private let taskMetrics = TaskMetrics()

    private struct Parts: Sendable {
        var loops: [ShardLoop]
        var dispatcher: Dispatcher
        var runner: any TaskRunner
        var alarm: Alarm
    }

    private init(
        store: any Store, epoch: Epoch, ids: HighestIDs, quarantined: [QuarantineRecord], crashRecord: CrashRecord?,
        configuration: EngineConfiguration, runtime: Runtime, logger: Logger,
        executionLog: @escaping @Sendable ([LoggedEvents]) -> Void,
        executionsClosed: @escaping @Sendable (ClosedExecutions) -> Void,
        fatal: @escaping @Sendable (StoreError) -> Void
    ) {
        self.executionLog = executionLog
        self.executionsClosed = executionsClosed
        self.epoch = epoch
        self.store = store
        self.configuration = configuration
        self.runtime = runtime
        replies = PendingReplies(clock: runtime.clock)
        time = EngineClock(runtime.clock, crashRecord: crashRecord, logger: logger)
        self.logger = logger
        catalog = Catalog(store: store, limits: configuration.limits)
        committer = Committer(store: store, epoch: epoch, runtime: runtime, logger: logger, fatal: fatal)
        readers = ReaderLanes(width: 2, runtime: runtime)
        evaluationLanes = EvaluationLanes(0..<2, executor: runtime.executor)
        quarantine = Quarantine(quarantined)
        evaluations = ClientEvaluations(crashRecord: crashRecord, executor: runtime.executor)
        self.crashRecord = crashRecord
        nextIDs = Mutex(ids)
        messageIDs = MessageIDs(after: ids.message)
        nestedStarts = NestedStartRate(configuration.nestedStarts)
        numbers = ExecutionNumbers(after: ids.execution)
        numberAtStart = numbers.newest
        queues = ActivityQueues(
            tokens: configuration.tokens, mostPollers: configuration.limits.api.activityPollers,
            pollMilliseconds: configuration.activityPollTime, runtime: runtime, replies: replies)
    }

    /// Takes the store, loads the machines and continues everything in flight. The completion gets the engine when that
    /// is done; after an end of the process in the middle of its work it gets it at once, and `resume` does the rest.
    ///
    /// `executionLog` gets the events of executions whose machines want them logged, once they are safe; it must not
    /// block, nor may `executionsClosed`, which gets the ends of all executions. Jumps of the runtime's wall clock do
    /// not move deadlines. `fatal` is called when the store fails for good: the process is to end and recover at its
    /// next start.
    package static func open(
        store: any Store, runner: any TaskRunner, configuration: EngineConfiguration = EngineConfiguration(),
        crashRecord: CrashRecord? = nil, runtime: Runtime = .system(), logger: Logger,
        executionLog: @escaping @Sendable ([LoggedEvents]) -> Void = { _ in },
        executionsClosed: @escaping @Sendable (ClosedExecutions) -> Void = { _ in },
        fatal: @escaping @Sendable (StoreError) -> Void,
        completion: @escaping @Sendable (Result<Engine, StoreError>) -> Void
    ) {
        do throws(StoreError) {
            let epoch = try store.claim()
            let engine = Engine(
                store: store, epoch: epoch, ids: try store.highestIDs(), quarantined: try store.quarantined(),
                crashRecord: crashRecord, configuration: configuration, runtime: runtime, logger: logger,
                executionLog: executionLog, executionsClosed: executionsClosed, fatal: fatal)
            engine.sayWhatIsLeft()
            try engine.catalog.load()
            engine.assemble(runner)
            engine.reportPreviousEnd()
            if crashRecord?.previous.isSuspicious == true { return completion(.success(engine)) }
            engine.resume { completion($0.map { engine }) }
        } catch {
            completion(.failure(error))
        }
    }

    /// Continues everything in flight, where `open` has not: once the listeners are open, so that an execution that
    /// ends the process again cannot keep it from serving. Does nothing the second time.
    package func resume(_ completion: @escaping @Sendable (Result<Void, StoreError>) -> Void) {
        guard !hasResumed.exchange(true, ordering: .relaxed) else { return completion(.success(())) }
        let began = clock()
        advance(suspects: crashRecord?.suspected[...] ?? []) { [self] in
            readMessages { [self] in
                recover(after: nil, count: 0) { [self] result in
                    if case .success(let executions) = result { recovered(executions, since: began) }
                    completion(result.map { _ in })
                }
            }
        }
    }

    /// Ends `resume` early: the process is to stop.
    package func cancelRecovery() { recoveryIsCancelled.store(true, ordering: .relaxed) }

    private func recovered(_ executions: Int, since began: Timestamp) {
        Timer(label: MetricName.recoveryDuration.rawValue).recordMilliseconds(clock().milliseconds - began.milliseconds)
        alarm?.start()
        expireReplies()
        if crashRecord?.previous.isSuspicious == true { alarm?.wakeEarly(by: LiveExecution.deferredMilliseconds) }
        logger.info("Recovered", metadata: ["executions": "\(executions)", "epoch": "\(epoch.value)"])
    }

    /// Every few seconds, until the engine drains.
    private func expireReplies() {
        runtime.executor.run(on: .background, after: 5_000) { [weak self] in
            guard let self, !isDraining else { return }
            replies.expire()
            expireReplies()
        }
    }

    private func assemble(_ runner: any TaskRunner) {
        queues.connect { [weak self] report in
            self?.post(.report(report), to: report.task.execution)
        }
        let dispatcher = Dispatcher(
            runner: runner, clock: runtime.clock, metrics: taskMetrics,
            own: { [weak self] invocation, done in self?.runOwn(invocation, done) ?? false },
            cancelOwn: { [weak self] task, hasJob in
                self?.queues.withdraw(task)
                if hasJob { self?.post(.stopJob(task), to: task.execution) }
            },
            closed: { [weak self] _ in self?.finishDeletions() },
            outcome: { [weak self] execution, stimulus in
                self?.post(.outcome(execution: execution, stimulus: stimulus), to: execution)
            })
        let time = time
        let alarm = Alarm(
            store: store, executor: runtime.executor, clock: time,
            batch: configuration.limits.turn.maximumWakeUps, logger: logger, replies: replies
        ) { [weak self] execution, caller in self?.post(.wake(execution: execution, caller), to: execution) }
        time.onJump { [weak alarm] jump in alarm?.wakeEarly(by: jump) }
        let (executionLog, executionsClosed) = (executionLog, executionsClosed)
        let loops = (0..<configuration.shards).map { index in
            let slot = crashRecord?.slot(.shard, index)
            return ShardLoop(
                index: index,
                shard: Shard(
                    store: store, catalog: catalog, configuration: configuration, quarantine: quarantine,
                    numbers: numbers, messageIDs: messageIDs, crashRecord: crashRecord, index: index),
                committer: committer, clock: time, runtime: runtime, replies: replies, configuration: configuration,
                metrics: metrics, logger: logger,
                evaluate: { [weak self] step in self?.evaluate(step) },
                deliver: { [weak self] messages in
                    for message in messages { self?.post(.message(message), to: message.slot) }
                },
                effects: { [weak self] turn in
                    if let wakeAt = turn.wakeAt { alarm.consider(wakeAt) }
                    for effect in turn.effects {
                        // A task is not to fail because the process stops: the next start dispatches it.
                        if case .run = effect, self?.isDraining != false { continue }
                        slot?.begin(effect.execution)
                        dispatcher.perform(effect)
                        slot?.end()
                    }
                    for entry in turn.quarantined { self?.log(entry) }
                    if !turn.logged.isEmpty { executionLog(turn.logged) }
                    if !turn.closed.isEmpty { executionsClosed(turn.closed) }
                })
        }
        parts.withLock { $0 = Parts(loops: loops, dispatcher: dispatcher, runner: runner, alarm: alarm) }
    }

    private var alarm: Alarm? { parts.withLock { $0?.alarm } }
    var runner: (any TaskRunner)? { parts.withLock { $0?.runner } }

    /// How many tasks are out.
    package var tasksOut: Int { parts.withLock { $0?.dispatcher.count ?? 0 } }

    /// How many callers wait for replies, those within the engine included.
    package var pendingReplies: Int { replies.count }

    /// How full the engine is now: for gauges that are read once a second.
    package var load: EngineLoad {
        let shards = parts.withLock { $0?.loops ?? [] }.map { $0.load() }
        let activities = queues.load
        return EngineLoad(
            commandsQueued: shards.map(\.queued), residentExecutions: shards.compactMap(\.resident).reduce(0, +),
            tasksInFlight: tasksOut, pollers: activities.pollers, activityTasks: activities.tasks)
    }

    private func loop(of execution: Int64) -> ShardLoop? {
        parts.withLock { $0.map { $0.loops[Int(Slot.of(execution: execution)) % $0.loops.count] } }
    }

    /// The time by the wall clock.
    func clock() -> Timestamp { runtime.clock.now() }

    /// Runs a deferred execution on an evaluation lane, and posts it to its shard.
    private func evaluate(_ step: SlowAdvance) {
        evaluationLanes.submit(step.isLong ? .long : .short, key: step.machine) { [weak self] lane in
            guard let self else { return }
            let slot = crashRecord?.slot(.evaluation, lane)
            slot?.begin(step.execution)
            let now = time.read()
            let outcome = step.run(now: now.engine, clockOffset: now.offset, limits: configuration.limits, store: store)
            slot?.end()
            switch outcome {
            case .advanced(let done): post(.advanced(done), to: done.execution)
            case .again(let step): evaluate(step)
            case .cancelled: break
            }
        }
    }

    func post(_ input: ShardInput, to execution: Int64) { loop(of: execution)?.post(input) }

    // MARK: - Recovery

    /// Starts every open task that was there at the start again, in pages. The completion gets the number of executions
    /// when all tasks are on their way, or the process is to stop.
    private func recover(
        after: OpenTaskRecord?, count: Int, _ completion: @escaping @Sendable (Result<Int, StoreError>) -> Void
    ) {
        runtime.executor.run(on: .background) { [self] in
            if isDraining || recoveryIsCancelled.load(ordering: .relaxed) { return completion(.success(count)) }
            // Executions that start others make new tasks as fast as they are read; those are out already.
            let newest = numberAtStart
            let page: [OpenTaskRecord]
            do throws(StoreError) {
                page = try store.openTasks(after: after, limit: Limits.Store.maximumRecoveredTasks)
                    .prefix { Slot.number(of: $0.execution) <= newest }
            } catch {
                return completion(.failure(error))
            }
            guard let last = page.last else { return completion(.success(count)) }
            // The rows come by execution: one that the last page ended in is not asked for twice.
            let ids = Set(page.map(\.execution)).subtracting(after.map { [$0.execution] } ?? [])
                .filter { !quarantine.contains($0) }
            let countdown = Countdown(ids.count) { [self] in
                recover(after: last, count: count + ids.count, completion)
            }
            // In the order of their ids, so that a run with the same seed is the same.
            for id in ids.sorted() {
                post(.redeliver(execution: id, replies.register { _ in countdown.step() }), to: id)
            }
        }
    }

    /// Takes the messages that are in the store.
    private func readMessages(_ completion: @escaping @Sendable () -> Void) {
        let loops = parts.withLock { $0?.loops ?? [] }
        let countdown = Countdown(loops.count, completion: completion)
        for loop in loops { loop.post(.readMessages(after: 0, replies.register { _ in countdown.step() })) }
    }

    // MARK: - Starts and stops

    /// With fewer numbers left than this the log says so at each start: four days at 23,500 starts a second.
    private static let fewNumbers: Int64 = 1 << 33

    private func sayWhatIsLeft() {
        let left = numbers.left
        guard left < Self.fewNumbers else { return }
        logger.warning(
            "The store has given almost all of its execution numbers; move to a new state folder before they end",
            metadata: ["left": "\(left)"])
    }

    /// Returns the next execution id in that slot. Throws where the store has had as many executions as it can number.
    private func newExecutionID(slot: Int64) throws(ServiceError) -> Int64 {
        if let id = numbers.next(in: slot) { return id }
        if !numbersEnded.exchange(true, ordering: .relaxed) {
            logger.error("The store has given its last execution number: starts are refused; use a new state folder")
        }
        throw .numbersEnded
    }

    /// Starts an execution; the completion is called once the start is durable or rejected.
    package func startExecution(
        _ request: StartExecution, completion: @escaping Completion<StartedExecution>
    ) {
        do throws(ServiceError) {
            try checkStarts()
            try checkDepth(request)
            let lookup = try lookUpStartable(request.stateMachineARN)
            if let name = request.name { try ResourceName.check(name) }
            let input = try ExecutionInput.payload(request.input, limits: configuration.limits)
            withTarget(lookup) { [self] target in
                switch target {
                case .success(let target): start(target, request, input) { completion($0.started) }
                case .failure(let error): completion(.failure(error))
                }
            }
        } catch {
            metrics.rejected(nil, error)
            completion(.failure(error))
        }
    }

    private func start(
        _ target: MachineTarget, _ request: StartExecution, _ input: Payload, isSynchronous: Bool = false,
        _ completion: @escaping PendingReplies.Completion
    ) {
        let entry = target.entry
        let name = entry.recordName(request.name ?? runtime.random.uuid(), runtime.random)
        let arn = entry.executionARN(name)
        let id: Int64
        do throws(ServiceError) { id = try newExecutionID(slot: Slot.of(arn: arn)) } catch {
            return completion(.rejected(error))
        }
        let milliseconds = isSynchronous ? Limits.Turn.synchronousReplyMilliseconds : Limits.Turn.replyMilliseconds
        let caller = replies.register(within: milliseconds, completion)
        post(
            .start(
                StartCommand(
                    entry: entry, version: target.version?.number, alias: target.alias, id: id, arn: arn, name: name,
                    nameIsFresh: request.name == nil || entry.type == .express, input: input,
                    seed: runtime.random.next(), depth: request.depth, traceHeader: request.traceHeader,
                    isSynchronous: isSynchronous, replyTo: caller)),
            to: id)
    }

    /// Starts an Express execution; the completion gets its end, whatever that is. It is kept in memory only: with the
    /// process it ends, and the caller gets ServiceUnavailable. StateMachineTypeNotSupported for a Standard machine.
    package func startSyncExecution(_ request: StartExecution, completion: @escaping Completion<SyncExecution>) {
        do throws(ServiceError) {
            try checkStarts()
            try checkDepth(request)
            withTarget(try lookUpStartable(request.stateMachineARN)) { [self] target in
                do throws(ServiceError) {
                    try startSync(try target.get(), request, completion)
                } catch {
                    completion(.failure(error))
                }
            }
        } catch {
            completion(.failure(error))
        }
    }

    private func startSync(
        _ target: MachineTarget, _ request: StartExecution, _ completion: @escaping Completion<SyncExecution>
    ) throws(ServiceError) {
        guard target.entry.type == .express else {
            throw ServiceError(
                .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
        }
        if let name = request.name { try ResourceName.check(name) }
        let input = try ExecutionInput.payload(request.input, limits: configuration.limits)
        // Counted before the check: who dismisses the callers then sees this one.
        syncCallers.wrappingAdd(1, ordering: .relaxed)
        if isDismissing.load(ordering: .relaxed) {
            syncCallers.wrappingSubtract(1, ordering: .relaxed)
            throw .shuttingDown
        }
        start(target, request, input, isSynchronous: true) { [self] reply in
            syncCallers.wrappingSubtract(1, ordering: .relaxed)
            completion(reply.ended)
        }
    }

    /// Posts a command for an execution; the completion gets the reply.
    func command(_ command: (ReplyTo) -> ShardInput, _ completion: @escaping PendingReplies.Completion) {
        let caller = replies.register(within: Limits.Turn.replyMilliseconds, completion)
        let input = command(caller)
        post(input, to: input.execution ?? 0)
    }

    /// Stops an execution; the completion gets its stop date, the original one if it had closed before.
    package func stopExecution(
        arn: String, error: String?, cause: String?, completion: @escaping Completion<Timestamp>
    ) {
        withExecution(arn, completion) { [self] record, _ in
            if let stopDate = record.stopDate { return completion(.success(stopDate)) }
            let failure = Failure(error: error, cause: cause)
            command {
                .stop(StopCommand(execution: record.id, arn: arn, failure: failure, replyTo: $0))
            } _: {
                completion($0.date)
            }
        }
    }

    /// Reads an execution for a command. Where there is none, or the engine drains, the completion gets the error.
    func withExecution<Value>(
        _ arn: String, _ completion: @escaping Completion<Value>,
        _ body: @escaping @Sendable (ExecutionRecord, MachineEntry) -> Void
    ) {
        do throws(ServiceError) { try checkRunning() } catch { return completion(.failure(error)) }
        execution(arn: arn) { result in
            switch result {
            case .success(let found): body(found.record, found.entry)
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Throws ExecutionLimitExceeded for an execution too many levels below the one that a client started.
    private func checkDepth(_ request: StartExecution) throws(ServiceError) {
        let most = configuration.limits.language.nestedDepth
        if request.depth > most { throw .nestedTooDeep(most) }
    }

    /// Throws where new executions are refused: the process stops, or its disk has too little space.
    private func checkStarts() throws(ServiceError) {
        try checkRunning()
        if store.refusesStarts {
            throw .unavailable("The server has too little free disk space to start executions. Try again later.")
        }
    }

    /// Why the newest commit was refused, for the operator; `nil` where it was not.
    package var refusedCommit: String? { committer.refusal }

    func checkRunning() throws(ServiceError) {
        if draining.load(ordering: .relaxed) { throw .shuttingDown }
    }

    // MARK: - Life

    /// Calls the completion when every shard has turned and the committer has committed what was before: the watchdog's
    /// question.
    package func ping(_ completion: @escaping @Sendable () -> Void) {
        let loops = parts.withLock { $0?.loops ?? [] }
        let countdown = Countdown(loops.count + 1, completion: completion)
        for loop in loops { loop.post(.ping(replies.register { _ in countdown.step() })) }
        committer.submit([]) { _ in countdown.step() }
    }

    /// Takes no more synchronous starts, and answers the callers that still wait after five seconds with
    /// ServiceUnavailable: their executions end with the process.
    package func dismissSyncCallers(_ completion: @escaping @Sendable () -> Void) {
        isDismissing.store(true, ordering: .relaxed)
        dismissSyncCallers(after: Limits.Turn.dismissalMilliseconds, completion)
    }

    private func dismissSyncCallers(after milliseconds: Int64, _ completion: @escaping @Sendable () -> Void) {
        if syncCallers.load(ordering: .relaxed) == 0 { return completion() }
        guard milliseconds > 0 else {
            for loop in parts.withLock({ $0?.loops ?? [] }) { loop.post(.dismissWaiters) }
            return completion()
        }
        let pause: Int64 = min(50, milliseconds)
        runtime.executor.run(on: .background, after: pause) { [self] in
            dismissSyncCallers(after: milliseconds - pause, completion)
        }
    }

    /// Takes no more starts and lets no more timers fire; what has arrived is committed. Afterwards no shard turns any
    /// more and the store may be closed: outcomes that still come are those of open tasks, started again at the next
    /// start.
    package func drain(_ completion: @escaping @Sendable () -> Void) {
        draining.store(true, ordering: .relaxed)
        alarm?.stop()
        ping { [self] in
            let loops = parts.withLock { $0?.loops ?? [] }
            let countdown = Countdown(loops.count) { [self] in
                for loop in loops { loop.abandon() }
                replies.close(.shuttingDown)
                evaluationLanes.stop()
                evaluations.stop()
                completion()
            }
            for loop in loops { loop.stop { countdown.step() } }
        }
    }

    /// Whether the engine takes work.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }
}
