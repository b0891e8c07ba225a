// An engine with its threads over a store that fails.

import Integrations
import Core
import Engine
import EngineSupport
import JSON
import Logging
import Simulation
import States
import Storage
import Synchronization
import System
import Testing

@Suite("Engine over a failing store")
struct EngineFaultTests {
    /// Keeps what it is asked to run, for the test to end.
    final class Runner: TaskRunner {
        let held = Mutex<[@Sendable (TaskOutcome) -> Void]>([])

        func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
            held.withLock { $0.append(completion) }
        }

        func cancel(_ id: TaskID) {}

        var count: Int { held.withLock { $0.count } }

        func finish() {
            for completion in held.withLock({ $0 }) { completion(.succeeded(.emptyObject)) }
        }
    }

    static let task = """
        {"StartAt":"S","States":{"S":{"Type":"Task","End":true,
          "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}}
        """

    static func open(
        _ store: MemoryStore, _ runner: Runner, _ configuration: EngineConfiguration = EngineConfiguration()
    ) async throws -> Engine {
        try await Engine.open(
            store: store, runner: runner, configuration: configuration,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), fatal: { _ in })
    }

    /// Waits for a condition, at most three minutes: other tests may hold Swift's threads for a minute.
    static func wait(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            await Task.yield()
        }
    }

    static func create(
        _ engine: Engine, _ definition: String = task, name: String = "m"
    ) async throws -> MachineEntry {
        try await engine.createStateMachine(
            CreateStateMachine(
                name: name, definition: definition, roleARN: "arn:aws:iam::000000000000:role/r", type: .standard,
                loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}", tags: "[]",
                scope: Scope())
        ).entry
    }

    @Test("An outcome that meets a store that cannot be read is taken again until it can.")
    func readFaults() async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(store, runner, EngineConfiguration(residentExecutions: 0))
        let machine = try await Self.create(engine)
        let started = try await engine.startExecution(StartExecution(stateMachineARN: machine.record.arn))
        while runner.count == 0 { await Task.yield() }
        store.failReads(2)
        runner.finish()
        while true {
            guard let description = try? await engine.describeExecution(arn: started.arn) else { continue }
            if description.record.stopDate != nil { break }
            await Task.yield()
        }
        await engine.drain()
    }

    @Test("The parent of a .sync task continues while the store cannot be read.")
    func nestedReadFaults() async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(store, runner)
        let child = try await Self.create(engine)
        let parent = try await Self.create(engine, Self.parent(of: child, next: Self.task), name: "parent")
        let started = try await engine.startExecution(StartExecution(stateMachineARN: parent.record.arn))
        try await Self.wait { runner.count == 1 }
        store.failReads(.max)
        runner.finish()
        try await Self.wait { runner.count == 2 }
        store.clearFaults()
        #expect(try await engine.describeExecution(arn: started.arn).record.status == .running)
        await engine.drain()
    }

    /// A machine that starts another one and waits for its end; with `next`, whose state S comes then.
    static func parent(of child: MachineEntry, named name: String? = nil, next: String? = nil) -> String {
        let name = name.map { "\"Name.$\":\"\($0)\"," } ?? ""
        let end = next == nil ? "\"End\":true" : "\"Next\":\"S\""
        let rest = next.map { "," + $0.split(separator: "\"States\":{", maxSplits: 1)[1].dropLast(2) } ?? ""
        return """
            {"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",
              "Parameters":{\(name)"StateMachineArn":"\(child.record.arn)"},\(end)}\(rest)}}
            """
    }

    /// Waits until no execution of the store runs, then checks that nothing is left of what was between them.
    static func waitForRest(_ store: MemoryStore, _ status: [ExecutionStatus: Int]) async throws {
        try await wait { (try? store.executionCounts()) == status }
        let slots = Set((0..<64).map { Int64($0) })
        try await wait {
            (try? store.messages(to: slots, after: 0, limit: 1))?.isEmpty == true
                && (try? store.openTasks(after: nil, limit: 1))?.isEmpty == true
        }
    }

    @Test(
        "A .sync task starts one execution and continues with its end, whatever becomes of the commits.",
        arguments: [1, 8], [nil, "$$.Execution.Name"])
    func nestedCommitFaults(shards: Int, name: String?) async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(store, runner, EngineConfiguration(shards: shards))
        let child = try await Self.create(engine)
        let parent = try await Self.create(engine, Self.parent(of: child, named: name), name: "parent")
        for number in 0..<12 {
            _ = try await engine.startExecution(
                StartExecution(stateMachineARN: parent.record.arn, name: "p\(number)"))
        }
        for _ in 0..<3 { store.inject(.refused(.failed), .writtenButFailed(.failed)) }
        try await Self.wait { runner.count == 12 }
        for _ in 0..<3 { store.inject(.writtenButFailed(.failed), .refused(.failed)) }
        runner.finish()
        try await Self.waitForRest(store, [.succeeded: 24])
        await engine.drain()
        #expect(runner.count == 12)
    }

    @Test("A change of the catalog that was refused, and is stored all the same, is known to the next one.")
    func catalogFaults() async throws {
        let store = MemoryStore()
        let engine = try await Self.open(store, Runner())
        store.inject(.writtenButFailed(.failed))
        await #expect(throws: ServiceError.self) { try await Self.create(engine) }
        let arn = try #require(try store.machines().first?.arn)
        #expect(engine.catalog.entry(arn: arn) != nil)
        // A refresh that meets a read error is made by the next change.
        store.inject(.writtenButFailed(.failed))
        store.failReads(1)
        await #expect(throws: ServiceError.self) { try await engine.deleteStateMachine(arn: arn) }
        store.clearFaults()
        _ = try await Self.create(engine)
        #expect(try store.machines().count == 1)
        await engine.drain()
    }

    @Test("Nested starts beyond their rate are late, and none fails.")
    func nestedRate() async throws {
        let store = MemoryStore()
        let runner = Runner()
        var configuration = EngineConfiguration()
        configuration.nestedStarts = Rate(burst: 1, perSecond: 100)
        let engine = try await Self.open(store, runner, configuration)
        let child = try await Self.create(engine)
        let parent = try await Self.create(engine, Self.parent(of: child), name: "parent")
        for _ in 0..<8 { _ = try await engine.startExecution(StartExecution(stateMachineARN: parent.record.arn)) }
        try await Self.wait { runner.count == 8 }
        runner.finish()
        try await Self.waitForRest(store, [.succeeded: 16])
        await engine.drain()
    }

    @Test("Nested starts beyond their rate wait.")
    func nestedRateHolds() async throws {
        let store = MemoryStore()
        let runner = Runner()
        var configuration = EngineConfiguration()
        configuration.nestedStarts = Rate(burst: 1, perSecond: 0.001)
        let engine = try await Self.open(store, runner, configuration)
        let child = try await Self.create(engine)
        let parent = try await Self.create(engine, Self.parent(of: child), name: "parent")
        for _ in 0..<3 { _ = try await engine.startExecution(StartExecution(stateMachineARN: parent.record.arn)) }
        try await Self.wait { runner.count == 1 && engine.tasksOut == 3 }
        // What was dispatched has come to the shards, and their turns are stored.
        for _ in 0..<3 { await engine.ping() }
        #expect(try store.executionCounts() == [.running: 4])
        await engine.drain()
    }

    @Test(
        "A start by a name whose execution is damaged fails the task, and its own execution is not quarantined.",
        arguments: [1, 8])
    func damagedName(shards: Int) async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(
            store, runner, EngineConfiguration(shards: shards, residentExecutions: 0))
        let child = try await Self.create(engine)
        let parent = try await Self.create(engine, Self.parent(of: child, named: "$$.Execution.Name"), name: "parent")
        _ = try await engine.startExecution(StartExecution(stateMachineARN: child.record.arn, name: "same"))
        try await Self.wait { runner.count == 1 }
        let damaged = try #require(try store.execution(machine: child.record.id, name: "same")).id
        store.damage(damaged)
        _ = try await engine.startExecution(StartExecution(stateMachineARN: parent.record.arn, name: "same"))
        try await Self.wait { (try? store.executionCounts()) == [.running: 1, .failed: 1] }
        let record = try #require(try store.execution(machine: parent.record.id, name: "same"))
        #expect(record.status == .failed)
        #expect(!engine.quarantine.contains(record.id))
        await engine.drain()
    }

    @Test(
        "The execution that a stopped .sync task has started is stopped.", arguments: [1, 8],
        [nil, "$$.Execution.Name"])
    func nestedStops(shards: Int, name: String?) async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(store, runner, EngineConfiguration(shards: shards))
        let child = try await Self.create(engine)
        let middle = try await Self.create(engine, Self.parent(of: child, named: name), name: "middle")
        let parent = try await Self.create(engine, Self.parent(of: middle, named: name), name: "parent")
        var arns: [String] = []
        for number in 0..<6 {
            let start = StartExecution(stateMachineARN: parent.record.arn, name: "p\(number)")
            arns.append(try await engine.startExecution(start).arn)
        }
        try await Self.wait { runner.count == 6 }
        store.inject(.refused(.failed), .writtenButFailed(.failed))
        for arn in arns {
            while (try? await engine.stopExecution(arn: arn, error: nil, cause: nil)) == nil { await Task.yield() }
        }
        try await Self.waitForRest(store, [.aborted: 18])
        await engine.drain()
    }

    @Test(
        "An engine that opens continues trees of executions where the last one has left them.", arguments: [1, 3, 8])
    func nestedRecovery(shards: Int) async throws {
        let store = MemoryStore()
        let first = Runner()
        let engine = try await Self.open(store, first, EngineConfiguration(shards: 8))
        let child = try await Self.create(engine)
        let parent = try await Self.create(
            engine, Self.parent(of: child, named: "$$.Execution.Name"), name: "parent")
        for number in 0..<12 {
            _ = try await engine.startExecution(
                StartExecution(stateMachineARN: parent.record.arn, name: "p\(number)"))
        }
        try await Self.wait { first.count >= 4 }
        await engine.drain()
        let second = Runner()
        store.restart()
        let again = try await Self.open(store, second, EngineConfiguration(shards: shards))
        try await Self.wait { second.count == 12 }
        second.finish()
        try await Self.waitForRest(store, [.succeeded: 24])
        await again.drain()
    }

    @Test("An outcome that a commit refuses is committed later, and its task is let out once.")
    func commitFaults() async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(store, runner)
        let machine = try await Self.create(engine)
        let started = try await engine.startExecution(StartExecution(stateMachineARN: machine.record.arn))
        while runner.count == 0 { await Task.yield() }
        store.inject(.refused(.failed), .writtenButFailed(.failed))
        runner.finish()
        while try await engine.describeExecution(arn: started.arn).record.stopDate == nil { await Task.yield() }
        await engine.drain()
        #expect(runner.count == 1)
    }

    @Test("An execution that cannot be read does not keep the engine from opening.")
    func corruptExecution() async throws {
        let store = MemoryStore()
        let runner = Runner()
        let first = try await Self.open(store, runner)
        let machine = try await Self.create(first)
        await first.drain()
        let record = ExecutionRecord(
            id: 64, machine: machine.record.id, revision: machine.revision.id, name: "e", status: .running,
            startDate: Timestamp(milliseconds: 0), lastEventID: 5)
        try store.commit(
            [.turn(ExecutionTurn(execution: record, isNew: true, events: nil, openedTasks: [3], closedTasks: []))],
            epoch: Epoch(1))
        let second = try await Self.open(store, runner)
        #expect(runner.count == 0)
        await second.drain()
    }

    @Test(
        "An execution whose history does not belong to its definition goes into quarantine.",
        arguments: [
            [.stateEntered(StateEntered(type: .pass, name: "X", input: Payload("{}")))],
            [.stateEntered(StateEntered(type: .pass, name: "W", input: Payload("{}")))],
            [
                .stateEntered(StateEntered(type: .wait, name: "W", input: Payload("{}"))),
                .parallelStateStarted(ParallelStateStarted(branches: 2, input: Payload("{}"))),
            ],
        ] as [[RecordKind]])
    func foreignHistory(kinds: [RecordKind]) async throws {
        let store = MemoryStore()
        let first = try await Self.open(store, Runner())
        let machine = try await Self.create(
            first, #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#)
        await first.drain()
        let zero = Timestamp(milliseconds: 0)
        let started = RecordKind.executionStarted(
            ExecutionStarted(input: Payload("{}"), roleARN: "arn:aws:iam::000000000000:role/r", deadline: nil, seed: 1))
        let events = ([started] + kinds).enumerated().map { index, kind in
            JournalRecord(id: index + 1, previous: index, timestamp: zero, frame: 0, kind: kind)
        }
        let record = ExecutionRecord(
            id: 64, machine: machine.record.id, revision: machine.revision.id, name: "e", status: .running,
            startDate: zero, lastEventID: events.count, wakeAt: zero)
        let row = EventsRecord(execution: 64, firstID: 1, lastID: events.count, body: RecordCoding.encode(events))
        try store.commit(
            [.turn(ExecutionTurn(execution: record, isNew: true, events: row, openedTasks: [], closedTasks: []))],
            epoch: Epoch(1))
        let engine = try await Self.open(store, Runner())
        try await Self.wait { (try? store.quarantined())?.map(\.reason) == [.damaged] }
        #expect(engine.quarantine.contains(64))
        await engine.drain()
    }

    @Test("More damaged executions than one look takes go into quarantine, and a timer of another one fires.")
    func manyDamaged() async throws {
        let store = MemoryStore()
        let first = try await Self.open(store, Runner())
        let machine = try await Self.create(
            first, #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#)
        await first.drain()
        for number in 1...600 as ClosedRange<Int64> {
            let record = ExecutionRecord(
                id: number << 6, machine: machine.record.id, revision: machine.revision.id, name: "e\(number)",
                status: .running, startDate: Timestamp(milliseconds: 0), lastEventID: 5,
                wakeAt: Timestamp(milliseconds: number))
            try store.commit(
                [.turn(ExecutionTurn(execution: record, isNew: true, events: nil, openedTasks: [], closedTasks: []))],
                epoch: Epoch(1))
        }
        let engine = try await Self.open(store, Runner())
        let sound = try await engine.startExecution(StartExecution(stateMachineARN: machine.record.arn))
        while try await engine.describeExecution(arn: sound.arn).record.stopDate == nil { await Task.yield() }
        while engine.quarantine.all.count < 600 { await Task.yield() }
        #expect(try store.quarantined().allSatisfy { $0.reason == .damaged })
        #expect(try store.nextWake() == nil)
        let damaged = ExecutionARN.make(machine.record.arn, "e7")
        let description = try await engine.describeExecution(arn: damaged)
        #expect(description.record.status == .running && description.input == nil)
        _ = try await engine.stopExecution(arn: damaged, error: nil, cause: "damaged")
        #expect(try await engine.describeExecution(arn: damaged).outcome == .aborted(Failure(cause: "damaged")))
        await engine.drain()
    }

    @Test("After draining the store may be closed: outcomes that still come are dropped, starts refused.")
    func drained() async throws {
        let store = MemoryStore()
        let runner = Runner()
        let engine = try await Self.open(store, runner)
        let machine = try await Self.create(engine)
        _ = try await engine.startExecution(StartExecution(stateMachineARN: machine.record.arn))
        await engine.drain()
        let commits = store.commits
        store.close()
        runner.finish()
        await #expect(throws: ServiceError.shuttingDown) {
            try await engine.startExecution(StartExecution(stateMachineARN: machine.record.arn))
        }
        await engine.ping()
        await engine.drain()
        // The ping asks the committer.
        #expect(store.commits <= commits + 2)
    }

    @Test("An attempt whose outcome is not safe yet is not let out a second time.")
    func oneRun() {
        let runner = Runner()
        let outcomes = Mutex(0)
        let dispatcher = Dispatcher(runner: runner, clock: SystemClock()) { _, _ in outcomes.withLock { $0 += 1 } }
        let scheduled = TaskScheduled(family: .lambdaFunction, resource: "f", input: .emptyObject)
        let run = TaskEffect.run(
            TaskInvocation(execution: 1, executionARN: "e", scheduledEvent: 3, scheduled: scheduled))
        dispatcher.perform(run)
        runner.finish()
        dispatcher.perform(run)
        #expect(runner.count == 1 && outcomes.withLock { $0 } == 1 && dispatcher.count == 1)
        dispatcher.perform(.settled(execution: 1, scheduledEvent: 3))
        #expect(dispatcher.count == 0)
    }

    @Test("Revisions that are not the newest do not gather in memory.")
    func revisions() async throws {
        let engine = try await Self.open(MemoryStore(), Runner())
        let machine = try await Self.create(engine)
        for index in 0..<20 {
            _ = try await engine.updateStateMachine(
                UpdateStateMachine(
                    arn: machine.record.arn,
                    definition: #"{"Comment":"\#(index)","StartAt":"S","States":{"S":{"Type":"Pass","End":true}}}"#))
        }
        #expect(engine.catalog.count == 1)
        try await engine.deleteStateMachine(arn: machine.record.arn)
        #expect(engine.catalog.count == 0)
        await engine.drain()
    }
}
