// What SQLite answered, and what that means for the store.

import CSQLite
import Glibc

/// A result code with the words that came with it. Each caller says what it means where it stands: the same full disk
/// ends the process when it meets a commit, and fails one call when it meets a read.
struct SQLiteFailure: Error {
    /// Extended result code.
    var code: Int32
    var message: String
    /// `errno` of a read or write that the system refused; 0 for others.
    var systemError: Int32 = 0
    /// Set where a row is not what was written: the file is whole otherwise, and other rows can be read.
    var row: DamagedRow?

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    init(damaged row: DamagedRow) {
        code = SQLITE_CORRUPT
        message = "a row of \(row.table) is not what was written: \(row.key)"
        self.row = row
    }

    init(_ code: Int32, _ handle: OpaquePointer?) {
        self.code = handle.map { sqlite3_extended_errcode($0) } ?? code
        if self.code & 0xff != code & 0xff { self.code = code }
        if let handle, self.code & 0xff == SQLITE_IOERR || self.code & 0xff == SQLITE_CANTOPEN {
            systemError = sqlite3_system_errno(handle)
        }
        message = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    }

    /// SQLITE_CONSTRAINT_UNIQUE, a macro that Swift does not import.
    static let uniqueness = SQLITE_CONSTRAINT | 8 << 8

    /// A call after `close`.
    static let closed = SQLiteFailure(code: SQLITE_MISUSE, message: "the store is closed")

    var primary: Int32 { code & 0xff }

    var isCorruption: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }

    /// The disk has no space: the write was refused before anything was synced, and can be made later. A sync that
    /// reports a full disk is as any other that fails.
    var isFull: Bool {
        // SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC and SQLITE_IOERR_SHMSIZE, macros that Swift does not import.
        let (sync, folderSync, index) = (SQLITE_IOERR | 4 << 8, SQLITE_IOERR | 5 << 8, SQLITE_IOERR | 19 << 8)
        if primary == SQLITE_FULL || code == index { return true }
        return [ENOSPC, EDQUOT].contains(systemError) && code != sync && code != folderSync
    }

    /// After these nothing is known about what the file holds or will take: the kernel drops dirty pages after a failed
    /// fsync, so a second try may report success for data that is gone (reliability.md §1, lesson 2).
    var isFatalForWrites: Bool {
        switch primary {
        case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: true
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
        if let row {
            var error = StoreError(
                .corrupt, "The store could not \(deed): \(message)",
                hint: "Keep the files; the row can be restored from a backup of newel.db.")
            error.row = row
            return error
        }
        if isCorruption {
            return StoreError(
                .corrupt, "The store is damaged (\(deed): \(message), SQLite \(code))",
                hint: "Stop the daemon, keep the files, and restore newel.db from a backup.")
        }
        if isFull { return full }
        return StoreError(.failed, "The store could not \(deed): \(message) (SQLite \(code))")
    }

    private var full: StoreError {
        StoreError(
            .full, "The disk of the state folder is full: \(message) (SQLite \(code))",
            hint: "Free space on it; the daemon continues by itself.")
    }

    /// As a commit reports it.
    var atCommit: StoreError {
        switch code {
        case SQLiteFailure.uniqueness:
            return StoreError(.conflict, "The name is taken (\(message))")
        // The transaction has been rolled back: only what needs the damaged row or page cannot be written.
        case _ where isCorruption: return during("commit")
        case _ where isFull: return full
        case _ where isFatalForWrites:
            return StoreError(
                .fatal, "The store cannot be written to any more: \(message) (SQLite \(code))", hint: fatalHint)
        default:
            return StoreError(.failed, "The store could not commit: \(message) (SQLite \(code))")
        }
    }

    private var fatalHint: String {
        "Check the disk of the state folder (dmesg, SMART), then start again; nothing unwritten was answered."
    }
}
