// Calls of the CloudWatch Logs API, against a server that answers as it does.

import HTTPSupport
import JSON
import States
import Testing

@testable import Telemetry

@Suite("CloudWatch Logs")
struct CloudWatchLogsTests {
    private static func refused(_ type: String) -> ScriptedReply {
        .answer(400, [:], #"{"__type": "com.amazonaws.logs#\#(type)", "message": "no"}"#)
    }

    private static func operations(_ server: ScriptedServer) -> [String] {
        server.requests.map { $0.headers["x-amz-target"] ?? "" }
    }

    @Test(
        "Events go in one call; a stream that is not there is made first.",
        arguments: [
            ([ScriptedReply.answer(200, [:], "{}")], ["PutLogEvents"]),
            (
                [refused("ResourceNotFoundException"), .answer(200), .answer(200, [:], "{}")],
                ["PutLogEvents", "CreateLogStream", "PutLogEvents"]
            ),
            (
                [refused("ResourceNotFoundException"), refused("ResourceAlreadyExistsException"), .answer(200)],
                ["PutLogEvents", "CreateLogStream", "PutLogEvents"]
            ),
        ])
    func put(replies: [ScriptedReply], calls: [String]) async throws {
        let server = try ScriptedServer { _, number in replies[number] }
        defer { server.stop() }
        let logs = CloudWatchLogs(url: server.url)
        try await logs.put([CloudWatchLogs.Event(time: 7, message: "m")], group: "g", stream: "s")
        #expect(Self.operations(server) == calls.map { "Logs_20140328.\($0)" })
        #expect(
            try JSONValue.parse(try #require(server.requests.last).body)
                == [
                    "logGroupName": "g", "logStreamName": "s", "logEvents": [["timestamp": 7, "message": "m"]],
                ])
    }

    @Test("A refusal is thrown with its type.")
    func refusal() async throws {
        let server = try ScriptedServer(Self.refused("ThrottlingException"))
        defer { server.stop() }
        let failure = await #expect(throws: CloudWatchLogs.Failure.self) {
            try await CloudWatchLogs(url: server.url).put([], group: "g", stream: "s")
        }
        #expect(failure?.type == "ThrottlingException")
    }

    @Test(
        "A log group is there when one has exactly its name.",
        arguments: [
            (#"{"logGroups": [{"logGroupName": "g"}, {"logGroupName": "g2"}]}"#, true),
            (#"{"logGroups": [{"logGroupName": "g2"}]}"#, false), (#"{"logGroups": []}"#, false), ("{}", false),
        ])
    func group(answer: String, isThere: Bool) async throws {
        let server = try ScriptedServer(.answer(200, [:], answer))
        defer { server.stop() }
        #expect(try await CloudWatchLogs(url: server.url).hasGroup("g") == isThere)
        #expect(server.requests.map(\.body) == [#"{"logGroupNamePrefix":"g"}"#])
    }

    @Test("Where nothing answers the failure has no type.")
    func nothing() async throws {
        let server = try ScriptedServer(.hangUp)
        defer { server.stop() }
        let failure = await #expect(throws: CloudWatchLogs.Failure.self) {
            try await CloudWatchLogs(url: server.url).hasGroup("g")
        }
        #expect(failure?.type == "")
    }
}
