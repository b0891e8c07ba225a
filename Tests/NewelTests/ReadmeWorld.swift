// A daemon for one row of README's table, and an endpoint with functions and log groups for it.

import AsyncHTTPClient
import Foundation
import HTTPSupport
import JSON
import NIOCore
import NIOHTTP1
import Testing

/// A daemon whose functions are at an endpoint: `echo` and `ask` return their payload, `broken` fails.
final class ReadmeWorld {
    let daemon: RunningDaemon
    private let server: ScriptedServer
    private var machines = 0

    static let logGroup = "arn:aws:logs:us-east-1:000000000000:log-group:/machines:*"

    /// Starts the daemon; in `arguments`, `{endpoint}` stands for the endpoint's URL.
    init(_ arguments: [String] = [], folder: URL? = nil) throws {
        server = try ScriptedServer { request, _ in Self.reply(request) }
        let url = server.url
        daemon = try RunningDaemon(
            ["--set", "functions.defaultEndpoint=\(url)"] + arguments.map { $0.replacing("{endpoint}", with: url) },
            folder: folder)
        try #require(daemon.wait(for: #"event="Ready""#), "\(daemon.text)")
    }

    private static func reply(_ request: ScriptedRequest) -> ScriptedReply {
        switch request.headers["x-amz-target"] {
        case "Logs_20140328.DescribeLogGroups":
            let group: JSONValue = ["logGroupName": "/machines", "arn": .string(logGroup)]
            return .answer(200, [:], JSONValue.object(["logGroups": [group]]).text)
        case .some: return .answer(200, [:], "{}")
        case nil: break
        }
        switch name(request) {
        case "broken":
            let payload = #"{"errorType":"Broken","errorMessage":"on purpose"}"#
            return .answer(200, ["X-Amz-Function-Error": "Unhandled"], payload)
        default: return .answer(200, [:], request.body)
        }
    }

    /// The function that a request calls.
    private static func name(_ request: ScriptedRequest) -> String {
        let parts = request.uri.split(separator: "/")
        return parts.count == 4 ? String(parts[2]) : ""
    }

    func remove() {
        daemon.remove()
        server.stop()
    }

    /// Waits for the call of a function that comes after so many others, and returns its payload.
    func payload(of function: String, after count: Int = 0) async throws -> JSONValue {
        let body = try await eventually("no call of \(function)") {
            let bodies = self.server.requests.filter { Self.name($0) == function }.map(\.body)
            return bodies.count > count ? bodies[count] : nil
        }
        return try JSONValue.parse(body)
    }

    /// Waits for a request to the log service that is for this operation and contains the text.
    func logged(_ operation: String, _ text: String) async throws {
        _ = try await eventually("no \(operation) with \(text)") {
            self.server.requests.first {
                $0.headers["x-amz-target"]?.hasSuffix("." + operation) == true && $0.body.contains(text)
            }
        }
    }

    /// Waits until `body` has a value.
    func eventually<Value>(_ what: String, _ body: () async throws -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let value = try await body() { return value }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Missing(what: what + "\n" + daemon.text)
    }

    private struct Missing: Error { var what: String }

    // MARK: - The API

    /// Returns the body of an operation's answer, errors included.
    func call(_ operation: String, _ input: JSONValue, region: String = "us-east-1") async throws -> JSONValue {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(daemon.port("api") ?? 0)/")
        request.method = .POST
        request.headers.add(name: "X-Amz-Target", value: "AWSStepFunctions.\(operation)")
        request.headers.add(
            name: "Authorization",
            value: "AWS4-HMAC-SHA256 Credential=newel/20260101/\(region)/states/aws4_request, SignedHeaders=host, "
                + "Signature=0")
        request.body = .bytes(ByteBuffer(string: input.text))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(70))
        return try JSONValue.parse(Array(try await response.body.collect(upTo: 1 << 20).readableBytesView))
    }

    /// Returns status and body of a request to a listener, named as in the log line `Ready`.
    func send(
        _ listener: String, _ method: HTTPMethod, _ path: String, _ body: String? = nil
    ) async throws -> (status: Int, body: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(daemon.port(listener) ?? 0)\(path)")
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), String(buffer: bytes))
    }

    /// Creates a machine and returns its ARN.
    func machine(
        _ definition: String, type: String = "STANDARD", logging: JSONValue? = nil
    ) async throws -> String {
        machines += 1
        var request = JSONObject([
            ("name", .string("readme-\(machines)")), ("definition", .string(definition)), ("type", .string(type)),
            ("roleArn", "arn:aws:iam::000000000000:role/any"),
        ])
        if let logging { request["loggingConfiguration"] = logging }
        let answer = try await call("CreateStateMachine", .object(request))
        return try #require(answer["stateMachineArn"]?.stringValue, "\(answer)")
    }

    /// Creates a machine, starts an execution of it and returns the execution's ARN.
    func start(_ definition: String, input: String = "{}") async throws -> JSONValue {
        let machine = try await machine(definition)
        let answer = try await call("StartExecution", ["stateMachineArn": .string(machine), "input": .string(input)])
        return try #require(answer["executionArn"], "\(answer)")
    }

    /// Waits for the end of an execution and returns its description.
    func end(_ execution: JSONValue) async throws -> JSONValue {
        try await eventually("\(execution) does not end") {
            let description = try await self.call("DescribeExecution", ["executionArn": execution])
            // `nil` alone would be JSON's null.
            return description["status"] == "RUNNING" ? Optional<JSONValue>.none : .some(description)
        }
    }

    func run(_ definition: String, input: String = "{}") async throws -> JSONValue {
        try await end(try await start(definition, input: input))
    }

    /// The types of an execution's events.
    func history(_ description: JSONValue) async throws -> [String] {
        let history = try await call("GetExecutionHistory", ["executionArn": description["executionArn"] ?? .null])
        return history["events"]?.arrayValue?.compactMap { $0["type"]?.stringValue } ?? []
    }
}
