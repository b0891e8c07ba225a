// Express machines over the API: StartSyncExecution and asynchronous starts (api.md §3).

import APISupport
import Core
import JSON
import Testing

@testable import API

@Suite("Express")
struct APIExpressTests {
    static let echo: JSONValue = [
        "StartAt": "A",
        "States": [
            "A": [
                "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "End": true,
                "Parameters": ["in.$": "$", "execution.$": "$$.Execution.Id", "name.$": "$$.Execution.Name"],
            ]
        ],
    ]

    @Test("A synchronous start answers with the end, the express ARN and what AWS would bill.")
    func synchronous() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("m", Self.echo, type: "EXPRESS")
        let ended = try await world.ok(
            "StartSyncExecution", ["stateMachineArn": .string(machine), "name": "n", "input": #"{"a": 1}"#])
        #expect(ended["status"] == "SUCCEEDED")
        #expect(ended["name"] == "n")
        #expect(ended["stateMachineArn"] == .string(machine))
        #expect(ended["input"] == #"{"a": 1}"#)
        let arn = try #require(ended["executionArn"]?.stringValue)
        #expect(arn.hasPrefix("arn:aws:states:us-east-1:000000000000:express:m:n:"))
        let output = try JSONValue.parse(try #require(ended["output"]?.stringValue))
        #expect(output == ["in": ["a": 1], "execution": .string(arn), "name": "n"])
        #expect(ended["billingDetails"]?["billedMemoryUsedInMB"] == 64)
        let billed = try #require(ended["billingDetails"]?["billedDurationInMilliseconds"]?.intValue)
        #expect(billed >= 100 && billed % 100 == 0)
    }

    @Test("A failed execution is answered with 200, its error and its cause.")
    func failure() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("m", APIWorld.fail, type: "EXPRESS")
        let ended = try await world.ok("StartSyncExecution", ["stateMachineArn": .string(machine)])
        #expect(ended["status"] == "FAILED")
        #expect(ended["error"] == "No")
        #expect(ended["cause"] == "because")
        #expect(ended["output"] == nil)
        #expect(ended["outputDetails"] == ["included": true])
    }

    @Test("METADATA_ONLY leaves payloads out and says so.")
    func metadataOnly() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("m", APIWorld.pass, type: "EXPRESS")
        let ended = try await world.ok(
            "StartSyncExecution", ["stateMachineArn": .string(machine), "includedData": "METADATA_ONLY"])
        #expect(ended["input"] == nil)
        #expect(ended["output"] == nil)
        #expect(ended["inputDetails"] == ["included": false])
        #expect(ended["outputDetails"] == ["included": false])
    }

    @Test("The same name may be started again and again; nothing can be asked about the executions.")
    func asynchronous() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("m", APIWorld.pass, type: "EXPRESS")
        let first = try await world.start(machine, name: "n")
        let second = try await world.start(machine, name: "n")
        #expect(first != second)
        #expect(first.hasPrefix("arn:aws:states:us-east-1:000000000000:express:m:n:"))
        let (status, body) = try await world.call("DescribeExecution", ["executionArn": .string(first)])
        #expect(status == 400)
        #expect(body["message"] == "Invalid Arn: 'Resource type not valid in this context: express'")
        let (_, refusal) = try await world.call("ListExecutions", ["stateMachineArn": .string(machine)])
        #expect(refusal["__type"] == "StateMachineTypeNotSupported")
    }
}
