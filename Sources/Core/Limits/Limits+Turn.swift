// Bounds of one turn of a shard.

extension Limits {
    /// Bounds of what is done in one turn of a shard before others come first, and of what waits for a turn.
    package struct Turn: Sendable, Equatable {
        /// Events that one execution may add in one turn before its neighbours come first.
        package var events = 1_000
        /// Bytes of payload that these events may hold.
        package var payloadBytes = 4_194_304
        /// How long a caller waits for the reply to a command, in milliseconds.
        package static let replyMilliseconds: Int64 = 60_000
        /// The same for the end of an Express execution, which may take five minutes.
        package static let synchronousReplyMilliseconds: Int64 = 330_000
        /// How long callers of synchronous starts may still wait once the process is to stop.
        package static let dismissalMilliseconds: Int64 = 5_000
        /// Inputs that a shard takes into one turn.
        package var maximumInputs = 512
        /// Events of all executions after which a turn takes no more inputs.
        package var maximumEvents = 20_000
        /// Bytes of payload in these events after which a turn takes no more inputs.
        package var maximumPayloadBytes = 33_554_432
        /// Executions that the alarm wakes each time it reads the timers.
        package var maximumWakeUps = 512
        /// Commands that may wait in one shard, those of clients and those of other executions each. A caller beyond
        /// that gets ThrottlingException.
        package var queuedCommands = 10_000

        /// What the executions that wait for something may hold in memory, over all shards, as bytes of JSON text. One
        /// that finds no room is loaded again when it goes on.
        package var residentBytes = 128 << 20

        /// Wake-ups that may be posted and not yet done.
        package static let maximumPostedWakeUps = 2_048
        /// Machine revisions that a shard remembers because their states needed an evaluation thread.
        package static let maximumSlowRevisions = 1_000

        /// Creates the defaults of the engine.
        package init() {}
    }
}
