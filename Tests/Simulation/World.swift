// One seed, one world: clients, a store that fails, tasks that come late or twice, crashes, a clock that jumps. One
// thread, virtual time, the very `Shard.turn` of production.

import Integrations
import Core
import Engine
import Expressions
import JSON
import States
package import Storage
import Synchronization

/// Everything that happens follows from the seed. `run` gives what was found wrong; an empty list is a good world.
package final class World {
    package let seed: UInt64
    let store = MemoryStore()
    var chance: Chance
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var process: Process
    let ledger = Ledger()
    var machines: [String] = []
    private var executionNumber: Int64 = 0
    private var names = 0
    private let faulty: Bool

    /// What one world went through.
    package struct Report: Sendable {
        package var violations: [String] = []
        package var executions = 0
        package var crashes = 0
        package var failedCommits = 0
        package var events = 0

        package init() {}
    }

    package init(seed: UInt64, faulty: Bool = true) throws(StoreError) {
        self.seed = seed
        self.faulty = faulty
        chance = Chance(seed: seed)
        try Self.createMachines(store, seed, &machines)
        process = try Process(store: store, shards: 1 + chance.number(below: 3))
    }

    private static func createMachines(
        _ store: MemoryStore, _ seed: UInt64, _ machines: inout [String]
    ) throws(StoreError) {
        let epoch = try store.claim()
        var random = RandomMachine(seed: seed)
        for id in 1...Int64(4) {
            let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m\(id)"
            let revision = RevisionRecord(
                id: id, machine: id, revisionID: nil, definition: random.definition(),
                roleARN: "arn:aws:iam::000000000000:role/r", creationDate: Timestamp(milliseconds: 0),
                loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}")
            let record = MachineRecord(
                id: id, arn: arn, name: "m\(id)", type: "STANDARD", creationDate: revision.creationDate,
                revision: revision)
            try store.commit([.createMachine(record)], epoch: epoch)
            machines.append(arn)
        }
    }

    // MARK: - A run

    /// Lets `steps` things happen, then lets everything come to its end without faults, and checks.
    package func run(steps: Int = 300) throws(StoreError) -> Report {
        for _ in 0..<steps { try step() }
        try settle()
        checkRuns(process)
        var report = Report()
        report.crashes = ledger.crashes
        report.failedCommits = ledger.failedCommits
        try Checker(world: self).check(&report)
        return report
    }

    private func step() throws(StoreError) {
        switch chance.number(below: 100) {
        case 0..<18: start()
        case 18..<22: try stop()
        case 22..<28: process.finishSlow(&chance, now: now)
        case 28..<60: try turn(crashing: faulty && chance.number(below: 40) == 0)
        case 60..<82: finishTask()
        case 82..<84: repeatOutcome()
        case 84..<96: try passTime()
        case 96..<98: if faulty { injectFault() }
        default: if faulty && chance.number(below: 3) == 0 { try crash() }
        }
    }

    // MARK: - Clients

    private func start() {
        let machine = machines[chance.number(below: machines.count)]
        guard let entry = process.catalog.entry(arn: machine) else { return ledger.violate("no machine \(machine)") }
        // Now and then a client sends the same request again, or another one under the same name.
        if names == 0 || chance.number(below: 5) > 0 { names += 1 }
        let name = "e\(names)"
        let input = RandomMachine.input(&chance)
        let arn = ExecutionARN.make(machine, name)
        executionNumber += 1
        let id = Slot.execution(number: executionNumber, slot: Slot.of(arn: arn))
        let ledger = ledger
        let hasEnded = ledger.stopped[arn] != nil
        process.post(
            .start(
                StartCommand(
                    entry: entry, id: id, arn: arn, name: name, nameIsFresh: false, input: Payload(input),
                    seed: chance.next(), traceHeader: nil,
                    replyTo: process.replies.register { reply in
                        guard case .started(let started) = reply else { return }
                        if hasEnded { ledger.violate("\(arn) was started again after its end") }
                        ledger.accepted(started.arn, input: input.text)
                    })),
            to: id)
    }

    private func stop() throws(StoreError) {
        guard let arn = ledger.anyAccepted(&chance) else { return }
        let record = try store.readingCalmly { () throws(StoreError) in try process.record(arn) }
        guard let record else { return ledger.violate("\(arn) was accepted and cannot be found") }
        let ledger = ledger
        process.post(
            .stop(
                StopCommand(
                    execution: record.id, arn: arn, failure: Failure(error: "Stopped"),
                    replyTo: process.replies.register { reply in
                        switch reply {
                        case .stopped(let date): ledger.stopped(arn, at: date)
                        case .rejected(let error):
                            if error.code != .serviceUnavailable { ledger.violate("stopping \(arn): \(error.message)") }
                        default: ledger.violate("stopping \(arn) had the reply \(reply)")
                        }
                    })),
            to: record.id)
    }

    // MARK: - The engine's loop, by hand

    /// What one shard has planned and not yet committed.
    private typealias Planned = (shard: Int, inputs: [ShardInput], turn: Turn)

    /// One shard turns, or several whose changes go into one transaction. With `crashing` the process dies at one of
    /// the points where that makes a difference.
    private func turn(crashing: Bool) throws(StoreError) {
        let first = chance.number(below: process.shards.count)
        let shards = chance.number(below: 4) == 0 ? Array(process.shards.indices) : [first]
        let planned = shards.compactMap { plan($0) }
        let point = crashing ? chance.number(below: 3) : 3
        if point == 0 { return try crash() }
        let failures = commit(planned)
        if point == 1 || failures.contains(where: { $0?.isEnd ?? false }) { return try crash() }
        for (planned, failure) in zip(planned, failures) { settle(planned, failure) }
        if point == 2 { return try crash() }
        for (planned, failure) in zip(planned, failures) where failure == nil {
            process.evaluate(planned.turn.slow)
            for effect in planned.turn.effects { process.dispatcher.perform(effect) }
        }
    }

    private func plan(_ shard: Int) -> Planned? {
        let inputs = process.takeInputs(shard, limit: 1 + chance.number(below: 20))
        guard !inputs.isEmpty else { return nil }
        let turn = process.shards[shard].turn(inputs, now: now)
        process.putBack(turn.postponed, to: shard)
        return (shard, inputs, turn)
    }

    /// As the committer does: together, and each alone where that was refused.
    private func commit(_ planned: [Planned]) -> [StoreError?] {
        let together = commit(planned.flatMap(\.turn.changes))
        guard planned.count > 1, let together, together.code == .conflict || together.code == .failed else {
            return planned.map { _ in together }
        }
        return planned.map { commit($0.turn.changes) }
    }

    private func commit(_ changes: [Change]) -> StoreError? {
        if changes.isEmpty { return nil }
        do throws(StoreError) {
            try store.commit(changes, epoch: process.epoch)
            return nil
        } catch {
            ledger.failedCommits += 1
            return error
        }
    }

    private func settle(_ planned: Planned, _ failure: StoreError?) {
        let shard = process.shards[planned.shard]
        let end =
            if let failure { shard.failed(planned.turn, planned.inputs, failure) } else {
                shard.committed(planned.turn)
            }
        process.finish(end, failure == nil ? planned.turn.again : [], on: planned.shard)
    }

    private func finishTask() {
        guard let (id, completion) = process.runner.take(&chance) else { return }
        let outcome = Self.outcome(&chance)
        // Let out only once it is safe: the store must know the task.
        let isStored = (try? store.readingCalmly { () throws(StoreError) in ledger.isStored(id, store) }) ?? false
        if !isStored { ledger.violate("task \(id) was let out before it was stored") }
        ledger.lastOutcome = (id, outcome)
        completion(outcome)
    }

    private static func outcome(_ chance: inout Chance) -> TaskOutcome {
        switch chance.number(below: 10) {
        case 0...6: .succeeded(Payload(stored: #"{"ok":true}"#))
        case 7...8: .failed(Failure(error: "Transient", cause: "try again"))
        default: .failed(Failure(error: "Permanent", cause: nil))
        }
    }

    /// An outcome comes a second time, perhaps from before a crash, perhaps a different one.
    private func repeatOutcome() {
        guard let (id, outcome) = ledger.lastOutcome else { return }
        let again = chance.number(below: 2) == 0 ? outcome : Self.outcome(&chance)
        process.post(
            .outcome(execution: id.execution, stimulus: Dispatcher.stimulus(id.scheduledEvent, again)),
            to: id.execution)
    }

    private func passTime() throws(StoreError) {
        let step = Int64(chance.number(below: chance.number(below: 10) == 0 ? 60_000 : 3_000))
        // Now and then somebody sets the clock back.
        now = now.adding(milliseconds: faulty && chance.number(below: 20) == 0 ? -10 * step : step)
        try store.readingCalmly { () throws(StoreError) in try wakeDue() }
    }

    private func wakeDue() throws(StoreError) {
        for record in try store.due(at: now, limit: 50) {
            process.post(.wake(execution: record.id, nil), to: record.id)
        }
    }

    // MARK: - Faults

    private func injectFault() {
        switch chance.number(below: 5) {
        case 0: store.failReads(1 + chance.number(below: 8))
        case 1: store.inject(.refused(.failed))
        case 2: store.inject(.writtenButFailed(.failed))
        case 3: store.inject(.writtenButFailed(.fatal))
        default: store.inject(.fenced)
        }
    }

    /// The process dies and the next one recovers. What the dead one was about to write must be refused.
    private func crash() throws(StoreError) {
        ledger.crashes += 1
        store.restart()
        store.clearFaults()
        let old = process
        checkRuns(old)
        process = try Process(store: store, shards: 1 + chance.number(below: 3))
        try process.recover()
        try checkFence(old)
    }

    /// One process runs an attempt once.
    private func checkRuns(_ process: Process) {
        for task in process.runner.doubles { ledger.violate("task \(task) was let out twice") }
    }

    private func checkFence(_ old: Process) throws(StoreError) {
        do throws(StoreError) {
            try store.commit([.deleteMachine(id: 99, at: now)], epoch: old.epoch)
            ledger.violate("a commit of a dead process was taken")
        } catch {
            if error.code != .fenced { ledger.violate("a dead process was refused as \(error.code)") }
        }
    }

    /// Faults off: whatever was accepted must come to its end.
    private func settle() throws(StoreError) {
        store.clearFaults()
        store.restart()
        for _ in 0..<20_000 {
            for shard in process.shards.indices where process.hasInputs(shard) { try turnCalmly(shard) }
            process.finishSlow(&chance, now: now)
            while let (_, completion) = process.runner.take(&chance) {
                completion(Self.outcome(&chance))
            }
            if process.hasAnyInput { continue }
            guard let next = try store.nextWake() else { return }
            now = max(now, next)
            try wakeDue()
        }
        ledger.violate("something never comes to its end")
    }

    private func turnCalmly(_ shard: Int) throws(StoreError) {
        let inputs = process.takeInputs(shard, limit: 100)
        let turn = process.shards[shard].turn(inputs, now: now)
        process.putBack(turn.postponed, to: shard)
        if !turn.isEmpty { try store.commit(turn.changes, epoch: process.epoch) }
        process.finish(process.shards[shard].committed(turn), turn.again, on: shard)
        process.evaluate(turn.slow)
        for effect in turn.effects { process.dispatcher.perform(effect) }
    }
}

extension StoreError {
    /// Whether the process ends of it.
    fileprivate var isEnd: Bool { code == .fatal || code == .fenced }
}
