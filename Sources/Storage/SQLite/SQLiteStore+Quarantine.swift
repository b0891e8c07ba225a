// The executions in quarantine.

import CSQLite
import Core
import States

extension SQLiteStore {
    package func quarantined() throws(StoreError) -> [QuarantineRecord] {
        try read("list the quarantine") { reader throws(SQLiteFailure) in
            try reader.statement(.quarantined).rows { row in
                let record = QuarantineRecord(
                    execution: row.integer(0), date: Timestamp(milliseconds: row.integer(1)),
                    reason: QuarantineRecord.Reason(rawValue: row.text(2)) ?? .damaged, details: row.text(3))
                if record.checksum == row.integer(4) { return record }
                // To keep an execution in quarantine is safe; to continue it may not be.
                return QuarantineRecord(
                    execution: record.execution, date: record.date, reason: .damaged,
                    details: "Its row in the table `quarantine` is damaged.")
            }
        }
    }
}

/// The statements that write the table, prepared once.
struct QuarantineStatements {
    let insert: Statement
    let delete: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        insert = try connection.prepare(
            """
            INSERT INTO quarantine (execution, date, reason, details, checksum) VALUES (?1, ?2, ?3, ?4, ?5)
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
        statement.bind(5, record.checksum)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    func release(execution: Int64) throws(StoreError) {
        let statement = statements.quarantine.delete
        statement.bind(1, execution)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }
}
