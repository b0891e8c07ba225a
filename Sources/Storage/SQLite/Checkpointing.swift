// When the write-ahead log is copied into the database file.

import CSQLite

/// Belongs to the writer: no other connection checkpoints (house.md §4).
final class Checkpointing {
    private let handle: OpaquePointer
    private let threshold: Int

    init(_ connection: Connection, frames: Int) throws(SQLiteFailure) {
        handle = connection.handle
        threshold = frames
        // Beside the pragma: this is what a closing connection goes by.
        sqlite3_wal_autocheckpoint(handle, Int32(frames))
    }

    func committed() {}

    func finish() { sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) }
}
