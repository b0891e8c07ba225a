// Bounds of what clients of the API may create and ask for.

extension Limits {
    /// Bounds of what clients of the API may create and ask for (quotas-pricing.md §2). The lengths of request members
    /// belong to the API's model and are in the server's table of operations.
    package struct API: Sendable, Equatable {
        /// Versions of one state machine.
        package var maximumVersions = 1_000
        /// Aliases of one state machine.
        package var maximumAliases = 100
        /// Workers that may wait for tasks of one activity at once.
        package var activityPollers = 1_000
        /// Bytes of payload after which a page of a history ends, 4 MiB. The next page starts with the next event.
        package var maximumHistoryPageBytes = 4 << 20

        /// Tags of one resource.
        package static let maximumTags = 50
        /// How long a call of TestState may take, in seconds.
        package static let maximumTestSeconds = 300
        /// How far the time of a signed request may be off, in seconds.
        package static let maximumSkewSeconds = 300
        /// How long a page token is valid, in milliseconds (api.md §2: 24 hours).
        package static let maximumPageTokenMilliseconds: Int64 = 24 * 3_600 * 1_000
        /// Token buckets that are kept. Beyond that full ones are dropped, because callers can name any number of
        /// accounts.
        package static let maximumBuckets = 10_000

        /// Creates AWS's quotas, and Newel's own bounds where AWS has none.
        package init() {}
    }
}
