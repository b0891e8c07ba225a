// Numbered migrations: the schema is the old one or the new one, never a mixture.

import CSQLite

/// A step from the schema before it to its own. Its number stands in the file's `user_version`, which changes with it
/// in one transaction. A migration that was released is never edited.
struct Migration {
    var number: Int64
    var name: String
    var sql: String
    /// What SQL cannot express, after it and in the same transaction.
    var convert: (@Sendable (Connection) throws(SQLiteFailure) -> Void)?

    /// In order, without gaps from 1.
    static let all = [
        initial, activitiesAndRedrives, versionsAndAliases, checksumsAndNumbers, unsuccessfulExecutions,
        messagesAndJobs,
    ]

    static let newest = Int64(all.count)

    /// "NEWL": what `file(1)` and the start-up check know the file by.
    static let applicationID: Int64 = 0x4e45_574c
}

extension Connection {
    /// Brings the file to the schema of this binary.
    func migrate(_ migrations: [Migration] = Migration.all) throws(StoreError) {
        let version = try schemaVersion(newest: Int64(migrations.count))
        do throws(SQLiteFailure) {
            for migration in migrations.dropFirst(Int(version)) {
                try transaction { () throws(SQLiteFailure) in
                    try execute(migration.sql)
                    try migration.convert?(self)
                    try execute("PRAGMA user_version = \(migration.number)")
                    try execute("PRAGMA application_id = \(Migration.applicationID)")
                }
            }
        } catch {
            throw error.during("bring its schema up to date")
        }
    }

    private func schemaVersion(newest: Int64) throws(StoreError) -> Int64 {
        var version: Int64 = 0
        var isOurs = false
        var isEmpty = false
        do throws(SQLiteFailure) {
            version = try integer("PRAGMA user_version") ?? 0
            isOurs = try integer("PRAGMA application_id") == Migration.applicationID
            isEmpty = try integer("SELECT count(*) FROM sqlite_schema") == 0
        } catch {
            throw error.during("read its schema")
        }
        if !isOurs && !(isEmpty && version == 0) || version < 0 {
            throw StoreError(
                .corrupt, "newel.db is an SQLite file, but not one of Newel's",
                hint: "Point the store at another folder, or move the file away.")
        }
        if version > newest {
            throw StoreError(
                .newerSchema, "The store has schema \(version); this version of Newel knows \(newest) at most",
                hint: "Start the newer version of Newel again, or restore a backup that was made before the upgrade.")
        }
        return version
    }
}
