// The API over real HTTP: headers, targets, methods, paths.

import APISupport
import HTTPSupport
import JSON
import Testing

@testable import API

@Suite("The API over HTTP")
struct APIServiceTests {
    private static func with<Result: Sendable>(
        _ body: @Sendable (Int, APIWorld) async throws -> Result
    ) async throws -> Result {
        let world = try await APIWorld.open()
        return try await Running.with(
            { announce in
                APIService(
                    dispatcher: world.dispatcher, host: "127.0.0.1", port: 0, logger: APIWorld.quiet,
                    onServerRunning: announce)
            },
            { port in try await body(port, world) })
    }

    private static func request(
        _ line: String = "POST / HTTP/1.1", target: String? = "AWSStepFunctions.ListStateMachines", host: String = "x",
        type: String? = "application/x-amz-json-1.0", body: String = "{}"
    ) -> String {
        let target = target.map { "X-Amz-Target: \($0)\r\n" } ?? ""
        let type = type.map { "Content-Type: \($0)\r\n" } ?? ""
        return
            "\(line)\r\nHost: \(host)\r\n\(target)\(type)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
            + body
    }

    @Test("An answer carries AWS's headers.")
    func headers() async throws {
        try await Self.with { port, _ in
            let text = try await RawClient.exchange(port: port, Self.request())
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.contains("Content-Type: application/x-amz-json-1.0\r\n"))
            let id = /x-amzn-RequestId: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\r\n/
            #expect(text.contains(id))
            #expect(text.contains(/Date: [A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\r\n/))
            #expect(text.hasSuffix(#"{"stateMachines":[]}"#))
        }
    }

    @Test("Host and content type do not matter.", arguments: ["sync-localhost:8083", "states.us-east-1.amazonaws.com"])
    func lenient(_ host: String) async throws {
        try await Self.with { port, _ in
            for type in ["application/json", nil] {
                let text = try await RawClient.exchange(port: port, Self.request(host: host, type: type))
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test(
        "Anything but POST / with a known target is refused.",
        arguments: [
            ("GET / HTTP/1.1", "AWSStepFunctions.ListStateMachines", 405),
            ("PUT / HTTP/1.1", "AWSStepFunctions.ListStateMachines", 405),
            ("POST /other HTTP/1.1", "AWSStepFunctions.ListStateMachines", 404),
            ("POST / HTTP/1.1", "AWSStepFunctions.MakeCoffee", 404), ("POST / HTTP/1.1", "ListStateMachines", 404),
            ("POST / HTTP/1.1", "DynamoDB_20120810.ListTables", 404), ("POST / HTTP/1.1", nil, 404),
        ] as [(String, String?, Int)])
    func refused(_ line: String, _ target: String?, _ status: Int) async throws {
        try await Self.with { port, _ in
            let text = try await RawClient.exchange(port: port, Self.request(line, target: target))
            #expect(text.hasPrefix("HTTP/1.1 \(status) "))
            #expect(text.hasSuffix("\r\n\r\n" + #"{"__type":"UnknownOperationException"}"#))
            #expect(text.contains("Allow: POST\r\n") == (status == 405))
        }
    }

    @Test("A machine runs over HTTP, and the trace header is taken from the request's.")
    func execution() async throws {
        try await Self.with { port, world in
            let machine = try await world.machine("wait", APIWorld.wait)
            let body = #"{"stateMachineArn":"\#(machine)","name":"h"}"#
            let head = "POST / HTTP/1.1\r\nX-Amzn-Trace-Id: Root=1-x"
            let text = try await RawClient.exchange(
                port: port, Self.request(head, target: "AWSStepFunctions.StartExecution", body: body))
            #expect(text.contains(#""executionArn":"arn:aws:states:us-east-1:000000000000:execution:wait:h""#))
            let execution: JSONValue = "arn:aws:states:us-east-1:000000000000:execution:wait:h"
            #expect(
                try await world.ok("DescribeExecution", ["executionArn": execution])["traceHeader"] == "Root=1-x")
        }
    }

    @Test("A body over 2 MiB is refused before it is read.")
    func oversize() async throws {
        try await Self.with { port, _ in
            let text = try await RawClient.exchange(
                port: port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(2 << 20 | 1)\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 413 Payload Too Large\r\n"))
        }
    }

    @Test("Deep and endless bodies are refused without harm.", arguments: ["[", "{\"a\":", "\"", "1"])
    func bombs(_ unit: String) async throws {
        try await Self.with { port, _ in
            let body = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
            let text = try await RawClient.exchange(port: port, Self.request(body: body))
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(text.contains(#"{"__type":"SerializationException""#))
        }
    }
}
