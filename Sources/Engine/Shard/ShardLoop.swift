// Drives one shard on its own lane: what has arrived goes into a turn, the turn to the committer, and the next
// turn begins when the commit has returned.

import Core
import Logging
import Metrics
import States
import Storage
import Synchronization

final class ShardLoop: Sendable {
    private let lane: Lane
    private let runtime: Runtime
    private let shard: Mutex<Shard>
    private let state = Mutex(State())
    private let committer: Committer
    private let clock: EngineClock
    private let configuration: EngineConfiguration
    private let evaluate: @Sendable (SlowAdvance) -> Void
    private let deliver: @Sendable ([Message]) -> Void
    private let effects: @Sendable (Turn) -> Void
    private let logger: Logger
    private let repeats: RepeatLimit
    private let throttled = Counter(label: MetricName.commandsThrottled.rawValue)
    private let metrics: EngineMetrics
    private let replies: PendingReplies

    private struct State {
        var mailbox = Mailbox()
        /// A turn is planned or being committed: whoever posts need not start one.
        var isTurning = false
        /// Nothing is taken any more.
        var isStopped = false
        /// Told when no turn is planned or being committed any more.
        var stops: [@Sendable () -> Void] = []
    }

    /// How long what met a fault of the store is left alone, in milliseconds.
    private static let pause: Int64 = 100

    /// `evaluate` runs a deferred execution on an evaluation thread and posts it back.
    init(
        index: Int, shard: consuming sending Shard, committer: Committer, clock: EngineClock,
        runtime: Runtime, replies: PendingReplies, configuration: EngineConfiguration, metrics: EngineMetrics,
        logger: Logger,
        evaluate: @escaping @Sendable (SlowAdvance) -> Void, deliver: @escaping @Sendable ([Message]) -> Void,
        effects: @escaping @Sendable (Turn) -> Void
    ) {
        lane = .shard(index)
        self.runtime = runtime
        self.replies = replies
        repeats = RepeatLimit(clock: runtime.clock)
        self.shard = Mutex(shard)
        self.committer = committer
        self.clock = clock
        self.configuration = configuration
        self.metrics = metrics
        self.evaluate = evaluate
        self.effects = effects
        self.deliver = deliver
        self.logger = logger
    }

    func post(_ input: ShardInput) { post([input]) }

    func post(_ inputs: [ShardInput]) {
        guard !inputs.isEmpty else { return }
        enum Answer {
            case taken(starts: Bool)
            case stopped
            case full
        }
        let answer: Answer = state.withLock { state in
            if state.isStopped { return .stopped }
            if inputs[0].isRequest, isFull(state.mailbox, inputs[0]) { return .full }
            for input in inputs { state.mailbox.append(input) }
            defer { state.isTurning = true }
            return .taken(starts: !state.isTurning)
        }
        switch answer {
        case .taken(let starts): if starts { runtime.executor.run(on: lane) { self.run() } }
        case .stopped: reject(inputs, .shuttingDown)
        case .full:
            throttled.increment(by: inputs.count)
            // What is part of an execution waits; a client may ask again.
            if case .startChild = inputs[0] { postLater(inputs) } else { reject(inputs, .throttled) }
        }
    }

    private func reject(_ inputs: [ShardInput], _ error: ServiceError) {
        for input in inputs { replies.give(.rejected(error), to: input.replyTo) }
    }

    private func isFull(_ mailbox: borrowing Mailbox, _ input: ShardInput) -> Bool {
        if case .startChild = input { return mailbox.nestedCount >= configuration.limits.turn.queuedCommands }
        if case .start(let command) = input, command.depth > 0 {
            return mailbox.nestedCount >= configuration.limits.turn.queuedCommands
        }
        return mailbox.requestCount >= configuration.limits.turn.queuedCommands
    }

