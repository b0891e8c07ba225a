// What the log says about machines that this version accepts and cannot run.

import Engine
import JSON
import Logging
import Synchronization
import Testing

@testable import Server

@Suite("Machines that cannot run to their end")
struct NotSupportedTests {
    /// Keeps warnings.
    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        final class Lines: Sendable {
            let state = Mutex<[String]>([])
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.state.withLock { $0.append("\(event.level) \(event.message) \(event.metadata?["machine"] ?? "")") }
        }
    }

    private static func definition(_ resource: String, _ parameters: JSONObject) -> JSONValue {
        [
            "StartAt": "A",
            "States": [
                "A": [
                    "Type": "Task", "Resource": .string(resource), "Parameters": .object(parameters), "End": true,
                ]
            ],
        ]
    }

    @Test("Each revision is reported once, and one that can run is not.")
    func once() async throws {
        let lines = Handler.Lines()
        let world = try await APIWorld.open(logger: Logger(label: "test") { _ in Handler(lines: lines) })
        let publish = Self.definition("arn:aws:states:::sns:publish", ["Message": "m", "TopicArn": "t"])
        let arn = try await world.machine("m", publish)
        _ = try await world.machine("m", publish)
        #expect(lines.state.withLock(\.count) == 1)
        #expect(lines.state.withLock { $0[0] }.contains(arn))
        #expect(lines.state.withLock { $0[0] }.contains("arn:aws:states:::sns:publish"))
        _ = try await world.ok(
            "UpdateStateMachine",
            [
                "stateMachineArn": .string(arn),
                "definition": .string(
                    Self.definition("arn:aws:states:::sqs:sendMessage", ["MessageBody": "m", "QueueUrl": "q"]).text),
            ])
        #expect(lines.state.withLock(\.count) == 2)
        _ = try await world.machine("other", APIWorld.pass)
        #expect(lines.state.withLock(\.count) == 2)
    }
}
