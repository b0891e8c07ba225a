// Schema 4: checksums of rows; executions in quarantine; events are found by the execution's number, open tasks by two
// columns.

import CSQLite
import Core

extension Migration {
    static let checksumsAndNumbers = Migration(
        number: 4, name: "ChecksumsAndNumbers",
        sql: """
            -- `RowChecksum` of the row's other columns, computed when it is written and checked when it is read.
            ALTER TABLE meta ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE machines ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE revisions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE versions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE aliases ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE executions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE activities ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

            -- `position` is (execution >> 6) << 20 | first_id: the low 6 bits of an execution's id are its slot.
            CREATE TABLE events_4 (
                position INTEGER PRIMARY KEY,
                last_id  INTEGER NOT NULL,
                checksum INTEGER NOT NULL,
                body     BLOB NOT NULL
            ) STRICT;

            CREATE TABLE tasks_4 (
                execution INTEGER NOT NULL,
                -- Id of the Scheduled event.
                event     INTEGER NOT NULL,
                delivered INTEGER NOT NULL,
                heartbeat INTEGER,
                checksum  INTEGER NOT NULL,
                PRIMARY KEY (execution, event)
            ) STRICT, WITHOUT ROWID;

            -- Executions that are RUNNING and not advanced.
            CREATE TABLE quarantine (
                execution INTEGER PRIMARY KEY,
                date      INTEGER NOT NULL,
                -- `QuarantineRecord.Reason`
                reason    TEXT NOT NULL,
                details   TEXT NOT NULL,
                checksum  INTEGER NOT NULL
            ) STRICT;
            """,
        convert: { connection throws(SQLiteFailure) in
            try SchemaThree(connection).convert()
            try connection.execute(
                """
                DROP TABLE events;
                ALTER TABLE events_4 RENAME TO events;
                DROP TABLE tasks;
                ALTER TABLE tasks_4 RENAME TO tasks;
                """)
        })
}

/// Copies what schema 3 holds. Each loop reads one table and writes another table or another column.
private struct SchemaThree {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func convert() throws(SQLiteFailure) {
        try copyEvents()
        try copyTasks()
        try connection.prepare(
            "SELECT epoch, running, succeeded, failed, timed_out, aborted, 0 FROM meta WHERE id = 1"
        ).forEachRow { row throws(SQLiteFailure) in
            try write("UPDATE meta SET checksum = ?1 WHERE id = 1") { $0.bind(1, row.uncheckedMeta().checksum) }
        }
        try checksums(
            "SELECT \(Statement.machineFields) FROM machines m JOIN revisions r ON r.id = m.revision",
            "UPDATE machines SET checksum = ?1 WHERE id = ?2"
        ) { row, update in
            let record = row.uncheckedMachine()
            update.bind(1, record.checksum)
            update.bind(2, record.id)
        }
        try checksums(
            "SELECT \(Statement.revisionFields) FROM revisions r", "UPDATE revisions SET checksum = ?1 WHERE id = ?2"
        ) { row, update in
            let record = row.uncheckedRevision(at: 0)
            update.bind(1, record.checksum)
            update.bind(2, record.id)
        }
        try checksums(
            "SELECT \(Statement.executionFields) FROM executions", "UPDATE executions SET checksum = ?1 WHERE id = ?2"
        ) { row, update throws(SQLiteFailure) in
            let record = try row.uncheckedExecution()
            update.bind(1, record.checksum)
            update.bind(2, record.id)
        }
        try checksums(
            "SELECT \(Statement.versionFields) FROM versions",
            "UPDATE versions SET checksum = ?1 WHERE machine = ?2 AND number = ?3"
        ) { row, update in
            let record = row.uncheckedVersion()
            update.bind(1, record.checksum)
            update.bind(2, record.machine)
            update.bind(3, Int64(record.number))
        }
        try checksums(
            "SELECT \(Statement.aliasFields) FROM aliases",
            "UPDATE aliases SET checksum = ?1 WHERE machine = ?2 AND name = ?3"
        ) { row, update in
            let record = row.uncheckedAlias()
            update.bind(1, record.checksum)
            update.bind(2, record.machine)
            update.bind(3, record.name)
        }
        try checksums(
            "SELECT \(Statement.activityFields) FROM activities", "UPDATE activities SET checksum = ?1 WHERE arn = ?2"
        ) { row, update in
            let record = row.uncheckedActivity()
            update.bind(1, record.checksum)
            update.bind(2, record.arn)
        }
    }

    /// The UPDATE keeps the keys of the rows, so that the SELECT meets each once.
    private func checksums(
        _ select: String, _ update: String, _ bind: (Statement, Statement) throws(SQLiteFailure) -> Void
    ) throws(SQLiteFailure) {
        let rows = try connection.prepare(select)
        let update = try connection.prepare(update)
        try rows.forEachRow { row throws(SQLiteFailure) in
            try bind(row, update)
            try update.run()
        }
    }

    /// Positions of schema 3 were (execution << 26) | event.
    private func copyEvents() throws(SQLiteFailure) {
        let insert = try connection.prepare(
            "INSERT INTO events_4 (position, last_id, checksum, body) VALUES (?1, ?2, ?3, ?4)")
        try connection.prepare("SELECT position, last_id, body FROM events ORDER BY position").forEachRow {
            row throws(SQLiteFailure) in
            let record = EventsRecord(
                execution: row.integer(0) >> 26, firstID: Int(row.integer(0) & (1 << 26 - 1)),
                lastID: Int(clamping: row.integer(1)), body: row.blob(2))
            guard EventPosition.fits(execution: record.execution, event: record.lastID) else {
                throw SQLiteFailure(
                    code: SQLITE_TOOBIG,
                    message: """
                        execution \(record.execution) has more than \(EventPosition.lastEvent) events, the bound of \
                        this version
                        """)
            }
            insert.bind(1, EventPosition(execution: record.execution, event: record.firstID).value)
            insert.bind(2, Int64(record.lastID))
            insert.bind(3, record.checksum)
            try insert.run(blob: record.body, at: 4)
        }
    }

    private func copyTasks() throws(SQLiteFailure) {
        let insert = try connection.prepare(
            "INSERT INTO tasks_4 (execution, event, delivered, heartbeat, checksum) VALUES (?1, ?2, ?3, ?4, ?5)")
        try connection.prepare("SELECT position, delivered, heartbeat FROM tasks").forEachRow {
            row throws(SQLiteFailure) in
            let record = OpenTaskRecord(
                execution: row.integer(0) >> 26, scheduledEvent: Int(row.integer(0) & (1 << 26 - 1)),
                isDelivered: row.integer(1) != 0, heartbeat: row.optionalTime(2))
            insert.bind(1, record.execution)
            insert.bind(2, Int64(record.scheduledEvent))
            insert.bind(3, Int64(record.isDelivered ? 1 : 0))
            insert.bind(4, record.heartbeat?.milliseconds)
            insert.bind(5, record.checksum)
            try insert.run()
        }
    }

    private func write(_ sql: String, _ bind: (Statement) -> Void) throws(SQLiteFailure) {
        let statement = try connection.prepare(sql)
        bind(statement)
        try statement.run()
    }
}
