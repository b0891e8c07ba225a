// Writing activities.

import Core
import States

extension Writer {
    func put(_ record: ActivityRecord) throws(StoreError) {
        statements.activities.read.bind(1, record.arn)
        let before = try sql { () throws(SQLiteFailure) in
            try statements.activities.read.row { row throws(SQLiteFailure) in try row.activity() }
        }
        var record = record
        if let before {
            record.name = before.name
            record.creationDate = before.creationDate
        }
        let statement = statements.activities.put
        statement.bind(1, record.arn)
        statement.bind(2, record.name)
        statement.bind(3, record.creationDate.milliseconds)
        statement.bind(4, record.tags)
        statement.bind(5, record.checksum)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    func delete(activity arn: String) throws(StoreError) {
        statements.activities.delete.bind(1, arn)
        try sql { () throws(SQLiteFailure) in try statements.activities.delete.run() }
    }
}

/// The statements for them, prepared once.
struct ActivityStatements {
    let read: Statement
    let put: Statement
    let delete: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        read = try connection.prepare("SELECT \(Statement.activityColumns) FROM activities WHERE arn = ?1")
        put = try connection.prepare(
            """
            INSERT INTO activities (arn, name, creation_date, tags, checksum) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (arn) DO UPDATE SET name = ?2, creation_date = ?3, tags = ?4, checksum = ?5
            """)
        delete = try connection.prepare("DELETE FROM activities WHERE arn = ?1")
    }
}
