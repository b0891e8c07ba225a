// Activities, task tokens and nested executions over a real store: workers, callbacks, restarts.

import Core
import Engine
import EngineSupport
import JSON
import States
import Storage
import Synchronization
import Testing

@Suite("Activities and callbacks")
struct ActivityTests {
    static let arn = "arn:aws:states:us-east-1:000000000000:activity:a"

    static func machine(_ resource: String, _ fields: String = "") -> String {
        #"{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"\#(resource)"\#(fields),"End":true}}}"#
    }

    private func start(_ harness: EngineHarness, _ fields: String = "", input: String = "{}") async throws -> String {
        let machine = try await harness.create("m", Self.machine(Self.arn, fields))
        return try await harness.engine.startExecution(StartExecution(stateMachineARN: machine, input: input)).arn
    }

    /// What a worker is answered; it confirms what it gets.
    private func poll(_ harness: EngineHarness, reached: Bool? = true) async throws -> ActivityTask? {
        let result = await withCheckedContinuation { continuation in
            _ = harness.engine.pollActivity(arn: Self.arn, workerName: "w") { continuation.resume(returning: $0) }
        }
        let task = try result.get()
        if let task, let reached { harness.engine.activityTaskSent(task, reached: reached) }
        return task
    }

    @Test("A worker that came first gets the task that comes later, and its result ends the execution.")
    func workerFirst() async throws {
        let harness = try await EngineHarness()
        _ = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        async let polled = poll(harness)
        let execution = try await start(harness, input: #"{"n":1}"#)
        let task = try #require(try await polled)
        #expect(task.input == #"{"n":1}"#)
        try await harness.engine.sendTaskHeartbeat(token: task.token, scope: Scope())
        try await harness.engine.sendTaskSuccess(token: task.token, output: "[7]", scope: Scope())
        #expect(try await harness.end(of: execution).outcome == .succeeded(output: Payload(stored: "[7]")))
        await harness.close()
    }

    @Test("Of several callers with one token one wins, and the others are told that the task is gone.")
    func racing() async throws {
        let harness = try await EngineHarness()
        _ = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        _ = try await start(harness)
        let task = try #require(try await poll(harness))
        let codes = await withTaskGroup(of: ServiceError.Code?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    do throws(ServiceError) {
                        if number % 2 == 0 {
                            try await harness.engine.sendTaskSuccess(token: task.token, output: "1", scope: Scope())
                        } else {
                            try await harness.engine.sendTaskFailure(
                                token: task.token, error: "E", cause: nil, scope: Scope())
                        }
                        return nil
                    } catch { return error.code }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.filter { $0 == .taskTimedOut }.count == 7)
        await harness.close()
    }

    @Test("A bad token, a bad output, and a token whose execution is gone each get their own error.")
    func errors() async throws {
        let harness = try await EngineHarness()
        _ = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        _ = try await start(harness)
        let task = try #require(try await poll(harness))
        await #expect(throws: ServiceError.invalidToken) {
            try await harness.engine.sendTaskSuccess(token: "AAAA", output: "nonsense", scope: Scope())
        }
        let badOutput = await #expect(throws: ServiceError.self) {
            try await harness.engine.sendTaskSuccess(token: task.token, output: "nonsense", scope: Scope())
        }
        #expect(badOutput?.code == .invalidOutput)
        let unknown = harness.engine.configuration.tokens.token(of: TaskID(execution: 1 << 30, scheduledEvent: 3))
        let gone = await #expect(throws: ServiceError.self) {
            try await harness.engine.sendTaskHeartbeat(token: unknown, scope: Scope())
        }
        #expect(gone?.code == .taskDoesNotExist)
        let noActivity = #expect(throws: ServiceError.self) {
            try harness.engine.describeActivity(arn: Self.arn + "b")
        }
        #expect(noActivity?.code == .activityDoesNotExist)
        await harness.close()
    }

    @Test("A task that did not reach its worker goes to the next; one that did is not given out again after a restart.")
    func delivery() async throws {
        let first = try await EngineHarness()
        _ = try await first.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        let execution = try await start(first)
        let lost = try #require(try await poll(first, reached: false))
        let again = try #require(try await poll(first, reached: nil))
        #expect(lost.token == again.token)
        await first.close(keepFolder: true)

        // Nobody knows whether it arrived: it comes again.
        let second = try await EngineHarness(folder: first.folder)
        let third = try #require(try await poll(second))
        #expect(third.token == lost.token)
        await second.engine.ping()
        await second.close(keepFolder: true)

        let last = try await EngineHarness(folder: first.folder, activityPollTime: 1)
        #expect(try await poll(last) == nil)
        try await last.engine.sendTaskSuccess(token: lost.token, output: "1", scope: Scope())
        _ = try await last.end(of: execution)
        let history = try await last.engine.executionHistory(arn: execution, from: nil, reverse: false, limit: 99)
        #expect(history.events.filter { $0.kind.history.typeName == "ActivityStarted" }.count == 1)
        await last.close()
    }

    @Test("A heartbeat outlives the process.")
    func heartbeat() async throws {
        let clock = Mutex(Timestamp(milliseconds: 1_000_000))
        let first = try await EngineHarness(clock: { clock.withLock { $0 } })
        _ = try await first.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        let execution = try await start(first, #","HeartbeatSeconds":100"#)
        let task = try #require(try await poll(first))
        clock.withLock { $0 = $0.adding(seconds: 90) }
        try await first.engine.sendTaskHeartbeat(token: task.token, scope: Scope())
        await first.close(keepFolder: true)
        clock.withLock { $0 = $0.adding(seconds: 90) }
        let second = try await EngineHarness(folder: first.folder, clock: { clock.withLock { $0 } })
        try await second.engine.sendTaskSuccess(token: task.token, output: "1", scope: Scope())
        #expect(try await second.end(of: execution).record.status == .succeeded)
        await second.close()
    }

    @Test("Only so many workers may wait for one activity; whoever waits when it is deleted is told.")
    func pollers() async throws {
        var limits = Limits()
        limits.api.activityPollers = 1
        let harness = try await EngineHarness(limits: limits)
        _ = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        let waiting = Mutex<Result<ActivityTask?, ServiceError>?>(nil)
        #expect(
            harness.engine.pollActivity(arn: Self.arn, workerName: nil) { result in waiting.withLock { $0 = result } }
                != nil)
        let refused = await #expect(throws: ServiceError.self) { try await poll(harness) }
        #expect(refused?.code == .activityWorkerLimitExceeded)
        try await harness.engine.deleteActivity(arn: Self.arn)
        let told = waiting.withLock { $0 }
        #expect(throws: ServiceError.self) { try told?.get() }
        try await harness.engine.deleteActivity(arn: Self.arn)
        await harness.close()
    }

    @Test("A task that is cut off by its timeout is not given to a worker any more.")
    func withdrawn() async throws {
        let harness = try await EngineHarness(activityPollTime: 1)
        _ = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        let execution = try await start(harness)
        _ = try await harness.engine.stopExecution(arn: execution, error: nil, cause: nil)
        #expect(try await poll(harness) == nil)
        await harness.close()
    }
}
