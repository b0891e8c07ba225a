// Calls over HTTP: against a server that answers as Lambda does, and as it should not.

import Core
import Dispatch
import Engine
import Functions
import HTTPSupport
import Identity
import Integrations
import JSON
import Outbound
import States
import Testing

@testable import Tasks

@Suite("Lambda Invoke")
struct LambdaInvokeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var reply: ScriptedReply
        var expected: TaskOutcome
        var timeout = 30_000
        var testDescription: String { title }
    }

    static let arn = "arn:aws:lambda:us-east-1:000000000000:function:cook"
    static let invoke = "arn:aws:states:::lambda:invoke"
    static let requestID = request().requestID
    static let failed = ["X-Amz-Function-Error": "Unhandled"]

    static func request(_ resource: String = arn, input: String = #"{"a": 1}"#) -> TaskRequest {
        TaskRequest(
            id: TaskID(execution: 4, scheduledEvent: 9), executionARN: "arn:e",
            target: TaskTarget(resource: resource) ?? .function(arn: resource), input: Payload(stored: input),
            timeoutSeconds: nil)
    }

    private static func service(_ name: String, _ message: String, _ status: Int, _ code: String?) -> TaskOutcome {
        .failed(
            Failure(
                error: "Lambda.\(name)",
                cause: "\(message) (Service: AWSLambda; Status Code: \(status); Error Code: \(code ?? "null"); "
                    + "Request ID: \(requestID); Proxy: null)"))
    }

    static let answers = [
        Case(
            title: "a result", reply: .answer(200, [:], #"{"b": 1.0}"#),
            expected: .succeeded(Payload(stored: #"{"b":1.0}"#))),
        Case(title: "null", reply: .answer(200, [:], "null"), expected: .succeeded(Payload(stored: "null"))),
        Case(title: "nothing", reply: .answer(200), expected: .succeeded(Payload(stored: "null"))),
        Case(
            title: "no JSON", reply: .answer(200, [:], "say \"hi\""),
            expected: .succeeded(Payload(stored: #""say \"hi\"""#))),
        Case(
            title: "a chunked result",
            reply: .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n"),
            expected: .succeeded(Payload(stored: "[1]"))),
        Case(
            title: "a function error",
            reply: .answer(
                200, failed, #"{"errorMessage": "no \"x\"", "errorType": "RecipeMissing", "stackTrace": []}"#),
            expected: .failed(
                Failure(
                    error: "RecipeMissing",
                    cause: #"{"errorMessage":"no \"x\"","errorType":"RecipeMissing","stackTrace":[]}"#))),
        Case(
            title: "a handled function error",
            reply: .answer(200, ["x-amz-function-error": "Handled"], #"{"errorType":"A.B"}"#),
            expected: .failed(Failure(error: "A.B", cause: #"{"errorType":"A.B"}"#))),
        Case(
            title: "an error without a type",
            reply: .answer(200, failed, #"{"errorMessage":"2026 Task timed out after 1.00 seconds"}"#),
            expected: .failed(
                Failure(
                    error: "Lambda.Unknown",
                    cause: "The cause could not be determined because Lambda did not return an error type. Returned "
                        + #"payload: {"errorMessage":"2026 Task timed out after 1.00 seconds"}"#))),
        Case(
            title: "an error that is no JSON", reply: .answer(200, failed, "boom"),
            expected: .failed(
                Failure(
                    error: "Lambda.Unknown",
                    cause: "The cause could not be determined because Lambda did not return an error type. Returned "
                        + "payload: boom"))),
        Case(
            title: "an error type that is no text", reply: .answer(200, failed, #"{"errorType":5}"#),
            expected: .failed(
                Failure(
                    error: "Lambda.Unknown",
                    cause: "The cause could not be determined because Lambda did not return an error type. Returned "
                        + #"payload: {"errorType":5}"#))),
    ]

    static let refusals = [
        Case(
            title: "404",
            reply: .answer(
                404, ["x-amzn-ErrorType": "ResourceNotFoundException"],
                #"{"Type":"User","Message":"Function not found: \#(arn):$LATEST"}"#),
            expected: service(
                "ResourceNotFoundException", "Function not found: \(arn):$LATEST", 404, "ResourceNotFoundException")),
        Case(
            title: "429",
            reply: .answer(
                429, ["x-amzn-ErrorType": "TooManyRequestsException"],
                #"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","#
                    + #""message":"Rate Exceeded."}"#),
            expected: service("TooManyRequestsException", "Rate Exceeded.", 429, "TooManyRequestsException")),
        Case(
            title: "429 from a proxy", reply: .answer(429, [:], "slow down"),
            expected: service("TooManyRequestsException", "null", 429, "TooManyRequestsException")),
        Case(
            title: "its own request id",
            reply: .answer(429, ["x-amzn-RequestId": "ID"], #"{"message":"Rate Exceeded."}"#),
            expected: .failed(
                Failure(
                    error: "Lambda.TooManyRequestsException",
                    cause:
                        "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; "
                        + "Request ID: ID; Proxy: null)"))),
        Case(
            title: "413", reply: .answer(413, [:], #"{"message":"large"}"#),
            expected: service("RequestTooLargeException", "large", 413, "RequestTooLargeException")),
        Case(
            title: "400 with a long type name",
            reply: .answer(
                400, ["x-amzn-errortype": "InvalidRequestContentException:http://x/"], #"{"message":"bad"}"#),
            expected: service("InvalidRequestContentException", "bad", 400, "InvalidRequestContentException")),
        Case(
            title: "403 is an error that the SDK does not model",
            reply: .answer(403, ["x-amzn-errortype": "AccessDeniedException"], #"{"Message":"User: u is not"}"#),
            expected: service("AWSLambdaException", "User: u is not", 403, "AccessDeniedException")),
        Case(
            title: "a type in the body", reply: .answer(500, [:], #"{"__type":"com.x#ServiceException"}"#),
            expected: service("ServiceException", "null", 500, "ServiceException")),
        Case(
            title: "502 with the reason",
            reply: .answer(502, ["x-amzn-errortype": "InvalidRuntimeException"], #"{"Message":"runtime"}"#),
            expected: service("InvalidRuntimeException", "runtime", 502, "InvalidRuntimeException")),
        Case(
            title: "503 from a proxy", reply: .answer(503, [:], "<html/>"),
            expected: service("ServiceException", "null", 503, "ServiceException")),
        Case(
            title: "a redirect", reply: .answer(302, ["Location": "/"]),
            expected: service("AWSLambdaException", "null", 302, nil)),
    ]

    @Test("Answers become outcomes, in both forms of the task.", arguments: answers + refusals)
    func outcomes(_ item: Case) async throws {
        let server = try ScriptedServer(item.reply)
        defer { server.stop() }
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: server.url), inProcess: [])
        let outcome = await functions.outcome(Self.request())
        #expect(outcome == item.expected)
        guard case .failed = item.expected else { return }
        let integration = Self.request(Self.invoke, input: #"{"FunctionName":"\#(Self.arn)"}"#)
        let integrated = await functions.outcome(integration)
        #expect(integrated == item.expected)
    }

    @Test("The call says whom, with what, and which attempt it is.")
    func wire() async throws {
        let server = try ScriptedServer(.answer(200, [:], "1"))
        defer { server.stop() }
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: server.url + "/lambda/"), inProcess: [])
        for resource in [Self.arn, Self.arn, Self.arn + ":$LATEST", "my_fn:live"] {
            #expect(await functions.outcome(Self.request(resource)) == .succeeded(Payload(stored: "1")))
        }
        let requests = server.requests
        let prefix = "/lambda/2015-03-31/functions/"
        #expect(
            requests.map(\.uri) == [
                prefix + "cook/invocations", prefix + "cook/invocations",
                prefix + "cook/invocations?Qualifier=%24LATEST", prefix + "my_fn/invocations?Qualifier=live",
            ])
        #expect(requests.allSatisfy { $0.method == "POST" && $0.body == #"{"a": 1}"# })
        #expect(requests[0].headers["host"] == "127.0.0.1:\(server.port)")
        #expect(requests[0].headers["x-amz-invocation-type"] == "RequestResponse")
        #expect(requests[0].headers["authorization"] == nil)
        #expect(requests[0].headers["amz-sdk-invocation-id"] == Self.requestID)
        #expect(requests[1].headers["amz-sdk-invocation-id"] == Self.requestID)
        let trace = try #require(requests[0].headers["x-amzn-trace-id"])
        #expect(trace == requests[1].headers["x-amzn-trace-id"])
        #expect(trace.split(separator: "-").map(\.count) == [6, 8, 34])
    }

    @Test("The signer sees the request as it goes out, and what it adds goes out.")
    func signer() async throws {
        let server = try ScriptedServer(.answer(200, [:], "1"))
        defer { server.stop() }
        let configuration = FunctionsConfiguration(defaultEndpoint: server.url)
        let signer: RequestSigner = { request in
            var signed = request
            let host = request.headers.first { $0.name == "Host" }?.value ?? ""
            signed.headers.append(
                ("Authorization", "\(request.method) \(request.target) \(host) \(request.body.count)"))
            return signed
        }
        let functions = FunctionRunner(configuration: configuration, inProcess: [], signer: signer)
        _ = await functions.outcome(Self.request())
        #expect(
            server.requests[0].headers["authorization"]
                == "POST /2015-03-31/functions/cook/invocations 127.0.0.1:\(server.port) 8")
    }

    static let integrations: [(String, ScriptedReply, String)] = [
        (
            #"{"FunctionName":"cook","Payload":{"n":1.0},"InvocationType":"RequestResponse"}"#,
            .answer(200, ["X-Amz-Executed-Version": "$LATEST", "x-amzn-RequestId": "R"], #"{"ok": [true]}"#),
            #"{"ExecutedVersion":"$LATEST","Payload":{"ok":[true]},"SdkHttpMetadata":{"HttpStatusCode":200},"#
                + #""SdkResponseMetadata":{"RequestId":"R"},"StatusCode":200}"#
        ),
        (
            #"{"FunctionName":"cook","Qualifier":"7","Payload":"text"}"#,
            .answer(200, ["X-Amz-Executed-Version": "7", "x-amzn-RequestId": "R"], "plain"),
            #"{"ExecutedVersion":"7","Payload":"plain","SdkHttpMetadata":{"HttpStatusCode":200},"#
                + #""SdkResponseMetadata":{"RequestId":"R"},"StatusCode":200}"#
        ),
        (
            #"{"FunctionName":"cook","LogType":"Tail"}"#,
            .answer(200, ["X-Amz-Log-Result": "bG9n", "x-amzn-RequestId": "R"], "[]"),
            #"{"LogResult":"bG9n","Payload":[],"SdkHttpMetadata":{"HttpStatusCode":200},"#
                + #""SdkResponseMetadata":{"RequestId":"R"},"StatusCode":200}"#
        ),
        (
            #"{"FunctionName":"cook","InvocationType":"Event","ClientContext":"e30="}"#,
            .answer(202, ["x-amzn-RequestId": "R"]),
            #"{"SdkHttpMetadata":{"HttpStatusCode":202},"SdkResponseMetadata":{"RequestId":"R"},"StatusCode":202}"#
        ),
    ]

    @Test(
        "The integration form sends its parameters and gives the whole answer, with a token or without.",
        arguments: integrations, ["", ".waitForTaskToken"])
    func integration(_ item: (String, ScriptedReply, String), _ pattern: String) async throws {
        let (input, reply, expected) = item
        let server = try ScriptedServer(reply)
        defer { server.stop() }
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: server.url), inProcess: [])
        let request = Self.request(Self.invoke + pattern, input: input)
        let outcome = await functions.outcome(request)
        let isSubmitted: Bool
        let payload: Payload
        switch outcome {
        case .succeeded(let result): (isSubmitted, payload) = (false, result)
        case .submitted(let result): (isSubmitted, payload) = (true, result)
        case .failed(let failure):
            Issue.record("\(failure)")
            return
        }
        #expect(isSubmitted == !pattern.isEmpty)
        var output = try #require(payload.value.objectValue)
        var metadata = try #require(output["SdkHttpMetadata"]?.objectValue)
        #expect(metadata["HttpHeaders"]?["x-amzn-RequestId"] == "R")
        #expect(metadata["AllHttpHeaders"]?["x-amzn-RequestId"] == ["R"])
        _ = metadata.removeValue(forKey: "HttpHeaders")
        _ = metadata.removeValue(forKey: "AllHttpHeaders")
        output["SdkHttpMetadata"] = .object(metadata)
        #expect(JSONValue.object(output).text == expected)
        let parameters = try JSONValue.parse(input)
        let sent = server.requests[0]
        #expect(sent.body == parameters["Payload"]?.text ?? "")
        #expect(sent.headers["x-amz-invocation-type"] == parameters["InvocationType"]?.stringValue ?? "RequestResponse")
        #expect(sent.headers["x-amz-log-type"] == parameters["LogType"]?.stringValue)
        #expect(sent.headers["x-amz-client-context"] == parameters["ClientContext"]?.stringValue)
        #expect(sent.uri.hasSuffix("?Qualifier=7") == (parameters["Qualifier"] != nil))
    }

    @Test(
        "A payload that is a string of JSON is sent as that JSON; null is no payload.",
        arguments: [
            (#""true""#, "true"), (#""{\"a\": 1.0}""#, #"{"a": 1.0}"#), (#""\"x\"""#, #""x""#), (#""x y""#, #""x y""#),
            ("null", ""), ("0.0", "0.0"),
        ])
    func payload(parameter: String, sent: String) async throws {
        let server = try ScriptedServer(.answer(200, [:], "1"))
        defer { server.stop() }
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: server.url), inProcess: [])
        let input = #"{"FunctionName":"cook","Payload":\#(parameter)}"#
        _ = await functions.outcome(Self.request(Self.invoke, input: input))
        #expect(server.requests.map(\.body) == [sent])
    }

    static let refusedParameters: [(String, String)] = [
        ("{}", #"[The field "FunctionName" is required but was missing]"#),
        (#"{"FunctionName":7}"#, #"[The field "FunctionName" is required but was missing]"#),
        ("[]", "[The parameters are not an object]"),
        (
            #"{"FunctionName":"f","InvocationType":"Later"}"#,
            "[The value of the field 'InvocationType' has an invalid format]"
        ),
    ]

    @Test("Parameters that name no call fail the task.", arguments: refusedParameters)
    func badParameters(_ input: String, _ reason: String) async {
        let functions = FunctionRunner(configuration: .init(), inProcess: [])
        #expect(
            await functions.outcome(Self.request(Self.invoke, input: input))
                == .failed(
                    Failure(
                        error: "States.Runtime",
                        cause: "The Parameters '\(input)' could not be used to start the Task: \(reason)")))
    }

    static let timeout = TaskOutcome.failed(
        Failure(
            error: "Lambda.ClientExecutionTimeoutException",
            cause: "Client execution did not complete before the specified timeout configuration."))

    static let troubles = [
        Case(title: "silence", reply: .silence, expected: timeout, timeout: 150),
        Case(
            title: "a body that stops coming", reply: .stall("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
            expected: timeout, timeout: 150),
        Case(
            title: "hangs up", reply: .hangUp,
            expected: .failed(
                Failure(
                    error: "Lambda.SdkClientException",
                    cause: "Unable to execute HTTP request: 127.0.0.1:PORT failed to respond"))),
        Case(
            title: "stops in the middle", reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
            expected: .failed(Failure(error: "Lambda.SdkClientException", cause: nil))),
        Case(
            title: "answers with a status that HTTP does not have",
            reply: .raw("HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\n{}"),
            expected: .failed(Failure(error: "Lambda.SdkClientException", cause: nil))),
        Case(
            title: "speaks something else", reply: .raw("SSH-2.0-x\r\n"),
            expected: .failed(Failure(error: "Lambda.SdkClientException", cause: nil))),
    ]

    @Test("A server that misbehaves is the client's exception, which the usual Retry names.", arguments: troubles)
    func trouble(_ item: Case) async throws {
        let server = try ScriptedServer(item.reply)
        defer { server.stop() }
        let functions = FunctionRunner(
            configuration: .init(defaultEndpoint: server.url, invokeTimeoutMilliseconds: item.timeout), inProcess: [])
        let outcome = await functions.outcome(Self.request())
        guard case .failed(let failure) = outcome, case .failed(let expected) = item.expected else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.error == expected.error)
        if let cause = expected.cause { #expect(failure.cause == cause.replacing("PORT", with: "\(server.port)")) }
        #expect(failure.cause?.isEmpty == false)
    }

    @Test("A port without a listener fails at once.")
    func refused() async throws {
        let closed = DeafPort()
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: closed.url), inProcess: [])
        guard case .failed(let failure) = await functions.outcome(Self.request()) else {
            Issue.record("the call did not fail")
            return
        }
        #expect(failure.error == "Lambda.SdkClientException")
        #expect(
            failure.cause
                == "Unable to execute HTTP request: Connect to 127.0.0.1:\(closed.port) failed: Connection refused")
    }

    @Test("A response beyond Lambda's limit is Lambda's own error; one at the limit passes.")
    func tooLarge() async throws {
        let limit = Limits.Functions.maximumResponseBytes
        let server = try ScriptedServer { _, number in
            .answer(200, [:], "\"" + String(repeating: "x", count: limit - 2 + number) + "\"")
        }
        defer { server.stop() }
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: server.url), inProcess: [])
        guard case .succeeded(let output) = await functions.outcome(Self.request()) else {
            Issue.record("the limit itself is too much")
            return
        }
        #expect(output.size == limit)
        #expect(
            await functions.outcome(Self.request())
                == .failed(
                    Failure(
                        error: "Function.ResponseSizeTooLarge",
                        cause:
                            #"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 "#
                            + #"bytes).","errorType":"Function.ResponseSizeTooLarge"}"#)))
    }

    @Test("Cancelling cuts a call off, frees its place and says nothing.")
    func cancel() async throws {
        let server = try ScriptedServer { _, number in number == 0 ? .silence : .answer(200, [:], "2") }
        defer { server.stop() }
        let functions = FunctionRunner(
            configuration: .init(defaultEndpoint: server.url, maxConnections: 1), inProcess: [])
        let first = Self.request()
        TaskRouter(functions: functions).run(first) { Issue.record("a cancelled call completed: \($0)") }
        while server.requests.isEmpty { await Task.yield() }
        var second = first
        second.id.scheduledEvent = 11
        async let outcome = functions.outcome(second)
        while functions.endpointCounts.queued == 0 { await Task.yield() }
        functions.cancel(first.id)
        #expect(await outcome == .succeeded(Payload(stored: "2")))
    }

    @Test("Draining waits for calls, then cuts them off.")
    func drain() async throws {
        let server = try ScriptedServer(.silence)
        defer { server.stop() }
        let functions = FunctionRunner(configuration: .init(defaultEndpoint: server.url), inProcess: [])
        TaskRouter(functions: functions).run(Self.request()) {
            Issue.record("a call that was cut off completed: \($0)")
        }
        while server.requests.isEmpty { await Task.yield() }
        #expect(await functions.drain(within: .milliseconds(20)) == 1)
        while functions.endpointCounts.running > 0 { await Task.yield() }
    }

    @Test("In-process functions take the integration form too.")
    func inProcess() async throws {
        let functions = FunctionRunner(
            configuration: .init(),
            inProcess: [
                InProcessFunction(name: "echo") { input, _ in input },
                InProcessFunction(name: "fail") { _, _ in throw FunctionError(type: "No", message: "no") },
            ])
        func outcome(_ input: String) async -> TaskOutcome {
            await functions.outcome(Self.request(Self.invoke, input: input))
        }
        guard case .succeeded(let payload) = await outcome(#"{"FunctionName":"echo:live","Payload":[1]}"#) else {
            Issue.record("the call failed")
            return
        }
        let output = payload.value
        #expect(output["Payload"] == [1] && output["StatusCode"] == 200 && output["ExecutedVersion"] == "$LATEST")
        #expect(output["SdkResponseMetadata"]?["RequestId"]?.stringValue == Self.requestID)
        #expect(
            await outcome(#"{"FunctionName":"fail"}"#)
                == .failed(Failure(error: "No", cause: #"{"errorMessage":"no","errorType":"No"}"#)))
        for (type, status) in [("Event", 202), ("DryRun", 204)] {
            guard case .succeeded(let payload) = await outcome(#"{"FunctionName":"fail","InvocationType":"\#(type)"}"#)
            else {
                Issue.record("\(type) failed")
                continue
            }
            let output = payload.value
            #expect(output["StatusCode"] == .int(status) && output["Payload"] == nil)
        }
    }
}

extension FunctionRunner {
    func outcome(_ request: TaskRequest) async -> TaskOutcome {
        await withCheckedContinuation { resume in
            TaskRouter(functions: self).run(request) { resume.resume(returning: $0) }
        }
    }
}
