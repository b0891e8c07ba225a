// The executions in quarantine.

import CSQLite
import States

extension SQLiteStore {
    package func quarantined() throws(StoreError) -> [QuarantineRecord] {
        try read("list the quarantine") { reader throws(SQLiteFailure) in
            try reader.statement(.quarantined).rows { row in
                QuarantineRecord(
                    execution: row.integer(0), date: Timestamp(milliseconds: row.integer(1)),
                    // A word that is none of this version's: it stays in quarantine all the same.
                    reason: QuarantineRecord.Reason(rawValue: row.text(2)) ?? .damaged, details: row.text(3))
            }
        }
    }
}

/// The table and the statements that write it, prepared once.
struct QuarantineStatements {
    static let table = """
        CREATE TABLE IF NOT EXISTS quarantine (
            execution INTEGER PRIMARY KEY,
            date      INTEGER NOT NULL,
            reason    TEXT NOT NULL,
            details   TEXT NOT NULL
        ) STRICT
        """

    let insert: Statement
    let delete: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        try connection.execute(Self.table)
        insert = try connection.prepare(
            """
            INSERT INTO quarantine (execution, date, reason, details) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (execution) DO NOTHING
            """)
        delete = try connection.prepare("DELETE FROM quarantine WHERE execution = ?1")
    }
}

extension Writer {
    func quarantine(_ record: QuarantineRecord) throws(StoreError) {
        let statement = statements.quarantine.insert
        statement.bind(1, record.execution)
        statement.bind(2, record.date.milliseconds)
        statement.bind(3, record.reason.rawValue)
        statement.bind(4, record.details)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    func release(execution: Int64) throws(StoreError) {
        let statement = statements.quarantine.delete
        statement.bind(1, execution)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }
}
