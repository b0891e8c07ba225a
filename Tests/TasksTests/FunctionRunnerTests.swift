// Routing of functions, and what their success and failure become.

import Core
import Engine
import Functions
import Integrations
import JSON
import States
import Testing

@testable import Tasks

@Suite("Functions")
struct FunctionsTests {
    static let arn = "arn:aws:lambda:eu-central-1:123456789012:function:move"

    @Test(
        "A function is found by the most exact entry, whatever form its name has.",
        arguments: [
            (arn, "A"), (arn + ":live", "L"), ("move", "N"), ("move:2", "N2"), ("123456789012:function:move", "A"),
            ("999999999999:function:move", "N"), ("arn:aws:lambda:eu-central-1:123456789012:function:other", "D"),
            ("here", "in"), ("arn:aws:lambda:eu-central-1:123456789012:function:here:$LATEST", "in"), ("there", "T"),
            ("arn:aws:lambda:us-east-1:123456789012:function:here", "D"), ("999999999999:function:here", "D"),
        ])
    func routing(_ name: String, _ expected: String) {
        let configuration = FunctionsConfiguration(
            map: [
                Self.arn: .endpoint("A"), Self.arn + ":live": .endpoint("L"), "move": .endpoint("N"),
                "move:2": .endpoint("N2"), "there": .endpoint("T"),
            ], defaultEndpoint: "D", region: "eu-central-1", account: "123456789012")
        let found = configuration.destination(of: name, inProcess: ["here", "there"])
        if expected == "in" {
            #expect(found == .inProcess("here"))
        } else {
            #expect(found == .endpoint(expected))
        }
    }

    @Test(
        "Functions of this process are there for executions of their own account and region alone.",
        arguments: [
            ("here", "eu-central-1:123456789012", true), ("here", "eu-central-1:999999999999", false),
            ("here", "us-east-1:123456789012", false), ("mapped", "eu-central-1:123456789012", true),
            ("mapped", "eu-central-1:999999999999", false),
            ("arn:aws:lambda:eu-central-1:123456789012:function:here", "eu-central-1:999999999999", false),
            ("arn:aws:lambda:eu-central-1:999999999999:function:here", "eu-central-1:123456789012", false),
            ("arn:aws:lambda:us-east-1:123456789012:function:here", "eu-central-1:123456789012", false),
            ("999999999999:function:here", "eu-central-1:123456789012", false),
            ("function:here", "eu-central-1:123456789012", true),
        ])
    func home(_ name: String, _ caller: String, _ isFound: Bool) {
        let configuration = FunctionsConfiguration(
            map: ["mapped": .inProcess("here")], region: "eu-central-1", account: "123456789012")
        let found = configuration.destination(
            of: name, inProcess: ["here"], executionARN: "arn:aws:states:\(caller):execution:m:e")
        #expect(found == (isFound ? .inProcess("here") : nil))
    }

    private static func request(_ arn: String, input: String = "{}") -> TaskRequest {
        TaskRequest(
            id: TaskID(execution: 7, scheduledEvent: 3), executionARN: "arn:e",
            target: TaskTarget(resource: arn) ?? .function(arn: arn), input: Payload(stored: input),
            timeoutSeconds: nil)
    }

    private func outcome(_ functions: FunctionRunner, _ arn: String, input: String = "{}") async -> TaskOutcome {
        await functions.outcome(Self.request(arn, input: input))
    }

    private struct Odd: Error {}

    private var functions: FunctionRunner {
        FunctionRunner(
            configuration: FunctionsConfiguration(),
            inProcess: [
                InProcessFunction(name: "echo") { input, context in
                    ["input": input, "id": .string(context.requestID), "arn": .string(context.functionARN)]
                },
                InProcessFunction(name: "missing") { _, _ in
                    throw FunctionError(type: "Recipe.NotFound", message: "no recipe \"9\"")
                },
                InProcessFunction(name: "odd") { _, _ in throw Odd() },
            ])
    }

    @Test("An in-process function gets the input and the context, and its result is the output.")
    func success() async {
        let id = Self.request("echo").requestID
        #expect(
            await outcome(functions, "echo", input: #"{"a":1.0}"#)
                == .succeeded(Payload(stored: #"{"input":{"a":1.0},"id":"\#(id)","arn":"echo"}"#)))
    }

    @Test("What a function throws becomes errorType and the error payload, as on Lambda.")
    func failure() async {
        #expect(
            await outcome(functions, "arn:aws:lambda:us-east-1:000000000000:function:missing")
                == .failed(
                    Failure(
                        error: "Recipe.NotFound",
                        cause: #"{"errorMessage":"no recipe \"9\"","errorType":"Recipe.NotFound"}"#)))
        #expect(
            await outcome(functions, "odd")
                == .failed(Failure(error: "Odd", cause: #"{"errorMessage":"Odd()","errorType":"Odd"}"#)))
    }

    @Test("A function that is nowhere fails as on Lambda, with an id that redelivery repeats.")
    func notFound() async {
        let first = await outcome(functions, "nowhere")
        #expect(await outcome(functions, "nowhere") == first)
        guard case .failed(let failure) = first, failure.error == "Lambda.ResourceNotFoundException",
            let cause = failure.cause
        else {
            Issue.record("\(first)")
            return
        }
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:nowhere"
        #expect(
            cause.hasPrefix(
                "Function not found: \(arn) (Service: AWSLambda; Status Code: 404; Error Code: "
                    + "ResourceNotFoundException; Request ID: "))
        #expect(cause.hasSuffix("; Proxy: null)"))
        let id = cause.split(separator: "Request ID: ")[1].prefix(36)
        #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(id.dropFirst(14).first == "8")
    }
}
