// The engine: shards, the one writer, tasks out and outcomes in, timers, recovery.

import Dispatch
package import Logging
import Metrics
package import States
package import Storage
import Synchronization
package import Workers

/// Runs executions. Made by `Engine.open`, which recovers what was in flight; then safe to call from anywhere.
package final class Engine: Sendable {
    package let configuration: EngineConfiguration
    package let catalog: Catalog
    let store: any Store
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    let committer: Committer
    let readers: ReaderQueues
    /// Changes of the catalog, one after the other.
    let catalogGate = AsyncGate()
    let nextIDs: Mutex<HighestIDs>
    let nestedWaits = NestedExecutionWaits()
    let queues: ActivityQueues
    private let parts = Mutex<Parts?>(nil)
    private let draining = Atomic(false)
    private let executionLog: @Sendable ([LoggedEvents]) -> Void
    private let executionsClosed: @Sendable (ClosedExecutions) -> Void
    private let started = Counter(label: "newel_executions_started_total", dimensions: [("type", "STANDARD")])

    private struct Parts: Sendable {
        var loops: [ShardLoop]
        var dispatcher: Dispatcher
        var runner: any TaskRunner
        var alarm: Alarm
    }

    private init(
        store: any Store, epoch: Epoch, ids: HighestIDs, configuration: EngineConfiguration,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        executionLog: @escaping @Sendable ([LoggedEvents]) -> Void,
        executionsClosed: @escaping @Sendable (ClosedExecutions) -> Void,
        fatal: @escaping @Sendable (StoreError) -> Void
    ) {
        self.executionLog = executionLog
        self.executionsClosed = executionsClosed
        self.store = store
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        catalog = Catalog(store: store, limits: configuration.limits)
        committer = Committer(store: store, epoch: epoch, fatal: fatal)
        readers = ReaderQueues(width: 2)
        nextIDs = Mutex(ids)
        queues = ActivityQueues(
            tokens: configuration.tokens, mostPollers: configuration.activityPollers,
            pollMilliseconds: configuration.activityPollTime)
    }

    /// Takes the store, loads the machines and lets everything in flight go on. Returns when that is done.
    ///
    /// `executionLog` gets the events of executions whose machines want them logged, once they are safe; it must not
    /// block, nor may `executionsClosed`, which gets the ends of all executions. `fatal` is called when the store fails
    /// for good: the process is to end and recover at its next start.
    package static func open(
        store: any Store, runner: any TaskRunner, configuration: EngineConfiguration = EngineConfiguration(),
        clock: @escaping @Sendable () -> Timestamp = { .now }, logger: Logger,
        executionLog: @escaping @Sendable ([LoggedEvents]) -> Void = { _ in },
        executionsClosed: @escaping @Sendable (ClosedExecutions) -> Void = { _ in },
        fatal: @escaping @Sendable (StoreError) -> Void
    ) async throws(StoreError) -> Engine {
        let epoch = try store.claim()
        let engine = Engine(
            store: store, epoch: epoch, ids: try store.highestIDs(), configuration: configuration, clock: clock,
            logger: logger, executionLog: executionLog, executionsClosed: executionsClosed, fatal: fatal)
        try engine.catalog.load()
        engine.assemble(runner)
        let recovered = try await engine.recover()
        engine.alarm?.start()
        logger.info("Recovered", metadata: ["executions": "\(recovered)", "epoch": "\(epoch.value)"])
        return engine
    }

    private func assemble(_ runner: any TaskRunner) {
        queues.connect { [weak self] report in
            guard let self else { return report.reply(.shuttingDown) }
            post(.report(report), to: report.task.execution)
        }
        let dispatcher = Dispatcher(
            runner: runner,
            own: { [weak self] invocation, done in self?.runOwn(invocation, done) ?? false },
            cancelOwn: { [weak self] task, hasJob in
                self?.queues.withdraw(task)
                if hasJob { self?.stopJob(of: task) }
            },
            closed: { [weak self] execution in
                self?.nestedExecutionEnded(execution)
                self?.finishDeletions()
            },
            outcome: { [weak self] execution, stimulus in
                self?.post(.outcome(execution: execution, stimulus: stimulus), to: execution)
            })
        let alarm = Alarm(store: store, clock: clock, batch: configuration.wakesPerLook, logger: logger) {
            [weak self] execution, done in
            guard let self else { return done(false) }
            post(.wake(execution: execution, done: done), to: execution)
        }
        let (executionLog, executionsClosed) = (executionLog, executionsClosed)
        let loops = (0..<configuration.shards).map { index in
            ShardLoop(
                index: index, shard: Shard(store: store, catalog: catalog, configuration: configuration),
                committer: committer, clock: clock, inputsPerTurn: configuration.inputsPerTurn,
                limits: configuration.limits, logger: logger
            ) { turn in
                if let wakeAt = turn.wakeAt { alarm.consider(wakeAt) }
                for effect in turn.effects { dispatcher.perform(effect) }
                if !turn.logged.isEmpty { executionLog(turn.logged) }
                if !turn.closed.isEmpty { executionsClosed(turn.closed) }
            }
        }
        parts.withLock { $0 = Parts(loops: loops, dispatcher: dispatcher, runner: runner, alarm: alarm) }
    }

    private var alarm: Alarm? { parts.withLock { $0?.alarm } }
    var runner: (any TaskRunner)? { parts.withLock { $0?.runner } }

    /// How many tasks are out.
    package var tasksOut: Int { parts.withLock { $0?.dispatcher.count ?? 0 } }

    private func loop(of execution: Int64) -> ShardLoop? {
        parts.withLock { $0.map { $0.loops[Int(Slot.of(execution: execution)) % $0.loops.count] } }
    }

    func post(_ input: ShardInput, to execution: Int64) { loop(of: execution)?.post(input) }

    // MARK: - Recovery

    /// Lets every open task out again and waits until all are on their way. Gives the number of executions.
    private func recover() async throws(StoreError) -> Int {
        let began = clock()
        var executions = 0
        var after: OpenTaskRecord?
        while true {
            let page = try store.openTasks(after: after, limit: 1_000)
            guard let last = page.last else { break }
            // The rows come by execution: one that the last page ended in is not asked for twice.
            let ids = Set(page.map(\.execution)).subtracting(after.map { [$0.execution] } ?? [])
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let group = DispatchGroup()
                for id in ids {
                    group.enter()
                    post(.redeliver(execution: id, done: { _ in group.leave() }), to: id)
                }
                group.notify(queue: .global()) { continuation.resume() }
            }
            executions += ids.count
            after = last
        }
        Timer(label: "newel_recovery_seconds").recordMilliseconds(clock().milliseconds - began.milliseconds)
        return executions
    }

    // MARK: - Starts and stops

    /// The next execution id for that ARN.
    private func newExecutionID(arn: String) -> Int64 {
        let number = nextIDs.withLock { ids in
            let number = ids.execution >> Slot.bits + 1
            ids.execution = number << Slot.bits
            return number
        }
        return Slot.execution(number: number, slot: Slot.of(arn: arn))
    }

    /// Starts an execution; `reply` is called once the start is safe or refused.
    package func startExecution(
        _ request: StartExecution, reply: @escaping @Sendable (Result<StartedExecution, ServiceError>) -> Void
    ) {
        do throws(ServiceError) {
            try checkRunning()
            let target = try startable(request.stateMachineARN)
            if let name = request.name { try ResourceName.check(name) }
            let input = try ExecutionInput.payload(request.input, limits: configuration.limits)
            start(target, request, input, waiter: nil, reply)
        } catch {
            reply(.failure(error))
        }
    }

    private func start(
        _ target: MachineTarget, _ request: StartExecution, _ input: Payload, waiter: SyncWaiter?,
        _ reply: @escaping @Sendable (Result<StartedExecution, ServiceError>) -> Void
    ) {
        let entry = target.entry
        let name = entry.recordName(request.name ?? UUIDText.random())
        let arn = entry.executionARN(name)
        let id = newExecutionID(arn: arn)
        started.increment()
        post(
            .start(
                StartCommand(
                    entry: entry, version: target.version?.number, alias: target.alias, id: id, arn: arn, name: name,
                    nameIsFresh: request.name == nil || entry.type == .express, input: input,
                    seed: .random(in: .min ... .max), traceHeader: request.traceHeader, waiter: waiter, reply: reply)),
            to: id)
    }

    /// Starts an Express execution and gives its end, whatever that is. It is kept in memory alone: with the process it
    /// is gone, and the caller is told so. Throws StateMachineTypeNotSupported for a Standard machine.
    package func startSyncExecution(_ request: StartExecution) async throws(ServiceError) -> SyncExecution {
        try checkRunning()
        let target = try startable(request.stateMachineARN)
        guard target.entry.type == .express else {
            throw ServiceError(
                .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
        }
        if let name = request.name { try ResourceName.check(name) }
        let input = try ExecutionInput.payload(request.input, limits: configuration.limits)
        let result = await withCheckedContinuation { continuation in
            let waiter: SyncWaiter = { continuation.resume(returning: $0) }
            start(target, request, input, waiter: waiter) { result in
                // Refused before a shard took it; once taken the waiter alone is told.
                if case .failure(let error) = result { waiter(.failure(error)) }
            }
        }
        return try result.get()
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
        let result = await withCheckedContinuation { continuation in
            post(
                .stop(
                    StopCommand(
                        execution: record.id, arn: arn, failure: Failure(error: error, cause: cause),
                        reply: { continuation.resume(returning: $0) })),
                to: record.id)
        }
        return try result.get()
    }

    func checkRunning() throws(ServiceError) {
        if draining.load(ordering: .relaxed) { throw .shuttingDown }
    }

    // MARK: - Life

    /// Returns when every shard has turned and the committer has committed what was before: the watchdog's question.
    package func ping() async {
        let loops = parts.withLock { $0?.loops ?? [] }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let group = DispatchGroup()
            for loop in loops {
                group.enter()
                loop.post(.ping { group.leave() })
            }
            group.enter()
            committer.submit([]) { _ in group.leave() }
            group.notify(queue: .global()) { continuation.resume() }
        }
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
    }

    /// Whether the engine takes work.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }
}
