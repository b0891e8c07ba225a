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
    let nextIDs: Mutex<HighestIDs>
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
        numberAtStart = Slot.number(of: ids.execution)
        queues = ActivityQueues(
            tokens: configuration.tokens, mostPollers: configuration.limits.api.activityPollers,
            pollMilliseconds: configuration.activityPollTime, runtime: runtime, replies: replies)
    }

    /// Takes the store, loads the machines and continues everything in flight. Returns when that is done; after an end
    /// of the process in the middle of its work it returns at once, and `resume` does the rest.
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
        fatal: @escaping @Sendable (StoreError) -> Void
    ) async throws(StoreError) -> Engine {
        let epoch = try store.claim()
        let engine = Engine(
            store: store, epoch: epoch, ids: try store.highestIDs(), quarantined: try store.quarantined(),
            crashRecord: crashRecord, configuration: configuration, runtime: runtime, logger: logger,
            executionLog: executionLog, executionsClosed: executionsClosed, fatal: fatal)
        engine.sayWhatIsLeft()
        try engine.catalog.load()
        engine.assemble(runner)
        engine.reportPreviousEnd()
        if crashRecord?.previous.isSuspicious != true { try await engine.resume() }
        return engine
    }

    /// Continues everything in flight, where `open` has not: once the listeners are open, so that an execution that
    /// ends the process again cannot keep it from serving. Does nothing the second time.
    package func resume() async throws(StoreError) {
        guard !hasResumed.exchange(true, ordering: .relaxed) else { return }
        await advanceSuspects()
        let recovered = try await recover()
        alarm?.start()
        expireReplies()
        if crashRecord?.previous.isSuspicious == true { alarm?.wakeEarly(by: LiveExecution.deferredMilliseconds) }
        logger.info("Recovered", metadata: ["executions": "\(recovered)", "epoch": "\(epoch.value)"])
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
                    messageIDs: messageIDs, crashRecord: crashRecord, index: index),
                committer: committer, clock: time, runtime: runtime, replies: replies, configuration: configuration,
                metrics: metrics, logger: logger,
                evaluate: { [weak self] step in self?.evaluate(step) },
                deliver: { [weak self] messages in
                    for message in messages { self?.post(.message(message), to: message.slot) }
                },
                effects: { [weak self] turn in
                    if let wakeAt = turn.wakeAt { alarm.consider(wakeAt) }
                    for effect in turn.effects {
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

    /// Lets every open task that was there at the start out again and waits until all are on their way. Gives the
    /// number of executions. Ends early when the process is to stop.
    private func recover() async throws(StoreError) -> Int {
        let began = clock()
        // Executions that start others make new tasks as fast as they are read; those are out already.
        await readMessages()
        let newest = numberAtStart
        var executions = 0
        var after: OpenTaskRecord?
        while !Task.isCancelled, !isDraining {
            let page = try store.openTasks(after: after, limit: Limits.Store.maximumRecoveredTasks)
                .prefix { Slot.number(of: $0.execution) <= newest }
            guard let last = page.last else { break }
            // The rows come by execution: one that the last page ended in is not asked for twice.
            let ids = Set(page.map(\.execution)).subtracting(after.map { [$0.execution] } ?? [])
                .filter { !quarantine.contains($0) }.sorted()
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let countdown = Countdown(ids.count) { continuation.resume() }
                for id in ids { post(.redeliver(execution: id, replies.register { _ in countdown.step() }), to: id) }
            }
            executions += ids.count
            after = last
        }
        Timer(label: MetricName.recoveryDuration.rawValue).recordMilliseconds(clock().milliseconds - began.milliseconds)
        return executions
    }

    /// Takes the messages that are in the store.
    private func readMessages() async {
        let loops = parts.withLock { $0?.loops ?? [] }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let countdown = Countdown(loops.count) { continuation.resume() }
            for loop in loops { loop.post(.readMessages(after: 0, replies.register { _ in countdown.step() })) }
        }
    }

    // MARK: - Starts and stops

    /// With fewer numbers left than this the log says so at each start: four days at 23,500 starts a second.
    private static let fewNumbers: Int64 = 1 << 33

    private func sayWhatIsLeft() {
        let left = Slot.lastNumber - nextIDs.withLock { Slot.number(of: $0.execution) }
        guard left < Self.fewNumbers else { return }
        logger.warning(
            "The store has given almost all of its execution numbers; move to a new state folder before they end",
            metadata: ["left": "\(left)"])
    }

    /// Returns the next execution id in that slot. Throws where the store has had as many executions as it can number.
    func newExecutionID(slot: Int64) throws(ServiceError) -> Int64 {
        let number: Int64? = nextIDs.withLock { ids in
            let number = Slot.number(of: ids.execution) + 1
            guard number <= Slot.lastNumber else { return nil }
            ids.execution = Slot.execution(number: number, slot: 0)
            return number
        }
        if let number { return Slot.execution(number: number, slot: slot) }
        if !numbersEnded.exchange(true, ordering: .relaxed) {
            logger.error("The store has given its last execution number: starts are refused; use a new state folder")
        }
        throw .unavailable("The store has given its last execution number. Use a new state folder.")
    }

    /// Starts an execution; `reply` is called once the start is durable or rejected.
    package func startExecution(
        _ request: StartExecution,
        reply: @escaping @Sendable (Result<StartedExecution, ServiceError>) -> Void
    ) {
        do throws(ServiceError) {
            try checkStarts()
            try checkDepth(request)
            let lookup = try lookUpStartable(request.stateMachineARN)
            if let name = request.name { try ResourceName.check(name) }
            let input = try ExecutionInput.payload(request.input, limits: configuration.limits)
            withTarget(lookup) { [self] target in
                switch target {
                case .success(let target): start(target, request, input) { reply($0.started) }
                case .failure(let error): reply(.failure(error))
                }
            }
        } catch {
            metrics.rejected(nil, error)
            reply(.failure(error))
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

    /// Starts an Express execution and gives its end, whatever that is. It is kept in memory alone: with the process it
    /// is gone, and the caller is told so. Throws StateMachineTypeNotSupported for a Standard machine.
    package func startSyncExecution(_ request: StartExecution) async throws(ServiceError) -> SyncExecution {
        try checkStarts()
        try checkDepth(request)
        let target = try await compiledTarget(try lookUpStartable(request.stateMachineARN))
        guard target.entry.type == .express else {
            throw ServiceError(
                .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
        }
        if let name = request.name { try ResourceName.check(name) }
        let input = try ExecutionInput.payload(request.input, limits: configuration.limits)
        syncCallers.wrappingAdd(1, ordering: .relaxed)
        defer { syncCallers.wrappingSubtract(1, ordering: .relaxed) }
        if isDismissing.load(ordering: .relaxed) { throw .shuttingDown }
        let reply = await withCheckedContinuation { continuation in
            start(target, request, input, isSynchronous: true) { continuation.resume(returning: $0) }
        }
        return try reply.ended.get()
    }

    /// Posts a command for an execution, and returns the reply.
    func reply(_ command: (ReplyTo) -> ShardInput) async -> Reply {
        await withCheckedContinuation { continuation in
            let caller = replies.register(within: Limits.Turn.replyMilliseconds) { continuation.resume(returning: $0) }
            let input = command(caller)
            post(input, to: input.execution ?? 0)
        }
    }

    package func startExecution(_ request: StartExecution) async throws(ServiceError) -> StartedExecution {
        let result = await withCheckedContinuation { continuation in
            startExecution(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Stops an execution and gives its stop date, the original one if it had closed before.
    package func stopExecution(
        arn: String, error: String?, cause: String?
    ) async throws(ServiceError) -> Timestamp {
        try checkRunning()
        let record = try await execution(arn: arn).record
        if let stopDate = record.stopDate { return stopDate }
        let reply = await self.reply { caller in
            .stop(
                StopCommand(
                    execution: record.id, arn: arn, failure: Failure(error: error, cause: cause), replyTo: caller))
        }
        return try reply.date.get()
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

    /// Returns when every shard has turned and the committer has committed what was before: the watchdog's question.
    package func ping() async {
        let loops = parts.withLock { $0?.loops ?? [] }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let countdown = Countdown(loops.count + 1) { continuation.resume() }
            for loop in loops { loop.post(.ping(replies.register { _ in countdown.step() })) }
            committer.submit([]) { _ in countdown.step() }
        }
    }

    /// Takes no more synchronous starts, and answers the callers that still wait after five seconds with
    /// ServiceUnavailable: their executions end with the process.
    package func dismissSyncCallers() async {
        isDismissing.store(true, ordering: .relaxed)
        for _ in 0..<100 where syncCallers.load(ordering: .relaxed) > 0 {
            try? await Task.sleep(for: .milliseconds(50))
        }
        guard syncCallers.load(ordering: .relaxed) > 0 else { return }
        for loop in parts.withLock({ $0?.loops ?? [] }) { loop.post(.dismissWaiters) }
    }

    /// Takes no more starts and lets no more timers fire; what has arrived is committed. Afterwards no shard turns any
    /// more and the store may be closed: outcomes that still come are those of open tasks, let out again at the next
    /// start.
    package func drain() async {
        draining.store(true, ordering: .relaxed)
        alarm?.stop()
        await ping()
        let loops = parts.withLock { $0?.loops ?? [] }
        for loop in loops {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                loop.stop { continuation.resume() }
            }
            loop.abandon()
        }
        replies.close(.shuttingDown)
        evaluationLanes.stop()
        evaluations.stop()
    }

    /// Whether the engine takes work.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }
}
