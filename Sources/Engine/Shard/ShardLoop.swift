// Drives one shard on its own serial queue: what has arrived goes into a turn, the turn to the committer, and the next
// turn begins when the commit has returned.

import Dispatch
import Logging
import States
import Storage
import Synchronization

final class ShardLoop: Sendable {
    private let queue: DispatchQueue
    private let slowQueue: DispatchQueue
    private let limits: Limits
    private let shard: Mutex<Shard>
    private let mailbox = Mutex(Mailbox())
    private let committer: Committer
    private let clock: @Sendable () -> Timestamp
    private let inputsPerTurn: Int
    private let effects: @Sendable (Turn) -> Void
    private let logger: Logger

    private struct Mailbox {
        var inputs: [ShardInput] = []
        /// A turn is planned or being committed: whoever posts need not start one.
        var isTurning = false
        /// Nothing is taken any more.
        var isStopped = false
        /// Told when no turn is planned or being committed any more.
        var stops: [@Sendable () -> Void] = []
    }

    /// How long what met a fault of the store is left alone, in milliseconds.
    private static let pause = 100

    init(
        index: Int, shard: consuming sending Shard, committer: Committer, clock: @escaping @Sendable () -> Timestamp,
        inputsPerTurn: Int, limits: Limits, logger: Logger, effects: @escaping @Sendable (Turn) -> Void
    ) {
        queue = DispatchQueue(label: "newel.shard.\(index)")
        slowQueue = DispatchQueue(label: "newel.slow.\(index)", qos: .utility)
        self.limits = limits
        self.shard = Mutex(shard)
        self.committer = committer
        self.clock = clock
        self.inputsPerTurn = inputsPerTurn
        self.effects = effects
        self.logger = logger
    }

    func post(_ input: ShardInput) { post([input]) }

    func post(_ inputs: [ShardInput]) {
        guard !inputs.isEmpty else { return }
        let (starts, isRefused) = mailbox.withLock { mailbox in
            if mailbox.isStopped { return (false, true) }
            mailbox.inputs.append(contentsOf: inputs)
            defer { mailbox.isTurning = true }
            return (!mailbox.isTurning, false)
        }
        if isRefused { for input in inputs { input.refuse() } }
        if starts { queue.async { self.run() } }
    }

    /// Takes nothing any more and refuses what still waits. `done` is told when the turn that is on its way is over.
    func stop(_ done: @escaping @Sendable () -> Void) {
        let (left, isIdle) = mailbox.withLock { mailbox in
            mailbox.isStopped = true
            defer { mailbox.inputs = [] }
            if mailbox.isTurning { mailbox.stops.append(done) }
            return (mailbox.inputs, !mailbox.isTurning)
        }
        for input in left { input.refuse() }
        if isIdle { done() }
    }

    private func take() -> [ShardInput]? {
        let (inputs, stops) = mailbox.withLock { mailbox -> ([ShardInput]?, [@Sendable () -> Void]) in
            guard !mailbox.inputs.isEmpty else {
                mailbox.isTurning = false
                defer { mailbox.stops = [] }
                return (nil, mailbox.stops)
            }
            if mailbox.inputs.count <= inputsPerTurn {
                defer { mailbox.inputs = [] }
                return (mailbox.inputs, [])
            }
            let head = Array(mailbox.inputs.prefix(inputsPerTurn))
            mailbox.inputs.removeFirst(inputsPerTurn)
            return (head, [])
        }
        for stop in stops { stop() }
        return inputs
    }

    /// Turns for as long as something has arrived; while a commit is on its way, its return goes on from here.
    private func run() {
        while let inputs = take() {
            let now = clock()
            let turn = shard.withLock { $0.turn(inputs, now: now) }
            for fault in turn.readFaults {
                logger.error("The store could not be read", metadata: ["error": "\(fault)"])
            }
            putBack(turn.postponed)
            guard turn.isEmpty else {
                return committer.submit(turn.changes) { error in
                    self.queue.async {
                        self.finish(turn, inputs, error)
                        self.run()
                    }
                }
            }
            finish(turn, inputs, nil)
        }
    }

    /// Tells who waits for executions that end with the process. To be called behind `stop`.
    func abandon() { shard.withLock { $0.abandon(.shuttingDown) } }

    private func finish(_ turn: Turn, _ inputs: [ShardInput], _ error: StoreError?) {
        if let error {
            postLater(shard.withLock { $0.failed(turn, inputs, error) })
        } else {
            post(shard.withLock { $0.committed(turn) })
            postLater(turn.again)
            effects(turn)
            wake(turn.wakesInMemory)
            for step in turn.slow { run(step) }
        }
    }

    /// On a queue beside the shard's, with what the machine has left.
    private func run(_ step: SlowAdvance) {
        slowQueue.async { [weak self] in
            guard let self else { return }
            post(step.run(now: clock(), limits: limits))
        }
    }

    private func wake(_ timers: [(execution: Int64, at: Timestamp)]) {
        if timers.isEmpty { return }
        let now = clock()
        for (execution, at) in timers {
            let delay = max(0, at.milliseconds - now.milliseconds)
            queue.asyncAfter(deadline: .now() + .milliseconds(Int(min(delay, 600_000)))) { [weak self] in
                self?.post(.wake(execution: execution, done: { _ in }))
            }
        }
    }

    /// What a turn had no room for is the next one's first.
    private func putBack(_ inputs: [ShardInput]) {
        guard !inputs.isEmpty else { return }
        let isRefused = mailbox.withLock { mailbox in
            if !mailbox.isStopped { mailbox.inputs.insert(contentsOf: inputs, at: 0) }
            return mailbox.isStopped
        }
        if isRefused { for input in inputs { input.refuse() } }
    }

    /// A store that fails is asked again soon, not at once and for ever.
    private func postLater(_ inputs: [ShardInput]) {
        guard !inputs.isEmpty else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.pause)) { self.post(inputs) }
    }
}
