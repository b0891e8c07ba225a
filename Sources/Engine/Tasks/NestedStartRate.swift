// How often tasks may start executions (`throttling.nestedStarts`).

import Core
import Synchronization

/// A bucket for each account and region. An empty one delays: a task that starts an execution is part of one that runs,
/// and does not fail for what others do.
final class NestedStartRate: Sendable {
    private let rate: Rate?
    private let buckets = Mutex<[String: TokenBucket]>([:])

    init(_ rate: Rate?) { self.rate = rate }

    /// Takes a place for a start. Returns how long it has to wait, in milliseconds.
    func reserve(executionARN: String, now: Timestamp) -> Int64 {
        guard let rate else { return 0 }
        let scope = ARN.fields(executionARN).prefix(5).joined(separator: ":")
        return buckets.withLock { buckets in
            buckets[scope, default: TokenBucket(rate, now: now)].reserve(now: now)
        }
    }
}
