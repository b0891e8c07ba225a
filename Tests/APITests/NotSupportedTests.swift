// What the log says about machines that this version accepts and cannot run.

import APISupport
import Engine
import HTTPSupport
import JSON
import Logging
import Testing

@testable import API

@Suite("Machines that cannot run to their end")
struct NotSupportedTests {
    private static func definition(_ resource: String, _ parameters: JSONValue) -> JSONValue {
        let state: JSONValue = ["Type": "Task", "Resource": .string(resource), "Parameters": parameters, "End": true]
        return ["StartAt": "A", "States": ["A": state]]
    }

    @Test("Each revision is reported once, and one that can run is not.")
    func once() async throws {
        let log = CapturedLog()
        let world = try await APIWorld.open(logger: log.logger)
        let publish = Self.definition("arn:aws:states:::sns:publish", ["TopicArn": "t", "Message": "m"])
        let arn = try await world.machine("m", publish)
        _ = try await world.machine("m", publish)
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.metadata["machine"] == "\(arn)")
        #expect(log.lines.first?.text.contains("arn:aws:states:::sns:publish") == true)
        let send = Self.definition("arn:aws:states:::sqs:sendMessage", ["QueueUrl": "q", "MessageBody": "m"])
        _ = try await world.ok(
            "UpdateStateMachine", ["stateMachineArn": .string(arn), "definition": .string(send.text)])
        #expect(log.lines.count == 2)
        _ = try await world.machine("other", APIWorld.pass)
        #expect(log.lines.count == 2)
    }
}
