// Requests made from the model of each operation, with values at the edge of what JSON, text and numbers can be.

import APISupport
import Expressions
import JSON
import NIOCore
import Testing

@testable import API

@Suite("Hostile requests")
struct HostileRequestTests {
    @Test(
        "Whatever a member of a request holds, the answer is the operation's result or an error of the client.",
        // An engine for each at once would leave other tests too little.
        .serialized, arguments: ConstraintTable.members.keys.sorted())
    func everyMember(_ operation: String) async throws {
        let requests = try await HostileRequests(operation)
        var count = 0
        for request in requests.oneMemberEach() { try await requests.send(request, &count) }
        var chance = Chance(seed: operation.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        for _ in 0..<300 { try await requests.send(requests.severalMembers(&chance), &count) }
        #expect(count > 300)
        // The engine still works.
        let machine = try await requests.world.machine("after", APIWorld.pass)
        let closed = try await requests.world.closed(try await requests.world.start(machine))
        #expect(closed["status"] == "SUCCEEDED")
    }
}

/// Requests of one operation, in a world of its own with a machine, a version, an alias, an execution and an activity.
private struct HostileRequests {
    let world: APIWorld
    private let operation: String
    private let members: [Member]
    /// A value that suits, by the name of its member.
    private let suitable: [String: JSONValue]

    init(_ operation: String) async throws {
        self.operation = operation
        members = ConstraintTable.members[operation] ?? []
        world = try await APIWorld.open()
        let type = operation == "StartSyncExecution" ? "EXPRESS" : "STANDARD"
        let machine = try await world.machine("pass", APIWorld.pass, type: type)
        let version = try await world.ok("PublishStateMachineVersion", ["stateMachineArn": .string(machine)])
        let versionARN = version["stateMachineVersionArn"] ?? .null
        let routing: JSONValue = [["stateMachineVersionArn": versionARN, "weight": 100]]
        let alias = try await world.ok("CreateStateMachineAlias", ["name": "live", "routingConfiguration": routing])
        let activity = try await world.ok("CreateActivity", ["name": "work"])
        let waiting = try await world.machine("wait", APIWorld.wait)
        let execution = JSONValue.string(try await world.start(waiting, name: "running"))
        suitable = [
            "stateMachineArn": .string(machine), "stateMachineVersionArn": versionARN,
            "stateMachineAliasArn": alias["stateMachineAliasArn"] ?? .null, "routingConfiguration": routing,
            // A poll of an activity that exists would wait for work.
            "activityArn": operation == "GetActivityTask"
                ? "arn:aws:states:us-east-1:000000000000:activity:none" : activity["activityArn"] ?? .null,
            "executionArn": execution, "resourceArn": .string(machine),
            "mapRunArn": "arn:aws:states:us-east-1:000000000000:mapRun:pass/map:6b2a",
            "name": "next", "definition": .string(APIWorld.pass.text), "roleArn": .string(APIWorld.role),
            "input": #"{"a": 1}"#, "output": "1", "variables": "{}", "context": "{}", "result": "{}",
            "taskToken": "AAAA", "tags": [["key": "team", "value": "a"]], "tagKeys": ["team"],
        ]
    }

    /// Sends a request. The answer is 200, or an error of the client with its name.
    func send(_ request: JSONObject, _ count: inout Int) async throws {
        count += 1
        let (status, body) = try await world.send(operation, ByteBuffer(bytes: JSONValue.object(request).bytes))
        if status == 200 { return }
        let isClientError = (400..<500).contains(status) && body["__type"]?.stringValue?.isEmpty == false
        #expect(isClientError, "\(operation) \(JSONValue.object(request).text.prefix(2_000)): \(status) \(body)")
    }

    private var base: JSONObject {
        JSONObject(members.filter(\.isRequired).map { ($0.name, value(of: $0)) })
    }

    /// Each member, and each member in its structures, with each hostile value; all others as they should be.
    func oneMemberEach() -> [JSONObject] {
        members.flatMap { member in
            variants(of: member).map { variant in
                var request = base
                request[member.name] = variant
                return request
            }
        }
    }

