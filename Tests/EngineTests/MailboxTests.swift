// The order in which a shard takes what has arrived.

import Core
import JSON
import States
import Storage
import Testing

@testable import Engine

@Suite("Mailbox of a shard")
struct MailboxTests {
    private static func proceed(_ id: Int64) -> ShardInput { .proceed(execution: id) }
    private static func wake(_ id: Int64) -> ShardInput { .wake(execution: id, nil) }
    private static let ping = ShardInput.ping(ReplyTo(request: 0))

    private static func kinds(_ inputs: [ShardInput]) -> [String] {
        inputs.map { input in
            switch input {
            case .ping: "ping"
            case .wake: "wake"
            case .proceed(let id): "proceed \(id)"
            default: "other"
            }
        }
    }

    @Test("Requests come first, and the other classes keep a share of each turn.")
    func classes() {
        var mailbox = Mailbox()
        for id in 0..<100 as Range<Int64> { mailbox.append(Self.proceed(id)) }
        for id in 0..<100 as Range<Int64> { mailbox.append(Self.wake(id)) }
        for _ in 0..<100 { mailbox.append(Self.ping) }
        let turn = Self.kinds(mailbox.take(16))
        #expect(turn.count == 16)
        #expect(turn.first == "ping")
        #expect(turn.filter { $0 == "ping" }.count == 10)
        #expect(turn.filter { $0 == "wake" }.count == 4)
        #expect(turn.suffix(2) == ["proceed 0", "proceed 1"])
        #expect(mailbox.count == 284)
    }

    private static func start(_ id: Int64, _ number: Int64) throws -> ShardInput {
        let definition = #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#
        let machine = try #require(StateMachine.compile(definition, type: .standard, limits: Limits()).machine)
        let record = MachineRecord(
            id: id, arn: "a:b:c:d:e:f:g", name: "", type: "STANDARD", creationDate: Timestamp(milliseconds: 0),
            revision: RevisionRecord(
                id: id, machine: id, revisionID: nil,
                definition: definition, roleARN: "",
                creationDate: Timestamp(milliseconds: 0), loggingConfiguration: "{}", tracingConfiguration: "{}",
                encryptionConfiguration: "{}"))
        return .start(
            StartCommand(
                entry: MachineEntry(record: record, revision: record.revision, machine: machine), id: number, arn: "",
                name: "", nameIsFresh: true,
                input: .emptyObject, seed: 0, traceHeader: nil, replyTo: nil))
    }

    @Test("Starts of machines take turns, in the order of each machine.")
    func starts() throws {
        var mailbox = Mailbox()
        for number in 0..<20 as Range<Int64> { mailbox.append(try Self.start(1, number)) }
        mailbox.append(try Self.start(2, 100))
        mailbox.append(try Self.start(3, 200))
        mailbox.append(try Self.start(2, 101))
        #expect(mailbox.requestCount == 23)
        let turn = mailbox.take(6)
        #expect(turn.map(\.subject) == [0, 100, 200, 1, 101, 2])
        mailbox.putBack(Array(turn[3...]))
        var rest: [Int64?] = []
        while !mailbox.isEmpty { rest += mailbox.take(7).map(\.subject) }
        #expect(rest.filter { $0! < 100 } == Array(1..<20))
        #expect(rest.prefix(3).contains(101))
        #expect(mailbox.requestCount == 0)
    }

    @Test("What is put back is the next of its class, and nothing is lost.")
    func putBack() {
        var mailbox = Mailbox()
        for id in 0..<10 as Range<Int64> { mailbox.append(Self.proceed(id)) }
        let turn = mailbox.take(4)
        mailbox.putBack(Array(turn[1...]))
        var order: [String] = []
        while !mailbox.isEmpty { order += Self.kinds(mailbox.take(4)) }
        #expect(order == (1..<10).map { "proceed \($0)" })
    }
}
