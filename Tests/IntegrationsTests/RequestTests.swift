// From a task to a request, and from a response to its outcome. Calls over HTTP are in TasksTests.

import Core
import JSON
import Testing

@testable import Integrations

@Suite("Requests of integrations")
struct RequestTests {
    private static func code(
        _ resource: String, _ input: JSONValue
    ) throws -> (code: any ServiceIntegration, call: IntegrationCall) {
        let target = try #require(TaskTarget(resource: resource))
        guard case .requests(let code, let errors) = target.entry?.code else {
            throw Failure(cause: "\(resource) makes no requests")
        }
        return (
            code,
            IntegrationCall(target: target, input: Payload(input), requestID: "R", errors: errors)
        )
    }

    @Test("An action of the API is called by its name in the API.")
    func operation() throws {
        let (code, call) = try Self.code(
            "arn:aws:states:::aws-sdk:sfn:listExecutions", ["StateMachineArn": "m", "Odd": nil])
        guard case .api(let operation, let members) = try code.request(call) else {
            Issue.record("no call of the API")
            return
        }
        #expect(operation == "ListExecutions")
        #expect(members == ["StateMachineArn": "m", "Odd": nil])
    }

    @Test("Its response has the SDK's names and times; the names of the user's variables stay.")
    func response() throws {
        let (code, call) = try Self.code("arn:aws:states:::aws-sdk:sfn:testState", [:])
        let body: JSONValue = [
            "startDate": 1_700_000_000.25, "executions": [["stopDate": 0, "redriveCount": 1]],
            "assignedVariables": ["x": 1], "status": "OK",
        ]
        let outcome = code.outcome(of: OutboundResponse(status: 200, headers: [], value: body), call)
        #expect(
            outcome
                == .succeeded(
                    Payload([
                        "StartDate": "2023-11-14T22:13:20.250Z",
                        "Executions": [["StopDate": "1970-01-01T00:00:00.000Z", "RedriveCount": 1]],
                        "AssignedVariables": ["x": 1], "Status": "OK",
                    ])))
    }

    @Test(
        "Its errors have the names of the SDK.",
        arguments: [
            ("ExecutionDoesNotExist", "Sfn.ExecutionDoesNotExistException"),
            ("ValidationException", "Sfn.ValidationException"), (nil, "Sfn.SfnException"),
        ])
    func error(_ code: String?, _ error: String) throws {
        let (integration, call) = try Self.code("arn:aws:states:::aws-sdk:sfn:describeExecution", [:])
        let response = OutboundResponse(
            status: 400, headers: code.map { [("x-amzn-ErrorType", $0)] } ?? [], value: ["message": "no"])
        #expect(
            integration.outcome(of: response, call)
                == .failed(
                    Failure(
                        error: error,
                        cause: "no (Service: Sfn, Status Code: 400, Request ID: R) (SDK Attempt Count: 1)")))
    }

    @Test("A function's input is sent as it is, with the qualifier of its ARN.")
    func function() throws {
        let (code, call) = try Self.code("arn:aws:lambda:us-east-1:1:function:f:live", ["a": 1])
        guard case .function(let invocation) = try code.request(call) else {
            Issue.record("no call of a function")
            return
        }
        #expect(invocation.qualifier == "live")
        #expect(invocation.payload == Payload(["a": 1]))
        #expect(invocation.invocationType == .requestResponse)
    }

    @Test("A task that waits is submitted with what would end another.")
    func submitted() {
        let result = Payload([1])
        #expect(TaskOutcome.succeeded(result).of(.requestResponse) == .succeeded(result))
        for pattern in [IntegrationPattern.sync, .sync2, .waitForTaskToken] {
            #expect(TaskOutcome.succeeded(result).of(pattern) == .submitted(result))
            #expect(TaskOutcome.failed(Failure(error: "E")).of(pattern) == .failed(Failure(error: "E")))
        }
    }

    @Test("The start of an execution has its input as JSON text, and its result the SDK's envelope.")
    func start() {
        let start = NestedStart(["StateMachineArn": "m", "Input": ["a": 1], "Name": nil])
        #expect(start.stateMachineARN == "m" && start.name == nil && start.input == #"{"a":1}"#)
        #expect(NestedStart(["Input": "text"]).input == "text")
        #expect(NestedStart(["Input": nil]).input == nil)
        let result = NestedStart.result(executionARN: "e", startDate: Timestamp(milliseconds: 7), requestID: "R")
        #expect(
            result.text == #"{"ExecutionArn":"e","SdkHttpMetadata":{"AllHttpHeaders":{"x-amzn-RequestId":["R"],"#
                + #""Content-Type":["application/x-amz-json-1.0"]},"HttpHeaders":{"x-amzn-RequestId":"R","#
                + #""Content-Type":"application/x-amz-json-1.0"},"HttpStatusCode":200},"#
                + #""SdkResponseMetadata":{"RequestId":"R"},"StartDate":7}"#)
        let failure = NestedStart.failure(code: "InvalidName", message: "no", status: 400, requestID: "R")
        #expect(failure.error == "StepFunctions.InvalidNameException")
        #expect(
            failure.cause
                == "no (Service: AWSStepFunctions; Status Code: 400; Error Code: InvalidName; Request ID: R; Proxy: null)"
        )
    }
}
