// The search server's client: against a real server process, and against one that misbehaves as told.

import Foundation
import Functions
import Glibc
import HTTPSupport
import JSON
import Synchronization
import TestSupport
import Testing

@testable import RecipeMove

@Suite("The search server")
struct SearchServerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var replies: [ScriptedReply]
        /// A write result, or an error type.
        var expected: String
        var requests = 1
        var waits: [Int] = []
        var testDescription: String { title }
    }

    static let conflict = #"{"error":{"type":"version_conflict_engine_exception","reason":"[1]: …"},"status":409}"#
    static let cases = [
        Case(title: "created", replies: [.answer(201, [:], #"{"result":"created"}"#)], expected: "created"),
        Case(title: "updated", replies: [.answer(200, [:], #"{"result":"updated"}"#)], expected: "updated"),
        Case(title: "a newer version is there", replies: [.answer(409, [:], conflict)], expected: "skipped"),
        Case(title: "not a search server", replies: [.answer(200, [:], "<html/>")], expected: "Search.Unavailable"),
        Case(title: "429 without a wait", replies: [.answer(429)], expected: "Search.Unavailable"),
        Case(
            title: "429 with a short wait",
            replies: [.answer(429, ["Retry-After": "1"]), .answer(200, [:], #"{"result":"updated"}"#)],
            expected: "updated", requests: 2, waits: [1000]),
        Case(title: "a long wait", replies: [.answer(429, ["Retry-After": "60"])], expected: "Search.Unavailable"),
        Case(
            title: "a wait that is a date", replies: [.answer(503, ["Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"])],
            expected: "Search.Unavailable"),
        Case(
            title: "503 again and again", replies: [.answer(503, ["Retry-After": "0"])],
            expected: "Search.Unavailable", requests: 3, waits: [0, 0]),
        Case(title: "502", replies: [.answer(502, [:], "<html/>")], expected: "Search.Unavailable"),
        Case(title: "504", replies: [.answer(504)], expected: "Search.Unavailable"),
        Case(
            title: "a bad document",
            replies: [.answer(400, [:], #"{"error":{"type":"mapper_parsing_exception","reason":"no"},"status":400}"#)],
            expected: "Search.Rejected"),
        Case(title: "wrong password", replies: [.answer(401)], expected: "Search.Rejected"),
        Case(title: "read-only", replies: [.answer(403)], expected: "Search.Rejected"),
        Case(
            title: "no index",
            replies: [.answer(404, [:], #"{"error":{"type":"index_not_found_exception","reason":"no"}}"#)],
            expected: "Search.Rejected"),
        Case(title: "a redirect", replies: [.answer(302, ["Location": "/"])], expected: "Search.Rejected"),
        Case(title: "hangs up", replies: [.hangUp], expected: "Search.Unavailable"),
        Case(title: "speaks something else", replies: [.raw("SSH-2.0-x\r\n")], expected: "Search.Unavailable"),
        Case(
            title: "stops in the middle", replies: [.raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")],
            expected: "Search.Unavailable"),
        Case(title: "says nothing", replies: [.silence], expected: "Search.Unavailable"),
    ]

    private static let document = Document(kind: .recipe, id: 1, version: 3, source: ["title": "soup"])

    @Test("Each answer is a result, a reason to try again or a refusal.", arguments: cases)
    func answers(_ item: Case) throws {
        let replies = item.replies
        let scripted = try ScriptedServer { _, number in replies[min(number, replies.count - 1)] }
        defer { scripted.stop() }
        let waits = Mutex<[Int]>([])
        let server = SearchServer(
            .init(url: scripted.url, timeoutMilliseconds: item.title == "says nothing" ? 150 : 10_000)
        ) {
            milliseconds in waits.withLock { $0.append(milliseconds) }
        }
        do {
            #expect(try server.write(Self.document).rawValue == item.expected)
        } catch let error as FunctionError {
            #expect(error.type == item.expected, "\(error.message)")
        }
        #expect(scripted.requests.count == item.requests)
        #expect(waits.withLock { $0 } == item.waits)
        #expect(scripted.requests[0].uri == "/recipes/_doc/1?version=3&version_type=external_gte")
        #expect(scripted.requests[0].method == "PUT")
        #expect(scripted.requests[0].body == #"{"title":"soup"}"#)
    }

    @Test("A port where nobody listens is a reason to try again.")
    func refused() throws {
        let nobody = DeafPort()
        let server = SearchServer(.init(url: nobody.url)) { _ in }
        let error = #expect(throws: FunctionError.self) { try server.write(Self.document) }
        #expect(error?.type == "Search.Unavailable")
    }

    @Test("An error names the server and its reason.")
    func reason() throws {
        let scripted = try ScriptedServer(
            .answer(403, [:], #"{"error":{"type":"cluster_block_exception","reason":"index is read-only"}}"#))
        defer { scripted.stop() }
        let server = SearchServer(.init(url: scripted.url + "/")) { _ in }
        let error = #expect(throws: FunctionError.self) { try server.write(Self.document) }
        #expect(
            error?.message
                == "The search server at \(scripted.url): 403 cluster_block_exception: index is read-only")
    }

    static let authentications: [(RecipeMoveConfiguration.Authentication, String?)] = [
        (.none, nil), (.basic(user: "elastic", password: "pä:ss"), "Basic ZWxhc3RpYzpww6Q6c3M="),
        (.apiKey(id: "id", key: "key"), "ApiKey aWQ6a2V5"), (.bearer("t0ken"), "Bearer t0ken"),
    ]

    @Test("Credentials go out in the header that the server expects.", arguments: authentications)
    func authentication(_ authentication: RecipeMoveConfiguration.Authentication, _ header: String?) throws {
        let scripted = try ScriptedServer(.answer(404))
        defer { scripted.stop() }
        let server = SearchServer(.init(url: scripted.url, authentication: authentication, indexPrefix: "cook-")) { _ in
        }
        #expect(try server.document(.user, 5) == nil)
        #expect(scripted.requests[0].headers["authorization"] == header)
        #expect(scripted.requests[0].uri == "/cook-users/_doc/5")
    }

    @Test("A real server keeps the versions, and the whole move ends right on it.", .enabled(if: SearchProcess.isHere))
    func realServer() throws {
        let process = try SearchProcess()
        defer { process.stop() }
        let folder = try Folder()
        var configuration = folder.configuration
        configuration.server = .init(url: process.url, indexPrefix: "t-")
        let move = try RecipeMove(configuration: configuration)
        defer { move.close() }
        #expect(move.verify().count == 34, "nothing is indexed and everything is in the outbox")
        #expect(try move.sweepOutbox() == 17)
        #expect(move.verify() == [])
        let update = try move.call("update-recipe", ["id": "1", "user_id": "2"])
        for (function, input) in [
            ("index-recipe", ["id": 1, "version": update["version"] ?? 0]),
            ("index-user", ["user_id": 1, "version": 2]), ("index-user", ["user_id": 2, "version": 2]),
            ("index-user", ["user_id": 2, "version": 2]),
        ] as [(String, JSONValue)] {
            #expect(try move.call(function, input)["result"] == "updated")
        }
        #expect(move.verify() == [])
        let old = Document(kind: .recipe, id: 1, version: 1, source: ["title": "old"])
        #expect(try move.index.write(old) == .skipped)
        let found = try refreshed(move, "leek soup")
        #expect(found["total"] == 1)
        #expect(found["hits"]?[0]?["index"] == "recipes")
        #expect(found["hits"]?[0]?["version"] == 2)
        #expect(found["hits"]?[0]?["source"] == (try move.database.with { try $0.document(.recipe, 1)?.source }))
        #expect(try move.search("")["total"] == 17)
        let gone = Document(kind: .recipe, id: 1, version: 3, source: nil)
        #expect(try move.index.write(gone) == .deleted)
        #expect(try move.index.document(.recipe, 1) == nil)
        #expect(try move.index.write(old) == .skipped)
    }

    /// Documents are found after the next refresh.
    private func refreshed(_ move: RecipeMove, _ query: String) throws -> JSONValue {
        guard case .server(let server) = move.index else { throw FunctionError(type: "Test", message: "no server") }
        try server.refresh()
        return try move.search(query)
    }
}

/// osmem-server from PyPI: OpenSearch's document API in one process.
private final class SearchProcess {
    static let binary: String? = {
        let question = "import osmem_server, os; print(os.path.dirname(osmem_server.__file__))"
        guard let folder = try? output(of: "/usr/bin/env", ["python3", "-c", question]), !folder.isEmpty else {
            print("NOT RUN: osmem-server is not on this machine; pip install osmem-server==0.1.6")
            return nil
        }
        return folder + "/bin/osmem-server"
    }()
    static var isHere: Bool { binary != nil }

    private let process: ChildProcess
    private let input = Pipe()
    let url: String

    init() throws {
        let binary = try #require(Self.binary)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary)
        let output = Pipe()
        // The server ends when its standard input closes: also when this process dies.
        process = try ChildProcess(
            binary, ["-addr", "127.0.0.1:0", "-no-ja"], input: input.fileHandleForReading.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor)
        try output.fileHandleForWriting.close()
        try input.fileHandleForReading.close()
        var line: [UInt8] = []
        while !line.contains(0x0A) {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            line += data
        }
        url = try #require(try JSONValue.parse(Array(line.prefix { $0 != 0x0A }))["url"]?.stringValue)
    }

    func stop() {
        process.signal(SIGTERM)
        process.waitUntilExit()
    }

    private static func output(of program: String, _ arguments: [String]) throws -> String {
        let pipe = Pipe()
        let process = try ChildProcess(program, arguments, output: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForWriting.close()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
