// What the engine can be told.

package import Core
package import States
import Storage

package struct EngineConfiguration: Sendable {
    package var scope: Scope
    package var limits: Limits
    /// Makes the task tokens; the secret must be the same after a restart.
    package var tokens: TaskTokens
    /// Workers that may wait for tasks of one activity at once (quotas-pricing.md).
    package var activityPollers: Int
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
    /// Inputs that a shard takes into one turn.
    package var inputsPerTurn: Int
    /// Events after which a turn takes no more inputs.
    package var eventsPerTurn: Int
    /// Bytes of payload in these events after which a turn takes no more inputs.
    package var payloadBytesPerTurn: Int
    /// Executions that one look at the timers wakes.
    package var wakesPerLook: Int
    /// Commands that may wait in one shard, those of clients and those of other executions each. Beyond that callers
    /// get ThrottlingException.
    package var queuedCommands: Int
    /// Whether a machine's role may assume the role of another account that a task's Credentials name. Without it every
    /// role may be assumed.
    package var mayAssume: (@Sendable (_ role: String, _ machineRole: String) -> Bool)?

    package init(
        scope: Scope = Scope(), limits: Limits = Limits(), tokens: TaskTokens = TaskTokens(secret: ""),
        activityPollers: Int = 1_000, activityPollTime: Int64 = 60_000, retention: Int64? = 90 * 86_400_000,
        shards: Int = 2,
        residentExecutions: Int = 10_000, evictAfter: Int64 = 1_000, inputsPerTurn: Int = 512,
        eventsPerTurn: Int = 20_000, payloadBytesPerTurn: Int = 33_554_432, wakesPerLook: Int = 512,
        queuedCommands: Int = 10_000
    ) {
        precondition((1...Slot.count).contains(shards), "1 to \(Slot.count) shards")
        self.scope = scope
        self.limits = limits
        self.tokens = tokens
        self.activityPollers = activityPollers
        self.activityPollTime = activityPollTime
        self.retention = retention
        self.shards = shards
        self.residentExecutions = residentExecutions
        self.evictAfter = evictAfter
        self.inputsPerTurn = inputsPerTurn
        self.eventsPerTurn = eventsPerTurn
        self.payloadBytesPerTurn = payloadBytesPerTurn
        self.wakesPerLook = wakesPerLook
        self.queuedCommands = queuedCommands
    }
}
