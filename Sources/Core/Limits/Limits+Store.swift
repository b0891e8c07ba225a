// Bounds of what the store keeps, and of what is read, checked and deleted at once.

extension Limits {
    /// Bounds of the store.
    package enum Store {
        /// The highest event id that the store can keep; an execution of any type fails at it.
        package static let maximumEventID = 1 << 20 - 1  // The id has 20 bits of a stored key.
        /// Rows of events, or open tasks of one execution, that are read at once.
        package static let maximumRowsPerRead = 200
        package static let maximumMessagesPerRead = 100
        /// Open tasks that are read at once when the engine starts.
        package static let maximumRecoveredTasks = 1_000
        /// Rows of events that are read at once for a page of a history.
        package static let maximumHistoryRows = 100
        /// Executions that are read at once in search of expired ones.
        package static let maximumExpiredExecutions = 64
        /// Rows of events that one commit of the retention deletes.
        package static let maximumDeletedRows = 128
        /// Bytes of events that one commit of the retention deletes.
        package static let maximumDeletedBytes = 262_144
        /// Size in bytes up to which a file is checked as a whole before the store opens, which takes about 0.1 s. In
        /// larger files damage is found by the checksums of rows and by SQLite itself.
        package static let maximumCheckedBytes = 32 << 20
        /// Damaged rows that are remembered so that each is reported once. Rows beyond that are reported again.
        package static let maximumDamagedRows = 100_000
        /// Compiled machine revisions that are cached beside the newest of each machine.
        package static let maximumOlderRevisions = 1_000
    }
}
