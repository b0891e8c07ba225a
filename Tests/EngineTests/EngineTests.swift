// The engine from outside: starts, stops, tasks, timers, recovery.

import Core
import Engine
import EngineSupport
import Functions
import JSON
import States
import Storage
import Testing

@Suite("Engine over SQLite")
struct EngineTests {
    static let pass = #"{"StartAt":"S","States":{"S":{"Type":"Pass","End":true}}}"#
    static let task = """
        {"StartAt":"S","States":{"S":{"Type":"Task","End":true,
          "Resource":"arn:aws:lambda:us-east-1:000000000000:function:double"}}}
        """
    static let double = InProcessFunction(name: "double") { input, _ in
        guard let number = input.intValue else { throw FunctionError(type: "NotANumber", message: input.text) }
        return .int(number * 2)
    }

    @Test("An execution of Pass states has ended when its start is answered.")
    func pass() async throws {
        let harness = try await EngineHarness()
        let machine = try await harness.create("m", Self.pass)
        let started = try await harness.engine.startExecution(
            StartExecution(stateMachineARN: machine, name: "e", input: #"{"a": 1}"#))
        #expect(started.arn == "arn:aws:states:us-east-1:000000000000:execution:m:e")
        let description = try await harness.engine.describeExecution(arn: started.arn)
        #expect(description.record.status == .succeeded)
        #expect(description.input == #"{"a": 1}"#)
        #expect(description.outcome == .succeeded(output: Payload(stored: #"{"a":1}"#)))
        let history = try await harness.engine.executionHistory(arn: started.arn, from: nil, reverse: false, limit: 9)
        #expect(history.events.map(\.id) == [1, 2, 3, 4])
        await harness.close()
    }

    @Test("A function in the process ends a task, and what it throws is the task's Error and Cause.")
    func task() async throws {
        let harness = try await EngineHarness(functions: [Self.double])
        let machine = try await harness.create("m", Self.task)
        let good = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine, input: "21"))
        let bad = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine, input: "null"))
        #expect(try await harness.end(of: good.arn).outcome == .succeeded(output: Payload(stored: "42")))
        #expect(
            try await harness.end(of: bad.arn).outcome
                == .failed(Failure(error: "NotANumber", cause: #"{"errorMessage":"null","errorType":"NotANumber"}"#)))
        await harness.close()
    }

    @Test("The same name and input while it runs is the same execution; anything else is refused.")
    func idempotency() async throws {
        let harness = try await EngineHarness()
        let machine = try await harness.create(
            "m", #"{"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":60,"End":true}}}"#)
        func start(_ input: String) async throws(ServiceError) -> StartedExecution {
            try await harness.engine.startExecution(
                StartExecution(stateMachineARN: machine, name: "e", input: input))
        }
        let first = try await start("{}")
        #expect(try await start("{}") == first)
        await #expect(throws: ServiceError.executionAlreadyExists(first.arn)) { try await start("[]") }
        let stopDate = try await harness.engine.stopExecution(arn: first.arn, error: "E", cause: nil)
        #expect(try await harness.engine.stopExecution(arn: first.arn, error: "F", cause: nil) == stopDate)
        await #expect(throws: ServiceError.executionAlreadyExists(first.arn)) { try await start("{}") }
        await harness.close()
    }

    @Test("What waited and what was out when the engine was left goes on under the next one.")
    func recovery() async throws {
        // Both engines have the function: on a slow machine the wait may be over before the first one is left.
        let harness = try await EngineHarness(functions: [Self.double])
        let machine = try await harness.create(
            "m",
            """
            {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"S"},"S":{"Type":"Task","End":true,
              "Resource":"arn:aws:lambda:us-east-1:000000000000:function:double"}}}
            """)
        let waiting = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine, input: "1"))
        await harness.close(keepFolder: true)
        let next = try await EngineHarness(folder: harness.folder, functions: [Self.double])
        #expect(try await next.end(of: waiting.arn).outcome == .succeeded(output: Payload(stored: "2")))
        await next.close()
    }
}
