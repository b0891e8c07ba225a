// The settings of a connection, and the proof that they hold.

import CSQLite

/// Settings that the promises of the store rest upon. Each is set and then read back: SQLite ignores what it does not
/// know or cannot do, and libraries have been seen to set others behind one's back.
enum Pragmas {
    struct Setting {
        var name: String
        var value: String
        /// As SQLite gives it back.
        var reads: String
    }

    /// Milliseconds.
    static let busyTimeout: Int32 = 5_000

    /// `page_size` and `journal_mode` are the file's and stay; the others are each connection's own.
    static func writer(cacheKiB: Int) -> [Setting] {
        [
            // A page of the file is a block of the disk; smaller and larger ones took more CPU a row.
            Setting(name: "page_size", value: "4096", reads: "4096"),
            Setting(name: "journal_mode", value: "WAL", reads: "wal"),
            // Every commit is on the disk when it returns.
            Setting(name: "synchronous", value: "FULL", reads: "2"),
            // `Checkpointing` alone decides when.
            Setting(name: "wal_autocheckpoint", value: "0", reads: "0"),
            // The WAL is overwritten in place and never truncated: a commit into allocated space costs half of one that
            // makes the file grow.
            Setting(name: "journal_size_limit", value: "-1", reads: "-1"),
            Setting(name: "locking_mode", value: "NORMAL", reads: "normal"),
            Setting(name: "foreign_keys", value: "ON", reads: "1"),
            // Debian builds SQLite with it on, which writes zeros over what was deleted, in pages that are kept in
            // memory.
            Setting(name: "secure_delete", value: "OFF", reads: "0"),
        ] + common(cacheKiB: cacheKiB)
    }

    static func reader(cacheKiB: Int) -> [Setting] {
        [Setting(name: "query_only", value: "ON", reads: "1")] + common(cacheKiB: cacheKiB)
    }

    private static func common(cacheKiB: Int) -> [Setting] {
        [
            // A torn or stray page never comes in past the checks of a read (reliability.md §1, the WAL-reset case).
            Setting(name: "mmap_size", value: "0", reads: "0"),
            Setting(name: "cache_size", value: "-\(cacheKiB)", reads: "-\(cacheKiB)"),
            // A sort of a page of results needs no file.
            Setting(name: "temp_store", value: "MEMORY", reads: "2"),
            // Another program may hold the file for a moment (a backup, the sqlite3 shell).
            Setting(name: "busy_timeout", value: "\(busyTimeout)", reads: "\(busyTimeout)"),
            Setting(name: "trusted_schema", value: "OFF", reads: "0"),
        ]
    }

    static func apply(_ settings: [Setting], to connection: Connection) throws(SQLiteFailure) {
        newel_sqlite3_db_config(connection.handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        for setting in settings { try connection.execute("PRAGMA \(setting.name) = \(setting.value)") }
        for setting in settings {
            let found = try connection.text("PRAGMA \(setting.name)") ?? "nothing"
            guard found.lowercased() == setting.reads else {
                throw SQLiteFailure(
                    code: SQLITE_MISUSE, message: "\(setting.name) is \(found) where \(setting.value) was set")
            }
        }
    }
}
