// One record of an execution's journal (history.md): what the history shows, and what the fold needs beside it.

package import Core

/// A frame is one thread of control within an execution: the execution itself (0), a branch of a Parallel, an iteration
/// of a Map. Frames are numbered in the order in which records open them.
package typealias FrameID = Int

/// One record. `id` counts from 1 without gaps over the whole execution; `previous` is what AWS shows as
/// `previousEventId`, 0 for roots.
package struct JournalRecord: Sendable, Equatable {
    package var id: Int
    package var previous: Int
    package var timestamp: Timestamp
    /// The frame that the record belongs to. Not shown by AWS.
    package var frame: FrameID
    package var kind: RecordKind
    /// Set on the last record of a failed attempt when a Retrier has matched. Not shown by AWS, which records nothing
    /// between attempts.
    package var retry: Retry?

    package init(
        id: Int, previous: Int, timestamp: Timestamp, frame: FrameID, kind: RecordKind, retry: Retry? = nil
    ) {
        self.id = id
        self.previous = previous
        self.timestamp = timestamp
        self.frame = frame
        self.kind = kind
        self.retry = retry
    }

    /// A Retrier matched: the state of `frame` runs again at `at`.
    package struct Retry: Sendable, Equatable {
        package var frame: FrameID
        /// Index of the Retrier in the state's `Retry`.
        package var retrier: Int
        package var at: Timestamp
        /// The failing event, to which the next attempt points back.
        package var previous: Int

        package init(frame: FrameID, retrier: Int, at: Timestamp, previous: Int) {
            self.frame = frame
            self.retrier = retrier
            self.at = at
            self.previous = previous
        }
    }
}
