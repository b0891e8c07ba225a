// Closed executions go after a time, running ones never.

import Core
import Engine
import EngineSupport
import JSON
import States
import Storage
import Synchronization
import Testing

@Suite("Retention")
struct RetentionTests {
    @Test("An expired execution is invisible to every call and its name is free; a minute later its rows are deleted.")
    func expiry() async throws {
        let clock = Mutex(Timestamp(milliseconds: 1_000_000))
        let harness = try await EngineHarness(retention: 60_000, clock: { clock.withLock { $0 } })
        let loop = """
            {"StartAt":"C","States":{
              "C":{"Type":"Choice","Default":"E","Choices":[{"Variable":"$.n","NumericLessThan":20,"Next":"A"}]},
              "A":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n,1)","p.$":"$.p"},"Next":"C"},"E":{"Type":"Succeed"}}}
            """
        let long = try await harness.create("long", loop)
        let pass = try await harness.create("pass", EngineTests.pass)
        let wait = try await harness.create("wait", NestedExecutionTests.waiting)
        func start(_ machine: String, _ name: String, _ input: String = "{}") async throws -> String {
            try await harness.engine.startExecution(
                StartExecution(stateMachineARN: machine, name: name, input: input)
            ).arn
        }
        // Some rows of more bytes than one step takes.
        let padding = String(repeating: "x", count: 200_000)
        let history = try await start(long, "a", #"{"n":0,"p":"\#(padding)"}"#)
        _ = try await harness.end(of: history)
        let running = try await start(wait, "b")
        let early = try await start(pass, "c")
        clock.withLock { $0 = $0.adding(seconds: 30) }
        let late = try await start(pass, "d")
        clock.withLock { $0 = $0.adding(seconds: 31) }
        for arn in [history, early] {
            let error = await #expect(throws: ServiceError.self) {
                _ = try await harness.engine.describeExecution(arn: arn)
            }
            #expect(error?.code == .executionDoesNotExist)
        }
        func names(_ status: ExecutionStatus?) async throws -> [String] {
            try await harness.engine.listExecutions(machineARN: pass, status: status, after: nil, limit: 9)
                .executions.map(\.name)
        }
        #expect(try await names(nil) == ["d"])
        #expect(try await names(.succeeded) == ["d"])
        #expect(try await harness.engine.prune {} == 0)
        #expect(try await start(pass, "c") == early)
        _ = try await harness.end(of: early)
        #expect(try await names(nil) == ["c", "d"])
        #expect(try await harness.engine.describeExecution(arn: late).record.name == "d")
        clock.withLock { $0 = $0.adding(seconds: 60) }
        let steps = Mutex(0)
        #expect(try await harness.engine.prune { steps.withLock { $0 += 1 } } == 2)
        #expect(steps.withLock { $0 } > 2)
        #expect(try harness.executionCounts() == [.running: 1, .succeeded: 2])
        #expect(try await harness.engine.describeExecution(arn: running).record.status == .running)
        #expect(try await harness.engine.prune {} == 0)
        await harness.close()
    }
}
