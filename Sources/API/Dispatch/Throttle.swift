// ThrottlingException: each operation has a bucket of its own in each account and region.

package import Core
import Engine
import States
import Synchronization

/// Counts the calls of the operations that have a rate; all others may be called as often as one likes.
package final class Throttle: Sendable {
    private let rates: [String: Rate]
    private let buckets = Mutex<[Key: TokenBucket]>([:])

    private struct Key: Hashable {
        var operation: String
        var account: String
        var region: String
    }

    package init(rates: [String: Rate]) { self.rates = rates }

    /// Throws ThrottlingException when the operation's bucket is empty. SDKs wait and try again.
    func check(_ operation: String, _ scope: Scope, now: Timestamp) throws(APIFailure) {
        guard let rate = rates[operation] else { return }
        let key = Key(operation: operation, account: scope.account, region: scope.region)
        let isLetThrough = buckets.withLock { buckets in
            if buckets.count >= Limits.API.maximumBuckets, buckets[key] == nil { Self.forgetFull(&buckets, now) }
            return buckets[key, default: TokenBucket(rate, now: now)].take(now: now)
        }
        guard isLetThrough else { throw APIFailure(type: "ThrottlingException", message: "Rate exceeded") }
    }

    private static func forgetFull(_ buckets: inout [Key: TokenBucket], _ now: Timestamp) {
        for (key, bucket) in buckets {
            var bucket = bucket
            if bucket.isFull(now: now) { buckets[key] = nil }
        }
    }

    /// AWS's own rates in its three largest regions (quotas-pricing.md §3). It publishes none for the other operations.
    package static let awsRates: [String: Rate] = {
        let rows: [(Rate, [String])] = [
            (Rate(burst: 1300, perSecond: 300), ["StartExecution", "RedriveExecution"]),
            (
                Rate(burst: 3000, perSecond: 500),
                ["GetActivityTask", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"]
            ),
            (Rate(burst: 1000, perSecond: 200), ["StopExecution"]),
            (Rate(burst: 300, perSecond: 15), ["DescribeExecution"]),
            (Rate(burst: 400, perSecond: 20), ["GetExecutionHistory"]),
            (Rate(burst: 200, perSecond: 5), ["ListExecutions"]),
            (Rate(burst: 200, perSecond: 20), ["DescribeStateMachine"]),
            (
                Rate(burst: 200, perSecond: 1),
                ["DescribeStateMachineForExecution", "DescribeActivity", "TagResource", "UntagResource"]
            ),
            (
                Rate(burst: 100, perSecond: 1),
                [
                    "CreateStateMachine", "UpdateStateMachine", "DeleteStateMachine", "CreateActivity",
                    "DeleteActivity", "ListTagsForResource",
                ]
            ),
            (Rate(burst: 100, perSecond: 5), ["ListStateMachines"]),
            (Rate(burst: 100, perSecond: 10), ["ListActivities"]),
        ]
        return Dictionary(uniqueKeysWithValues: rows.flatMap { rate, names in names.map { ($0, rate) } })
    }()

    /// Every operation that a rate may be set for.
    package static var operations: [String] { ConstraintTable.members.keys.sorted() }
}
