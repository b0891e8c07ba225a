// RedriveExecution over a real store.

import Core
import Engine
import EngineSupport
import States
import Storage
import Synchronization
import System
import Testing

@Suite("Redrive over SQLite")
struct EngineRedriveTests {
    static let task = ActivityTests.machine(ActivityTests.arn)

    @Test("A failed execution is redriven after a restart, once for each client token, and then succeeds.")
    func afterRestart() async throws {
        let first = try await EngineHarness()
        _ = try await first.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        let machine = try await first.create("m", Self.task)
        let arn = try await first.engine.startExecution(StartExecution(stateMachineARN: machine)).arn
        let running = await #expect(throws: ServiceError.self) {
            try await first.engine.redriveExecution(arn: arn, clientToken: nil)
        }
        #expect(running == ServiceError(.executionNotRedrivable, "Execution is RUNNING and cannot be redriven"))
        _ = try await first.engine.stopExecution(arn: arn, error: nil, cause: nil)
        await first.close(keepFolder: true)

        let second = try await EngineHarness(folder: first.folder)
        let before = try await second.engine.describeExecution(arn: arn)
        #expect(second.engine.redriveStatus(of: before, now: .now) == .redrivable)
        let date = try await second.engine.redriveExecution(arn: arn, clientToken: "once")
        #expect(try await second.engine.redriveExecution(arn: arn, clientToken: "once") == date)
        let after = try await second.engine.describeExecution(arn: arn)
        #expect(after.record.status == .running && after.record.stopDate == nil)
        #expect(after.record.redriveCount == 1 && after.record.redriveDate == date)
        #expect(try second.executionCounts() == [.running: 1])
        await second.close(keepFolder: true)

        // Running again, with its task open, in the next process too.
        let third = try await EngineHarness(folder: first.folder)
        let result = await withCheckedContinuation { continuation in
            _ = third.engine.pollActivity(arn: ActivityTests.arn, workerName: nil) {
                continuation.resume(returning: $0)
            }
        }
        let task = try #require(try result.get())
        try await third.engine.sendTaskSuccess(token: task.token, output: "1", scope: Scope())
        #expect(try await third.end(of: arn).record.status == .succeeded)
        await third.close()
    }

    @Test("An execution whose redrivable period is over, or whose machine is gone, is not redriven.")
    func refused() async throws {
        let clock = Mutex(Timestamp(milliseconds: 1_000_000))
        let harness = try await EngineHarness(clock: { clock.withLock { $0 } })
        let machine = try await harness.create("m", NestedExecutionTests.waiting)
        let arn = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine)).arn
        _ = try await harness.engine.stopExecution(arn: arn, error: nil, cause: nil)
        func reason() async throws -> String? {
            let error = await #expect(throws: ServiceError.self) {
                try await harness.engine.redriveExecution(arn: arn, clientToken: nil)
            }
            return error?.message
        }
        clock.withLock { $0 = $0.adding(seconds: 14 * 86_400 + 1) }
        #expect(try await reason() == "Execution redrivable period exceeded")
        clock.withLock { $0 = $0.adding(seconds: 366 * 86_400) }
        #expect(try await reason() == "Execution has exceeded the max execution time")
        try await harness.engine.deleteStateMachine(arn: machine)
        #expect(try await reason() == "State machine is in DELETING status")
        await harness.close()
    }
}