    /// Takes nothing any more and refuses what still waits. `done` is told when the turn that is on its way is over.
    func stop(_ done: @escaping @Sendable () -> Void) {
        let (left, isIdle) = state.withLock { state in
            state.isStopped = true
            if state.isTurning { state.stops.append(done) }
            return (state.mailbox.takeAll(), !state.isTurning)
        }
        reject(left, .shuttingDown)
        if isIdle { done() }
    }

    private func take() -> [ShardInput]? {
        let (inputs, stops) = state.withLock { state -> ([ShardInput]?, [@Sendable () -> Void]) in
            guard !state.mailbox.isEmpty else {
                state.isTurning = false
                defer { state.stops = [] }
                return (nil, state.stops)
            }
            return (state.mailbox.take(configuration.limits.turn.maximumInputs), [])
        }
        for stop in stops { stop() }
        return inputs
    }

    /// Turns for as long as something has arrived; while a commit is on its way, its return goes on from here.
    private func run() {
        while let inputs = take() {
            let now = clock.read()
            let began = runtime.clock.monotonic()
            let turn = shard.withLock { $0.turn(inputs, now: now.engine, clockOffset: now.offset) }
            metrics.planned(
                inputs.dropLast(turn.postponed.count), nanoseconds: runtime.clock.monotonic() - began)
            if let fault = turn.readFaults.first { log(fault) }
            putBack(turn.postponed)
            guard turn.isEmpty else {
                return committer.submit(turn.changes) { error in
                    self.runtime.executor.run(on: self.lane) {
                        self.finish(turn, inputs, error)
                        self.run()
                    }
                }
            }
            finish(turn, inputs, nil)
        }
    }

    /// How many commands wait, and how many executions are in memory; the latter `nil` while a turn is planned.
    func load() -> (queued: Int, resident: Int?) {
        (state.withLock { $0.mailbox.count }, shard.withLockIfAvailable { $0.residentCount })
    }

    private func log(_ fault: StoreError) {
        guard let omitted = repeats.admit(fault.code.rawValue) else { return }
        logger.error("The store could not be read", metadata: ["error": "\(fault)", "repeats": "\(omitted)"])
    }

    /// Replies to callers that wait for executions that end with the process. To be called after `stop`.
    func abandon() { replies.give(shard.withLock { $0.abandon(.shuttingDown) }) }

    private func finish(_ turn: Turn, _ inputs: [ShardInput], _ error: StoreError?) {
        if let error {
            metrics.failed(error)
            let end = shard.withLock { $0.failed(turn, inputs, error) }
            replies.give(end.replies)
            postLater(end.inputs)
            // The commit may be stored all the same: the receivers take what the store holds.
            deliver(turn.sent)
        } else {
            metrics.committed(turn)
            let end = shard.withLock { $0.committed(turn) }
            replies.give(end.replies)
            post(end.inputs)
            postLater(turn.again)
            deliver(turn.sent)
            effects(turn)
            wake(turn.wakesInMemory)
            for step in turn.slow { evaluate(step) }
        }
    }

    private func wake(_ timers: [(execution: Int64, at: Timestamp)]) {
        if timers.isEmpty { return }
        let now = clock.read().engine
        for (execution, at) in timers {
            let delay = max(0, at.milliseconds - now.milliseconds)
            runtime.executor.run(on: lane, after: min(delay, 600_000)) { [weak self] in
                self?.post(.wake(execution: execution, nil))
            }
        }
    }

    /// What a turn had no room for is the next one's first.
    private func putBack(_ inputs: [ShardInput]) {
        guard !inputs.isEmpty else { return }
        let isRefused = state.withLock { state in
            if !state.isStopped { state.mailbox.putBack(inputs) }
            return state.isStopped
        }
        if isRefused { reject(inputs, .shuttingDown) }
    }

    /// A store that fails is asked again soon, not at once and for ever.
    private func postLater(_ inputs: [ShardInput]) {
        guard !inputs.isEmpty else { return }
        runtime.executor.run(on: lane, after: Self.pause) { self.post(inputs) }
    }
}
