// TestState through the API: what the operation itself decides, before and after the interpreter.

import APISupport
import Core
import JSON
import States
import Testing

@testable import API

@Suite("TestState through the API")
struct APITestStateTests {
    private static let task: JSONValue = [
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Next",
        "Parameters": ["FunctionName": "echo", "Payload.$": "$"], "OutputPath": "$.Payload",
    ]

    private static func request(_ definition: JSONValue, _ extra: JSONValue = [:]) -> JSONValue {
        var request = extra.objectValue ?? JSONObject()
        request["definition"] = .string(definition.text)
        return .object(request)
    }

    @Test("A Task calls its function, and the answer tells what comes next.")
    func call() async throws {
        let world = try await APIWorld.open()
        let request = Self.request(Self.task, ["roleArn": .string(APIWorld.role), "input": #"{"a":1}"#])
        #expect(
            try await world.ok("TestState", request) == [
                "output": #"{"a":1}"#, "nextState": "Next", "status": "SUCCEEDED",
            ] as JSONValue)
    }

    @Test("A mock takes the place of the call, and no role is needed.")
    func mock() async throws {
        let world = try await APIWorld.open()
        let request = Self.request(
            Self.task, ["mock": ["result": #"{"StatusCode":200,"Payload":{"mocked":true}}"#]])
        let answer = try await world.ok("TestState", request)
        #expect(answer["status"] == "SUCCEEDED" && answer["output"] == #"{"mocked":true}"#)
    }

    @Test("An error that a mock gives is caught as one that a call gives, and the inspection names the Catcher.")
    func mockedError() async throws {
        let world = try await APIWorld.open()
        var task = try #require(Self.task.objectValue)
        task["Catch"] = [["ErrorEquals": ["Lambda.Other"], "Next": "N"], ["ErrorEquals": ["E"], "Next": "Caught"]]
        let request = Self.request(
            .object(task), ["inspectionLevel": "DEBUG", "mock": ["errorOutput": ["error": "E", "cause": "C"]]])
        let answer = try await world.ok("TestState", request)
        #expect(answer["status"] == "CAUGHT_ERROR" && answer["nextState"] == "Caught")
        #expect(answer["error"] == "E" && answer["cause"] == "C")
        #expect(answer["inspectionData"]?["errorDetails"] == ["catchIndex": 1] as JSONValue)
    }

    @Test(
        "Inspection is shown from DEBUG on.",
        arguments: [(nil, false), ("INFO", false), ("DEBUG", true), ("TRACE", true)])
    func inspection(level: String?, shown: Bool) async throws {
        let world = try await APIWorld.open()
        var extra = JSONObject()
        if let level { extra["inspectionLevel"] = .string(level) }
        let answer = try await world.ok("TestState", Self.request(["Type": "Pass", "End": true], .object(extra)))
        #expect((answer["inspectionData"] != nil) == shown)
    }

    @Test("A test leaves nothing behind: no machine and no execution.")
    func nothingLeft() async throws {
        let world = try await APIWorld.open()
        _ = try await world.ok(
            "TestState", Self.request(Self.task, ["roleArn": .string(APIWorld.role), "input": "{}"]))
        #expect(try await world.ok("ListStateMachines", [:]) == ["stateMachines": []] as JSONValue)
    }

    private static let pass: JSONValue = ["Type": "Pass", "End": true]
    private static let mocked: JSONValue = ["result": #"{"StatusCode":200,"Payload":1}"#]

    /// The request beside the definition, and the message that the refusal begins with.
    private static let refusals: [(JSONValue, JSONValue, String, String)] = [
        (task, [:], "ValidationException", "RoleArn must be specified when testing a Task state"),
        (
            task, ["mock": mocked, "revealSecrets": true], "ValidationException",
            "TestState does not support RevealSecrets when a mock is specified."
        ),
        (
            task, ["mock": [:]], "ValidationException",
            "A test mock should have only one of the following fields: [result, errorOutput]."
        ),
        (
            task, ["mock": ["result": "1", "errorOutput": ["error": "E"]]], "ValidationException",
            "A test mock should have only one of the following fields: [result, errorOutput]."
        ),
        (pass, ["context": "{}"], "ValidationException", "A Context object can only be specified with a mock."),
        (pass, ["variables": "[1]"], "ValidationException", "Variables must be a JSON object"),
        (
            pass, ["stateConfiguration": ["mapIterationFailureCount": 1]], "ValidationException",
            "TestState does not support MapIterationFailureCount when a mock is not specified."
        ),
        (
            map, ["stateConfiguration": ["mapIterationFailureCount": 1]], "ValidationException",
            "TestState does not support MapIterationFailureCount when a mock is not specified."
        ),
        (
            map, [:], "InvalidDefinition",
            "TestState API does not support Map or Parallel states. Supported state types include: "
        ),
        (
            pass, ["roleArn": "arn:aws:iam::1234:role/x"], "InvalidArn",
            "Invalid Role Arn: 'arn:aws:iam::1234:role/x'"
        ),
        (pass, ["input": "{"], "InvalidExecutionInput", ""),
        (["Type": "Pass"], [:], "InvalidDefinition", "Invalid State Machine Definition: "),
    ]

    @Test("A Map shows input and mock as they were written.")
    func writtenTexts() async throws {
        let world = try await APIWorld.open()
        let request = Self.request(
            Self.map, ["input": "[1, 2]", "inspectionLevel": "DEBUG", "mock": ["result": "[1, 1]"]])
        let answer = try await world.ok("TestState", request)
        #expect(answer["output"] == "[1, 1]")
        let inspection = try #require(answer["inspectionData"])
        #expect(inspection["input"] == "[1, 2]" && inspection["afterItemsPath"] == "[1, 2]")
        #expect(inspection["afterResultPath"] == "[1, 1]")
    }

    private static let map: JSONValue = [
        "Type": "Map", "ItemProcessor": ["StartAt": "P", "States": ["P": ["Type": "Pass", "End": true]]], "End": true,
    ]

    @Test("What cannot be tested is refused in AWS's words.", arguments: refusals.indices)
    func refused(index: Int) async throws {
        let (definition, extra, type, message) = Self.refusals[index]
        let world = try await APIWorld.open()
        let (status, body) = try await world.call("TestState", Self.request(definition, extra))
        #expect(status == 400 && body["__type"] == .string(type), "\(body)")
        #expect(body["message"]?.stringValue?.hasPrefix(message) == true, "\(body)")
    }
}
