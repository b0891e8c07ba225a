// The gateway of a running daemon: what it refuses to serve, reloads, and repeated requests.

import AsyncHTTPClient
import Foundation
import Glibc
import JSON
import NIOCore
import NIOHTTP1
import Testing

/// A daemon with a gateway on a configuration that the test changes.
private struct Gateway {
    let daemon: RunningDaemon
    let folder: URL

    static let mock = """
        paths:
          /ping:
            get:
              x-amazon-apigateway-integration:
                type: mock
                requestTemplates: {application/json: '{"statusCode": 200}'}
                responses: {default: {statusCode: STATUS}}

        """

    static let start = """
        paths:
          /start:
            post:
              x-amazon-apigateway-integration:
                type: aws
                uri: arn:aws:apigateway:us-east-1:states:action/StartExecution
                credentials: arn:aws:iam::000000000000:role/Gateway
                passthroughBehavior: never
                requestTemplates:
                  application/json: |
                    {"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:one",
                     "name":"$input.params('key')","input":"$util.escapeJavaScript($input.json('$'))"}
                responses: {"200": {statusCode: 200}, "400": {statusCode: 400}}

        """

    static let role = """
        {"RoleName": "Gateway", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
         "Policies": [{"PolicyName": "all", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Action": "states:*", "Resource": "*"}]}}]}
        """

    static func definition(_ result: Int) -> String {
        #"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":\#(result),"End":true}}}"#
    }

    init(routes: String, environment: [String: String] = [:]) throws {
        folder = try Program.temporaryFolder()
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("iam"), withIntermediateDirectories: true)
        try Self.write(
            """
            gateway: {openapi: api.yaml, executionLog: info}
            identity: {folder: iam}
            machines: {one: {definition: one.asl.json}}

            """, folder, "newel.yaml")
        try Self.write(Self.role, folder, "iam/Gateway.json")
        try Self.write(Self.definition(1), folder, "one.asl.json")
        try Self.write(routes, folder, "api.yaml")
        daemon = try RunningDaemon(
            ["--config", "newel.yaml", "--listen-gateway", "127.0.0.1:0"], folder: folder, environment: environment)
    }

    static func write(_ text: String, _ folder: URL, _ file: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(file), options: .atomic)
    }

    func write(_ text: String, _ file: String) throws { try Self.write(text, folder, file) }

    func send(_ method: HTTPMethod, _ path: String, _ body: String = "") async throws -> (status: Int, body: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(daemon.port("gateway") ?? 0)\(path)")
        request.method = method
        request.headers.add(name: "Content-Type", value: "application/json")
        if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    /// Sends SIGHUP and waits for the end of the reload with that number.
    func reload(_ number: Int) -> Bool {
        daemon.signal(SIGHUP)
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if daemon.text.components(separatedBy: #"event="Reloaded""#).count > number { return true }
            usleep(5_000)
        }
        return false
    }
}

@Suite("The gateway of a daemon")
struct GatewayServeTests {
    @Test("A route that asks who calls keeps the daemon from serving, with 78 and the place.")
    func refused() throws {
        let gateway = try Gateway(
            routes: Gateway.start.replacing("    post:\n", with: "    post:\n      security: [{key: []}]\n"))
        defer { gateway.daemon.remove() }
        #expect(gateway.daemon.end() == 78)
        #expect(gateway.daemon.text.contains("api.yaml:4:"), "\(gateway.daemon.text)")
        #expect(gateway.daemon.text.contains("paths /start post security"))
    }

