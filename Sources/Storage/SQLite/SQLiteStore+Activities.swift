// Writing activities.

import States

extension Writer {
    func put(_ record: ActivityRecord) throws(StoreError) {
        let statement = statements.activities.put
        statement.bind(1, record.arn)
        statement.bind(2, record.name)
        statement.bind(3, record.creationDate.milliseconds)
        statement.bind(4, record.tags)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    func delete(activity arn: String) throws(StoreError) {
        statements.activities.delete.bind(1, arn)
        try sql { () throws(SQLiteFailure) in try statements.activities.delete.run() }
    }
}

/// The statements for them, prepared once.
struct ActivityStatements {
    let put: Statement
    let delete: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        put = try connection.prepare(
            """
            INSERT INTO activities (arn, name, creation_date, tags) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (arn) DO UPDATE SET tags = ?4
            """)
        delete = try connection.prepare("DELETE FROM activities WHERE arn = ?1")
    }
}
