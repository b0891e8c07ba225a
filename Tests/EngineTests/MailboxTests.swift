// The order in which a shard takes what has arrived.

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
