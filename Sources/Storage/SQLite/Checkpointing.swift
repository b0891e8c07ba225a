// When the write-ahead log is copied into the database file.

import CSQLite

/// Belongs to the writer: no other connection checkpoints (reliability.md §1). After a log was copied to its end, the
/// next commit begins it again in place: it neither grows nor is truncated. If a reader still uses it, it grows until
/// the next try. All counts are of frames, a page each.
final class Checkpointing {
    private let connection: Connection
    /// Set by SQLite at each commit: the length of the log.
    private let length = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    private let step: Int32
    /// How much of the log is in the database file.
    private var copied: Int32 = 0
    /// A step has been asked for and has not been made.
    private var isPending = false

    init(_ connection: Connection, frames: Int) {
        self.connection = connection
        step = Int32(clamping: max(1, frames))
        length.initialize(to: 0)
        let keep: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            length, _, _, frames in
            length?.storeBytes(of: frames, as: Int32.self)
            return SQLITE_OK
        }
        sqlite3_wal_hook(connection.handle, keep, length)
    }

    deinit {
        sqlite3_wal_hook(connection.handle, nil, nil)
        length.deallocate()
    }

    /// Frames that are in the log alone.
    private var waiting: Int32 { length.pointee < copied ? length.pointee : length.pointee - copied }

    /// Whether the commit that has just been made calls for a step, which is asked for once. It is made behind the
    /// caller's back, while the answers go out: it costs a sync of the database file.
    func isDueAfterCommit() -> Bool {
        if isPending || waiting < step { return false }
        isPending = true
        return true
    }

    /// Whether steps have not been let in for so long that the next commit has to make one first.
    var isOverdue: Bool { waiting >= 4 * step }

    /// The length of the log after the last commit.
    var frames: Int32 { length.pointee }

    /// Whether the next commit may begin the log again: everything in it is in the database file.
    var isAllCopied: Bool { copied >= length.pointee }

    /// Copies what is in the log alone and syncs the database file.
    func makeStep() throws(SQLiteFailure) {
        isPending = false
        // A log that readers have kept from beginning again: wait for them, none stays for long.
        let isLong = length.pointee >= 8 * step
        try run(isLong ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE)
    }

    /// Copies everything; whether that came about. The log is still there.
    func copyAll() -> Bool { (try? run(SQLITE_CHECKPOINT_FULL)) != nil && length.pointee == copied }

    /// Empties the log behind `copyAll`.
    func finish() { try? run(SQLITE_CHECKPOINT_TRUNCATE) }

    private func run(_ mode: Int32) throws(SQLiteFailure) {
        if mode == SQLITE_CHECKPOINT_RESTART { sqlite3_busy_timeout(connection.handle, 100) }
        defer { sqlite3_busy_timeout(connection.handle, Pragmas.busyTimeout) }
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, &length.pointee, &copied)
        if code != SQLITE_OK && code & 0xff != SQLITE_BUSY && code & 0xff != SQLITE_LOCKED {
            throw SQLiteFailure(code, connection.handle)
        }
    }
}
