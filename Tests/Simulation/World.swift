// One seed, one world: clients, a store that fails, tasks that come late or twice, crashes, a clock that jumps. One
// thread, virtual time, the very `Shard.turn` of production.

import Engine
import JSON
import States
package import Storage
import Synchronization
import Workers

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
        chance = Chance(seed: seed, salt: 0)
        try Self.createMachines(store, seed, &machines)
        process = try Process(store: store, shards: 1 + Int(chance.next(below: 3)))
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
        var report = Report()
        report.crashes = ledger.crashes
        report.failedCommits = ledger.failedCommits
        try Checker(world: self).check(&report)
        return report
    }

    private func step() throws(StoreError) {
        switch chance.next(below: 100) {
        case 0..<18: start()
        case 18..<20: try stop()
        case 20..<60: try turn(crashing: faulty && chance.next(below: 40) == 0)
        case 60..<82: finishTask()
        case 82..<84: repeatOutcome()
        case 84..<96: try passTime()
        case 96..<98: if faulty { injectFault() }
        default: if faulty && chance.next(below: 3) == 0 { try crash() }
        }
    }

    // MARK: - Clients

    private func start() {
        let machine = machines[Int(chance.next(below: UInt64(machines.count)))]
        guard let entry = process.catalog.entry(arn: machine) else { return ledger.violate("no machine \(machine)") }
        // Now and then a client sends the same request again, or another one under the same name.
        if names == 0 || chance.next(below: 5) > 0 { names += 1 }
        let name = "e\(names)"
        let input = JSONValue.object(["n": .int(chance.next(below: 6) == 0 ? 1 : 0)])
        let arn = ExecutionARN.make(machine, name)
        executionNumber += 1
        let id = Slot.execution(number: executionNumber, slot: Slot.of(arn: arn))
        let ledger = ledger
        process.post(
            .start(
                StartCommand(
                    entry: entry, id: id, arn: arn, name: name, nameIsFresh: false, input: Payload(input),
                    seed: chance.next(), traceHeader: nil,
                    reply: { result in
                        if case .success(let started) = result { ledger.accepted(started.arn, input: input.text) }
                    })),
            to: id)
    }

    private func stop() throws(StoreError) {
        guard let arn = ledger.anyAccepted(&chance), let record = try process.record(arn) else { return }
        let ledger = ledger
        process.post(
            .stop(
                StopCommand(
                    execution: record.id, arn: arn, failure: Failure(error: "Stopped"),
                    reply: { result in if case .success = result { ledger.stopped(arn) } })),
            to: record.id)
    }

    // MARK: - The engine's loop, by hand

    /// One shard turns. With `crashing` the process dies at one of the points where that makes a difference.
    private func turn(crashing: Bool) throws(StoreError) {
        let shard = Int(chance.next(below: UInt64(process.shards.count)))
        let inputs = process.takeInputs(shard, limit: 1 + Int(chance.next(below: 20)))
        guard !inputs.isEmpty else { return }
        let turn = process.shards[shard].turn(inputs, now: now)
        process.putBack(turn.postponed, to: shard)
        let point = crashing ? chance.next(below: 3) : 3
        if point == 0 { return try crash() }
        var failure: StoreError?
        if !turn.isEmpty {
            do throws(StoreError) { try store.commit(turn.changes, epoch: process.epoch) } catch { failure = error }
        }
        if point == 1 { return try crash() }
        if let failure {
            ledger.failedCommits += 1
            if failure.code == .fatal || failure.code == .fenced { return try crash() }
            process.post(process.shards[shard].failed(turn, inputs, failure), to: shard)
            return
        }
        process.post(process.shards[shard].committed(turn) + turn.again, to: shard)
        if point == 2 { return try crash() }
        for effect in turn.effects { process.dispatcher.perform(effect) }
    }

    private func finishTask() {
        guard let (id, completion) = process.runner.take(&chance) else { return }
        let outcome = Self.outcome(&chance)
        // Let out only once it is safe: the store must know the task.
        if !ledger.isStored(id, store) { ledger.violate("task \(id) was let out before it was stored") }
        ledger.lastOutcome = (id, outcome)
        completion(outcome)
    }

    private static func outcome(_ chance: inout Chance) -> TaskOutcome {
        switch chance.next(below: 10) {
        case 0...6: .succeeded(output: #"{"ok":true}"#)
        case 7...8: .failed(error: "Transient", cause: "try again")
        default: .failed(error: "Permanent", cause: nil)
        }
    }

    /// An outcome comes a second time, perhaps from before a crash, perhaps a different one.
    private func repeatOutcome() {
        guard let (id, outcome) = ledger.lastOutcome else { return }
        let again = chance.next(below: 2) == 0 ? outcome : Self.outcome(&chance)
        process.post(
            .outcome(execution: id.execution, stimulus: Dispatcher.stimulus(id.scheduledEvent, again)),
            to: id.execution)
    }

    private func passTime() throws(StoreError) {
        now = now.adding(milliseconds: Int64(chance.next(below: chance.next(below: 10) == 0 ? 60_000 : 3_000)))
        try wakeDue()
    }

    private func wakeDue() throws(StoreError) {
        for record in try store.due(at: now, limit: 50) {
            process.post(.wake(execution: record.id, done: { _ in }), to: record.id)
        }
    }

    // MARK: - Faults

    private func injectFault() {
        switch chance.next(below: 4) {
        case 0: store.inject(.refused(.failed))
        case 1: store.inject(.writtenButFailed(.failed))
        case 2: store.inject(.writtenButFailed(.fatal))
        default: store.inject(.fenced)
        }
    }

    /// The process dies and the next one recovers. What the dead one was about to write must be refused.
    private func crash() throws(StoreError) {
        ledger.crashes += 1
        store.restart()
        store.clearFaults()
        let old = process
        process = try Process(store: store, shards: 1 + Int(chance.next(below: 3)))
        try process.recover()
        try checkFence(old)
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
        process.post(process.shards[shard].committed(turn) + turn.again, to: shard)
        for effect in turn.effects { process.dispatcher.perform(effect) }
    }
}
