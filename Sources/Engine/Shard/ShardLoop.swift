// Drives one shard on its own serial queue: what has arrived goes into a turn, the turn to the committer, and the next
// turn begins when the commit has returned.

import Dispatch
import Logging
import States
import Storage
import Synchronization

final class ShardLoop: Sendable {
    private let queue: DispatchQueue
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
    }

    init(
        index: Int, shard: consuming sending Shard, committer: Committer, clock: @escaping @Sendable () -> Timestamp,
        inputsPerTurn: Int, logger: Logger, effects: @escaping @Sendable (Turn) -> Void
    ) {
        queue = DispatchQueue(label: "newel.shard.\(index)")
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
        let starts = mailbox.withLock { mailbox in
            mailbox.inputs.append(contentsOf: inputs)
            defer { mailbox.isTurning = true }
            return !mailbox.isTurning
        }
        if starts { queue.async { self.turn() } }
    }

    private func take() -> [ShardInput]? {
        mailbox.withLock { mailbox in
            guard !mailbox.inputs.isEmpty else {
                mailbox.isTurning = false
                return nil
            }
            if mailbox.inputs.count <= inputsPerTurn {
                defer { mailbox.inputs = [] }
                return mailbox.inputs
            }
            let head = Array(mailbox.inputs.prefix(inputsPerTurn))
            mailbox.inputs.removeFirst(inputsPerTurn)
            return head
        }
    }

    private func turn() {
        guard let inputs = take() else { return }
        let now = clock()
        let turn = shard.withLock { $0.turn(inputs, now: now) }
        for fault in turn.readFaults { logger.error("The store could not be read", metadata: ["error": "\(fault)"]) }
        if turn.isEmpty {
            finish(turn, inputs, nil)
        } else {
            committer.submit(turn.changes) { error in self.queue.async { self.finish(turn, inputs, error) } }
        }
    }

    private func finish(_ turn: Turn, _ inputs: [ShardInput], _ error: StoreError?) {
        let next: [ShardInput]
        if let error {
            next = shard.withLock { $0.failed(turn, inputs, error) }
        } else {
            next = shard.withLock { $0.committed(turn) }
            effects(turn)
        }
        mailbox.withLock { $0.inputs.append(contentsOf: next) }
        self.turn()
    }
}
