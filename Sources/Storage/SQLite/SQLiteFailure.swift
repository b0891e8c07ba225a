// What SQLite answered, and what that means for the store.

import CSQLite

/// A result code with the words that came with it. Each caller says what it means where it stands: the same full disk
/// ends the process when it meets a commit, and fails one call when it meets a read.
struct SQLiteFailure: Error {
    /// Extended result code.
    var code: Int32
    var message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    init(_ code: Int32, _ handle: OpaquePointer?) {
        self.code = handle.map { sqlite3_extended_errcode($0) } ?? code
        if self.code & 0xff != code & 0xff { self.code = code }
        message = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    }

    /// SQLITE_CONSTRAINT_UNIQUE, a macro that Swift does not import.
    static let uniqueness = SQLITE_CONSTRAINT | 8 << 8

    /// A call after `close`.
    static let closed = SQLiteFailure(code: SQLITE_MISUSE, message: "the store is closed")

    var primary: Int32 { code & 0xff }

    var isCorruption: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }

    /// After these nothing is known about what the file holds or will take: the kernel drops dirty pages after a failed
    /// fsync, so a second try may report success for data that is gone (reliability.md §1, lesson 2).
    var isFatalForWrites: Bool {
        switch primary {
        case SQLITE_IOERR, SQLITE_FULL, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
            true
        default: false
        }
    }
}

extension SQLiteFailure {
    /// As the opening of the file reports it. SQLite's plain error there is "unsupported file format", a header that no
    /// SQLite wrote.
    func opening(_ database: String) -> StoreError {
        let failure = primary == SQLITE_ERROR ? SQLiteFailure(code: SQLITE_CORRUPT, message: message) : self
        return failure.during("open \(database)")
    }

    /// As a read, or a write that changed nothing, reports it.
    func during(_ deed: String) -> StoreError {
        if isCorruption {
            return StoreError(
                .corrupt, "The store is damaged (\(deed): \(message), SQLite \(code))",
                hint: "Stop the daemon, keep the files, and restore newel.db from a backup.")
        }
        return StoreError(.failed, "The store could not \(deed): \(message) (SQLite \(code))")
    }

    /// As a commit reports it.
    var atCommit: StoreError {
        switch code {
        case SQLiteFailure.uniqueness:
            return StoreError(.conflict, "The name is taken (\(message))")
        case _ where isFatalForWrites:
            return StoreError(
                .fatal, "The store cannot be written to any more: \(message) (SQLite \(code))", hint: fatalHint)
        default:
            return StoreError(.failed, "The store could not commit: \(message) (SQLite \(code))")
        }
    }

    private var fatalHint: String {
        switch primary {
        case SQLITE_FULL: "Free space on the disk of the state folder, then start again."
        case SQLITE_CORRUPT, SQLITE_NOTADB: "Keep the files and restore newel.db from a backup."
        default: "Check the disk of the state folder (dmesg, SMART), then start again; nothing unwritten was answered."
        }
    }
}