    @Test("SIGHUP reloads routes, roles and machines, keeps what is broken, and tells systemd.")
    func reload() async throws {
        let socket = try NotifySocket()
        defer { socket.close() }
        let gateway = try Gateway(
            routes: Gateway.mock.replacing("STATUS", with: "201"), environment: ["NOTIFY_SOCKET": socket.path])
        defer { gateway.daemon.remove() }
        #expect(gateway.daemon.wait(for: #"event="Ready""#), "\(gateway.daemon.text)")
        #expect(try await gateway.send(.GET, "/ping").status == 201)

        try gateway.write(Gateway.mock.replacing("STATUS", with: "202"), "api.yaml")
        try gateway.write(Gateway.definition(2), "one.asl.json")
        #expect(gateway.reload(1), "\(gateway.daemon.text)")
        #expect(try await gateway.send(.GET, "/ping").status == 202)
        let arn: JSONValue = "arn:aws:states:us-east-1:000000000000:stateMachine:one"
        #expect(
            try await gateway.daemon.call("DescribeStateMachine", ["stateMachineArn": arn])["definition"]
                == .string(Gateway.definition(2)))

        try gateway.write("paths: {/ping: {get: {security: [{k: []}]}}}", "api.yaml")
        try gateway.write("{", "one.asl.json")
        try gateway.write("{", "iam/Gateway.json")
        #expect(gateway.reload(2), "\(gateway.daemon.text)")
        #expect(try await gateway.send(.GET, "/ping").status == 202)
        #expect(
            try await gateway.daemon.call("DescribeStateMachine", ["stateMachineArn": arn])["definition"]
                == .string(Gateway.definition(2)))
        for kept in ["the routes", "the roles", "the machine one"] {
            #expect(gateway.daemon.text.contains("Kept as before the reload: \(kept)"), "\(gateway.daemon.text)")
        }

        try gateway.write("no settings: [", "newel.yaml")
        gateway.daemon.signal(SIGHUP)
        #expect(gateway.daemon.wait(for: "Nothing is reloaded"))
        #expect(try await gateway.send(.GET, "/ping").status == 202)

        var messages: [String] = []
        while let message = socket.message() { messages.append(message) }
        let reloads = messages.filter { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }.count
        #expect(reloads == 3)
        #expect(
            messages.filter { $0.hasPrefix("READY=1\n") }.count == 4 || messages.last?.hasPrefix("RELOADING") == true)
    }

    @Test("A role that the reload brings may be assumed at once.")
    func roles() async throws {
        let gateway = try Gateway(routes: Gateway.start)
        defer { gateway.daemon.remove() }
        #expect(gateway.daemon.wait(for: #"event="Ready""#), "\(gateway.daemon.text)")
        #expect(try await gateway.send(.POST, "/start?key=a", "{}").status == 200)
        try gateway.write(Gateway.role.replacing("states:*", with: "states:Stop*"), "iam/Gateway.json")
        #expect(gateway.reload(1), "\(gateway.daemon.text)")
        let denied = try await gateway.send(.POST, "/start?key=b", "{}")
        #expect(denied.status == 400)
        #expect(denied.body.contains(#""__type":"com.amazon.coral.service#AccessDeniedException""#), "\(denied.body)")
    }

    static let errors: [(path: String, body: String, answer: String)] = [
        ("/start?key=%22", "{}", #"{"__type":"com.amazon.coral.service#SerializationException"}"#),
        ("/start?key=k", #"{"a":"it's"}"#, #"{"__type":"com.amazon.coral.service#SerializationException"}"#),
        (
            "/start?key=%3C", "{}",
            #"{"__type":"com.amazonaws.swf.service.v2.model#InvalidName","message":"Invalid Name: '<'"}"#
        ),
    ]

    @Test("Errors of the service have its namespaces; a body that is no JSON has no message.")
    func types() async throws {
        let gateway = try Gateway(routes: Gateway.start)
        defer { gateway.daemon.remove() }
        #expect(gateway.daemon.wait(for: #"event="Ready""#), "\(gateway.daemon.text)")
        for error in Self.errors {
            let answer = try await gateway.send(.POST, error.path, error.body)
            #expect(answer.status == 400)
            #expect(answer.body == error.answer)
        }
    }
}
