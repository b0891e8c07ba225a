// Executions through the API: start, describe, history, stop, list.

import JSON
import Testing

@testable import Server

@Suite("Executions through the API")
struct APIExecutionTests {
    @Test("An execution is started, runs, is described and has its history.")
    func startToEnd() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("pass", APIWorld.pass)
        let execution = try await world.start(machine, name: "one", input: #"{ "a": 1 }"#)
        #expect(execution == "arn:aws:states:us-east-1:000000000000:execution:pass:one")
        let description = try await world.closed(execution)
        #expect(description["status"] == "SUCCEEDED")
        #expect(description["input"] == #"{ "a": 1 }"#)
        #expect(description["output"] == #"{"a":1}"#)
        #expect(description["redriveCount"] == 0)
        #expect(description["redriveStatus"] == "NOT_REDRIVABLE")
        #expect(description["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven")
        let history = try await world.ok("GetExecutionHistory", ["executionArn": .string(execution)])
        let types = history["events"]?.arrayValue?.compactMap { $0["type"]?.stringValue }
        #expect(types == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"])
    }
}
