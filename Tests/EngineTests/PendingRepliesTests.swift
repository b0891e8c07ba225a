// Callers that wait for replies: each gets one.

import Core
import Synchronization
import Testing

@testable import Engine

@Suite("Pending replies")
struct PendingRepliesTests {
    /// What a caller was given.
    private final class Caller: Sendable {
        private let given = Mutex<[String]>([])

        var replies: [String] { given.withLock { $0 } }

        func take(_ reply: Reply) { given.withLock { $0.append(reply.error?.code.rawValue ?? "reply") } }
    }

    @Test("A caller gets the first reply and no other.")
    func once() {
        let pending = PendingReplies(clock: TestClock(wall: { Timestamp(milliseconds: 0) }))
        let caller = Caller()
        let replyTo = pending.register(caller.take)
        #expect(pending.count == 1)
        pending.give(.done, to: replyTo)
        pending.give(.rejected(.shuttingDown), to: replyTo)
        pending.give(.done, to: nil)
        #expect(caller.replies == ["reply"] && pending.count == 0)
    }

    @Test("A caller whose time is over is told that whether the command took effect is not known.")
    func deadline() {
        let now = Hand()
        let pending = PendingReplies(clock: TestClock(wall: { Timestamp(milliseconds: now.milliseconds) }))
        let (short, long, endless) = (Caller(), Caller(), Caller())
        _ = pending.register(within: 1_000, short.take)
        _ = pending.register(within: 60_000, long.take)
        let last = pending.register(endless.take)
        now.move(by: 1_000)
        pending.expire()
        #expect(short.replies == ["ServiceUnavailable"] && long.replies.isEmpty)
        now.move(by: 86_400_000)
        pending.expire()
        #expect(long.replies == ["ServiceUnavailable"] && endless.replies.isEmpty)
        pending.give(.done, to: last)
        #expect(endless.replies == ["reply"])
    }

    @Test("When the process stops no caller is left without a reply, and later ones are rejected at once.")
    func closing() {
        let pending = PendingReplies(clock: TestClock(wall: { Timestamp(milliseconds: 0) }))
        let callers = (0..<100).map { _ in Caller() }
        for caller in callers { _ = pending.register(caller.take) }
        pending.close(.shuttingDown)
        #expect(callers.allSatisfy { $0.replies == ["ServiceUnavailable"] })
        let late = Caller()
        pending.give(.done, to: pending.register(late.take))
        #expect(late.replies == ["ServiceUnavailable"] && pending.count == 0)
    }

    private final class Hand: Sendable {
        private let state = Mutex<Int64>(0)

        var milliseconds: Int64 { state.withLock { $0 } }

        func move(by milliseconds: Int64) { state.withLock { $0 += milliseconds } }
    }
}
