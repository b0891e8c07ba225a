// Bad requests as data: each with the exact status and body of its answer.

import APISupport
import JSON
import NIOCore
import TestSupport
import Testing

@testable import API

@Suite("Bad requests")
struct APIBadRequestTests {
    /// A row of `Cases/bad-requests.json`; `<<x*5>>` in it stands for five x.
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var operation: String
        var body: [UInt8]
        var status: Int
        var answer: JSONValue

        var testDescription: String { title }

        init(_ row: JSONValue) {
            title = row["title"]?.stringValue ?? ""
            operation = row["operation"]?.stringValue ?? ""
            body = row["raw"]?.stringValue.map { Array($0.utf8) } ?? Repeats.expanded(row["body"] ?? .null).bytes
            status = row["status"]?.intValue ?? 0
            answer = Repeats.expanded(row["answer"] ?? .null)
        }
    }

    static let cases = TestFile.json("APITests/Cases/bad-requests.json").arrayValue?.map(Case.init) ?? []

    /// One world for all: what a bad request asks for never happens.
    static let world = Task {
        let world = try await APIWorld.open()
        let machine = try await world.machine("pass", APIWorld.pass)
        _ = try await world.closed(try await world.start(machine, name: "done"))
        _ = try await world.start(try await world.machine("wait", APIWorld.wait), name: "running")
        return world
    }

    @Test("A bad request is answered with its exact status and body.", arguments: cases)
    func badRequest(_ request: Case) async throws {
        let world = try await Self.world.value
        let (status, body) = try await world.send(request.operation, ByteBuffer(bytes: request.body))
        #expect(status == request.status)
        #expect(body == request.answer)
    }

    @Test("There are at least sixty bad requests.")
    func enough() { #expect(Self.cases.count >= 60) }
}

enum Repeats {
    /// Replaces every `<<x*5>>` by `xxxxx`.
    static func expanded(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(expanded(text))
        case .array(let elements): .array(elements.map(expanded))
        case .object(let members): .object(JSONObject(members.map { ($0.key, expanded($0.value)) }))
        default: value
        }
    }

    private static func expanded(_ text: String) -> String {
        guard let match = text.firstMatch(of: /<<(.)\*(\d+)>>/), let count = Int(match.2) else { return text }
        var text = text
        text.replaceSubrange(match.range, with: String(repeating: String(match.1), count: count))
        return expanded(text)
    }
}
