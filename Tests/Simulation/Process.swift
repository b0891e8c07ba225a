// What dies in a crash: shards, mailboxes, the dispatcher and the tasks that are out.

import Integrations
import Core
import Engine
import Expressions
import States
import Storage
import Synchronization
import System

/// One life of the daemon, without its threads.
final class Process {
    let store: MemoryStore
    let epoch: Epoch
    let catalog: Catalog
    let runner = HeldRunner()
    let replies = PendingReplies(clock: SystemClock())
    let dispatcher: Dispatcher
    let shards: [ShardBox]
    let limits: Limits
    /// Executions that are on an evaluation thread.
    private(set) var slow: [SlowAdvance] = []
    private let mailboxes: Mailboxes

    /// `Shard` cannot be copied; an array wants what can.
    final class ShardBox {
        private var shard: Shard

        init(_ shard: consuming Shard) { self.shard = shard }

        func turn(_ inputs: [ShardInput], now: Timestamp) -> Turn { shard.turn(inputs, now: now) }

        func committed(_ turn: Turn) -> TurnEnd { shard.committed(turn) }

        func failed(_ turn: Turn, _ inputs: [ShardInput], _ error: StoreError) -> TurnEnd {
            shard.failed(turn, inputs, error)
        }
    }

    init(store: MemoryStore, shards count: Int) throws(StoreError) {
        self.store = store
        epoch = try store.claim()
        var limits = Limits()
        limits.language.historyEvents = 400
        limits.turn.events = 12
        limits.turn.maximumEvents = 60
        // So few that some states are deferred.
        limits.evaluation.quickSteps = 40
        limits.evaluation.extendedSteps = 80
        self.limits = limits
        let configuration = EngineConfiguration(limits: limits, shards: count, residentExecutions: 6)
        let catalog = Catalog(store: store, limits: limits)
        try catalog.load()
        self.catalog = catalog
        let messageIDs = MessageIDs(after: 0)
        shards = (0..<count).map { index in
            ShardBox(
                Shard(
                    store: store, catalog: catalog, configuration: configuration, numbers: ExecutionNumbers(after: 0),
                    messageIDs: messageIDs,
                    index: index))
        }
        let mailboxes = Mailboxes(count: count)
        self.mailboxes = mailboxes
        dispatcher = Dispatcher(runner: runner, clock: SystemClock()) { execution, stimulus in
            mailboxes.post([.outcome(execution: execution, stimulus: stimulus)], to: mailboxes.shard(of: execution))
        }
    }

    /// After a turn's commit: its replies, and what follows it.
    func finish(_ end: TurnEnd, _ again: [ShardInput], on shard: Int) {
        for reply in end.replies { replies.give(reply.reply, to: reply.to) }
        post(end.inputs + again, to: shard)
    }

    func post(_ input: ShardInput, to execution: Int64) { mailboxes.post([input], to: mailboxes.shard(of: execution)) }

    func post(_ inputs: [ShardInput], to shard: Int) { mailboxes.post(inputs, to: shard) }

    /// What a turn had no room for is the next one's first.
    func putBack(_ inputs: [ShardInput], to shard: Int) { mailboxes.putBack(inputs, to: shard) }

    func takeInputs(_ shard: Int, limit: Int) -> [ShardInput] { mailboxes.take(shard, limit: limit) }

    func evaluate(_ steps: [SlowAdvance]) { slow += steps }

    /// Any of the executions on an evaluation thread comes back.
    func finishSlow(_ chance: inout Chance, now: Timestamp) {
        guard !slow.isEmpty else { return }
        let step = slow.remove(at: chance.number(below: slow.count))
        switch step.run(now: now, limits: limits, store: store) {
        case .advanced(let done): post(.advanced(done), to: done.execution)
        case .again(let again): slow.append(again)
        case .cancelled: break
        }
    }

    func hasInputs(_ shard: Int) -> Bool { mailboxes.count(shard) > 0 }

    var hasAnyInput: Bool { !slow.isEmpty || shards.indices.contains { hasInputs($0) } }

    /// As `Engine.open` does: every open task is let out again.
    func recover() throws(StoreError) {
        let tasks = try store.openTasks(after: nil, limit: .max)
        for id in Set(tasks.map(\.execution)).sorted() { post(.redeliver(execution: id, nil), to: id) }
    }

    /// The row of an execution by its ARN.
    func record(_ arn: String) throws(StoreError) -> ExecutionRecord? {
        let parts = arn.split(separator: ":").map(String.init)
        let machineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:\(parts[6])"
        guard let machine = catalog.entry(arn: machineARN) else { return nil }
        return try store.execution(machine: machine.record.id, name: parts[7])
    }
}

/// What has been posted and not yet taken, by shard.
final class Mailboxes: Sendable {
    private let inputs: Mutex<[[ShardInput]]>
    private let shards: Int

    init(count: Int) {
        inputs = Mutex(Array(repeating: [], count: count))
        shards = count
    }

    func shard(of execution: Int64) -> Int { Int(Slot.of(execution: execution)) % shards }

    func post(_ new: [ShardInput], to shard: Int) { inputs.withLock { $0[shard] += new } }

    func putBack(_ old: [ShardInput], to shard: Int) { inputs.withLock { $0[shard].insert(contentsOf: old, at: 0) } }

    func count(_ shard: Int) -> Int { inputs.withLock { $0[shard].count } }

    func take(_ shard: Int, limit: Int) -> [ShardInput] {
        inputs.withLock { inputs in
            let head = Array(inputs[shard].prefix(limit))
            inputs[shard].removeFirst(head.count)
            return head
        }
    }
}

/// A runner that holds every task until the world lets it end.
final class HeldRunner: TaskRunner {
    private typealias Held = (id: TaskID, completion: @Sendable (TaskOutcome) -> Void)
    private let held = Mutex<[Held]>([])
    private let seen = Mutex<Set<TaskID>>([])
    private let twice = Mutex<[TaskID]>([])

    /// Attempts that this process was asked to run more than once.
    var doubles: [TaskID] { twice.withLock { $0 } }

    func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
        if !seen.withLock({ $0.insert(request.id).inserted }) { twice.withLock { $0.append(request.id) } }
        held.withLock { $0.append((request.id, completion)) }
    }

    /// A cancelled task goes on as a stubborn handler does; its outcome then comes late.
    func cancel(_ id: TaskID) {}

    /// Any of the tasks that are out.
    func take(_ chance: inout Chance) -> (id: TaskID, completion: @Sendable (TaskOutcome) -> Void)? {
        let pick = chance.next()
        return held.withLock { held in
            held.isEmpty ? nil : held.remove(at: Int(pick % UInt64(held.count)))
        }
    }
}
