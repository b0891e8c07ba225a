// Faults of the daemon in the log.

import Core
import Identity
import JSON
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Server

@Suite("Failed calls in the log")
struct APIFailureLogTests {
    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        final class Lines: Sendable {
            let state = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.state.withLock { $0.append(("\(event.level) \(event.message)", event.metadata ?? [:])) }
        }
    }

    @Test("A store that cannot be read is logged once, with the request id of the response; a client's error is not.")
    func readFault() async throws {
        let lines = Handler.Lines()
        let world = try await APIWorld.open(logger: Logger(label: "test") { _ in Handler(lines: lines) })
        func describe(_ execution: String) async throws -> APIAnswer {
            let arn = "arn:aws:states:us-east-1:000000000000:execution:\(execution)"
            return await world.dispatcher.call(
                operation: "DescribeExecution",
                body: ByteBuffer(bytes: (["executionArn": .string(arn)] as JSONValue).bytes),
                scope: Scope(), caller: .daemon)
        }
        #expect(try await describe("m:unknown").status == 400)
        #expect(lines.state.withLock(\.count) == 0)
        world.closeStore()
        let failed = try await describe("m:e")
        #expect(failed.status == 500)
        #expect(try await describe("m:e").status == 500)
        let line = try #require(lines.state.withLock { $0.first })
        #expect(line.message == "error A call of the API failed")
        #expect(line.metadata["operation"] == "DescribeExecution")
        #expect(line.metadata["requestId"] == "\(failed.requestID)")
        #expect(line.metadata["error"]?.description.isEmpty == false)
        #expect(!String(buffer: failed.body).contains(line.metadata["error"]?.description ?? ""))
        #expect(lines.state.withLock(\.count) == 1)
    }
}
