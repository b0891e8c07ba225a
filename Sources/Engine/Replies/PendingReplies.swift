// The callers that wait for replies.

package import Core
import Synchronization

/// Has the callers of commands that wait for a reply. It alone holds their closures: commands and turns hold numbers.
///
/// Each caller gets one reply: the command's own, or a rejection when its time is over or the process stops.
package final class PendingReplies: Sendable {
    package typealias Completion = @Sendable (Reply) -> Void

    private let clock: any WallClock
    private let last = Atomic<UInt64>(0)
    /// By the request's number: threads that register and give at once seldom meet.
    private let parts: [Part]

    private struct Entry: Sendable {
        var completion: Completion
        var deadline: MonotonicTime?
    }

    private final class Part: Sendable {
        let entries = Mutex<[UInt64: Entry]>([:])
    }

    private let closed = Mutex<ServiceError?>(nil)

    package init(clock: any WallClock) {
        self.clock = clock
        parts = (0..<16).map { _ in Part() }
    }

    /// How many callers wait.
    package var count: Int { parts.reduce(0) { $0 + $1.entries.withLock { $0.count } } }

    /// Registers a caller.
    ///
    /// - Parameter milliseconds: after which it gets ServiceUnavailable; `nil`: it waits for as long as it takes.
    package func register(within milliseconds: Int64? = nil, _ completion: @escaping Completion) -> ReplyTo {
        let request = last.add(1, ordering: .relaxed).newValue
        let deadline = milliseconds.map { clock.monotonic().adding(milliseconds: $0) }
        part(request).entries.withLock { $0[request] = Entry(completion: completion, deadline: deadline) }
        if let error = closed.withLock({ $0 }) { give(.rejected(error), to: ReplyTo(request: request)) }
        return ReplyTo(request: request)
    }

    /// Gives a caller its reply. Does nothing where it has had one.
    package func give(_ reply: Reply, to caller: ReplyTo?) {
        guard let request = caller?.request else { return }
        part(request).entries.withLock { $0.removeValue(forKey: request) }?.completion(reply)
    }

    func give(_ replies: [TurnReply]) { for reply in replies { give(reply.reply, to: reply.to) } }

    /// Rejects the commands of callers whose time is over: whether they take effect is not known.
    func expire() {
        let now = clock.monotonic()
        for part in parts {
            let expired = part.entries.withLock { entries in
                let expired = entries.filter { $0.value.deadline.map { $0 <= now } ?? false }
                for request in expired.keys { entries[request] = nil }
                return expired
            }
            for (_, entry) in expired.sorted(by: { $0.key < $1.key }) {
                entry.completion(.rejected(.noReplyInTime))
            }
        }
    }

    /// Rejects all commands, and those that come later.
    package func close(_ error: ServiceError) {
        closed.withLock { $0 = error }
        for part in parts {
            let entries = part.entries.withLock { entries in
                defer { entries = [:] }
                return entries
            }
            for (_, entry) in entries.sorted(by: { $0.key < $1.key }) { entry.completion(.rejected(error)) }
        }
    }

    private func part(_ request: UInt64) -> Part { parts[Int(request & 15)] }
}

extension ServiceError {
    fileprivate static let noReplyInTime = unavailable(
        "The request was not answered in time; whether it took effect is not known. Try again.")
}
