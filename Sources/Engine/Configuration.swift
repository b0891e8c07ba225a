// What the engine can be told.

package import Core
package import States
import Storage

package struct EngineConfiguration: Sendable {
    package var scope: Scope
    package var limits: Limits
    /// Makes the task tokens; the secret must be the same after a restart.
    package var tokens: TaskTokens
    /// How long a worker waits for a task, in milliseconds.
    package var activityPollTime: Int64
    /// How long closed executions are kept, in milliseconds; `nil` for ever.
    package var retention: Int64?
    /// How many shards turn side by side.
    package var shards: Int
    /// Live executions that each shard keeps in memory; what waits beyond that is loaded again when needed.
    package var residentExecutions: Int
    /// An execution whose next timer is further away than this leaves memory at once, in milliseconds.
    package var evictAfter: Int64
    /// Whether a machine's role may assume the role of another account that a task's Credentials name. Without it every
    /// role may be assumed.
    package var mayAssume: (@Sendable (_ role: String, _ machineRole: String) -> Bool)?

    /// How often tasks may start executions; `nil` for no bound.
    package var nestedStarts: Rate?

    package init(
        scope: Scope = Scope(), limits: Limits = Limits(), tokens: TaskTokens = TaskTokens(secret: ""),
        activityPollTime: Int64 = 60_000, retention: Int64? = 90 * 86_400_000, shards: Int = 2,
        residentExecutions: Int = 10_000, evictAfter: Int64 = 1_000
    ) {
        precondition((1...Slot.count).contains(shards), "1 to \(Slot.count) shards")
        self.scope = scope
        self.limits = limits
        self.tokens = tokens
        self.activityPollTime = activityPollTime
        self.retention = retention
        self.shards = shards
        self.residentExecutions = residentExecutions
        self.evictAfter = evictAfter
    }
}