    /// Every member, half of them with a hostile value.
    func severalMembers(_ chance: inout Chance) -> JSONObject {
        var request = JSONObject([])
        for member in members where chance.number(below: 8) > 0 {
            let choices = variants(of: member)
            request[member.name] =
                chance.number(below: 2) == 0 ? choices[chance.number(below: choices.count)] : value(of: member)
        }
        return request
    }

    // MARK: - Values

    private func value(of member: Member) -> JSONValue { suitable[member.name] ?? value(of: member.shape) }

    private func value(of shape: Shape) -> JSONValue {
        switch shape {
        case .string: "text"
        case .enumeration(let values): .string(values[0])
        case .integer(let min, _), .long(let min), .number(let min, _): .number(JSONNumber(min))
        case .boolean: true
        case .list(let element, _): [value(of: element)]
        case .structure(_, let members): .object(JSONObject(members.map { ($0.name, value(of: $0)) }))
        }
    }

    private func variants(of member: Member) -> [JSONValue] {
        let good = value(of: member)
        var found = Hostile.values
        if let text = good.stringValue { found += Hostile.texts(from: text).map { .string($0) } }
        return found + variants(within: member.shape, good)
    }

    private func variants(within shape: Shape, _ good: JSONValue) -> [JSONValue] {
        switch shape {
        case .structure(_, let members):
            members.flatMap { member in
                variants(of: member).map { variant in
                    var changed = good.objectValue ?? JSONObject([])
                    changed[member.name] = variant
                    return .object(changed)
                }
            }
        case .list(let element, _):
            (Hostile.values + variants(within: element, good.arrayValue?.first ?? .null)).map { [$0] }
        default: []
        }
    }
}

private enum Hostile {
    /// Characters that join with the one before them, that end or begin a line, and that separators are.
    static let characters = [
        "\u{301}", "\u{FE0F}", "\u{20E3}", "\u{200D}", "\u{1F3FD}", "\u{1F1E6}", "\u{0}", "\n", "\r\n", "\u{FEFF}",
        "\u{202E}", "\u{FFFD}", ":", "/", "#", ".", " ", "%", "\"", "\\", "$", "*", "é", "😀",
    ]

    static let numbers = [
        "0", "-0", "-1", "1", "0.5", "100", "101", "1000", "1001", "2147483647", "2147483648", "-2147483649",
        "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "18446744073709551616", "5e-324", "1e308", "1e400", "-1e400",
    ]

    static let texts =
        characters + [
            "", "null", "NaN", "1e400", "{", "[]", "{}", "a:b:c:d:e:f:g:h", ":::::::::", "::::::::::::::", "arn",
            "arn:aws:states:::", "arn:aws:states:us-east-1:000000000000:stateMachine:",
            "arn:aws:states:us-east-1:000000000000:execution:pass:", "arn:aws:iam::000000000000:role/",
            String(repeating: "a", count: 80), String(repeating: "a", count: 81),
            String(repeating: "\u{301}", count: 80), String(repeating: ":", count: 256),
            String(repeating: "😀", count: 4_000), String(repeating: "[", count: 2_000),
            #"{"StartAt": "A", "States": {}}"#, #"{"StartAt": "A\u0301"}"#,
        ]

    static let values: [JSONValue] =
        texts.map { .string($0) } + numbers.compactMap { JSONNumber(text: $0) }.map { .number($0) } + [
            nil, true, false, [], [nil], [[[]]], [:], ["": ""], ["a": [1, "a"]], [1, 2, 3], ["a", "a"],
        ]

    /// `text` cut at, and with a hostile character after, each separator.
    static func texts(from text: String) -> [String] {
        let bytes = Array(text.utf8)
        guard bytes.count <= 200 else { return [] }
        var found = [text + text, String(text.reversed()), text.uppercased()]
        for (index, byte) in bytes.enumerated() where [0x3A, 0x2F, 0x2D, 0x22].contains(byte) {
            let head = String(decoding: bytes[...index], as: UTF8.self)
            let tail = String(decoding: bytes[(index + 1)...], as: UTF8.self)
            found += [String(decoding: bytes[..<index], as: UTF8.self), head, tail]
            found += characters.map { head + $0 + tail }
        }
        return found + characters.flatMap { [text + $0, $0 + text] }
    }
}
