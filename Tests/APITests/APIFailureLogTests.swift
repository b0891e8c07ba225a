// Faults of the daemon in the log.

import APISupport
import Core
import HTTPSupport
import Identity
import JSON
import Logging
import NIOCore
import Testing

@testable import API

@Suite("Failed calls in the log")
struct APIFailureLogTests {
    @Test("A store that cannot be read is logged once, with the request id of the response; a client's error is not.")
    func readFault() async throws {
        let log = CapturedLog()
        let world = try await APIWorld.open(logger: log.logger)
        func describe(_ execution: String) async throws -> APIAnswer {
            let arn = "arn:aws:states:us-east-1:000000000000:execution:\(execution)"
            return await world.dispatcher.call(
                operation: "DescribeExecution",
                body: ByteBuffer(bytes: (["executionArn": .string(arn)] as JSONValue).bytes),
                scope: Scope(), caller: .daemon)
        }
        #expect(try await describe("m:unknown").status == 400)
        #expect(log.lines.count == 0)
        world.closeStore()
        let failed = try await describe("m:e")
        #expect(failed.status == 500)
        #expect(try await describe("m:e").status == 500)
        let line = try #require(log.lines.first)
        #expect(line.text == "error A call of the API failed")
        #expect(line.metadata["operation"] == "DescribeExecution")
        #expect(line.metadata["requestId"] == "\(failed.requestID)")
        #expect(line.metadata["error"]?.description.isEmpty == false)
        #expect(!String(buffer: failed.body).contains(line.metadata["error"]?.description ?? ""))
        #expect(log.lines.count == 1)
    }
}
