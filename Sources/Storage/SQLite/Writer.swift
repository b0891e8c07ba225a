// The connection that writes: commits and checkpoints.

import CSQLite

/// Used by one thread at a time.
final class Writer {
    let folder: StateFolder
    let connection: Connection
    let statements: WriterStatements
    let checkpointing: Checkpointing
    /// Why nothing may be written any more.
    private(set) var fatal: StoreError?
    /// What the transaction adds to the number of executions by status.
    var counts = StatusCounts()

    init(_ folder: StateFolder, _ options: SQLiteStore.Options) throws(StoreError) {
        self.folder = folder
        let database = folder.database
        try folder.checkLog()
        // Takes effect before the first connection of the process, and does no harm after it.
        _ = newel_sqlite3_config_memstatus(0)
        do throws(SQLiteFailure) {
            connection = try Connection(path: database, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            // Nothing is written behind our back, least of all to a disk that has just refused: the log stays.
            newel_sqlite3_db_config(connection.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            try Pragmas.apply(Pragmas.writer(cacheKiB: options.writerCacheKiB), to: connection)
        } catch {
            throw error.opening(database)
        }
        try connection.migrate()
        do throws(SQLiteFailure) {
            statements = try WriterStatements(connection)
            checkpointing = Checkpointing(connection, frames: options.checkpointFrames)
        } catch {
            throw error.opening(database)
        }
    }

    /// All of `body` in one transaction, or nothing.
    func transaction<T>(_ body: () throws(StoreError) -> T) throws(StoreError) -> T {
        if let fatal { throw fatal }
        do throws(StoreError) {
            try sql { () throws(SQLiteFailure) in try statements.begin.run() }
            let result = try body()
            try sql { () throws(SQLiteFailure) in try statements.commit.run() }
            folder.databaseNeedsLog(true)
            return result
        } catch {
            if connection.isInTransaction { try? statements.rollback.run() }
            if error.code == .fatal { fatal = error }
            throw error
        }
    }

    /// What SQLite reports within a transaction, as the commit reports it.
    func sql<T>(_ body: () throws(SQLiteFailure) -> T) throws(StoreError) -> T {
        do throws(SQLiteFailure) { return try body() } catch { throw error.atCommit }
    }

    /// A failed checkpoint loses nothing, but the disk that refused it is no disk to go on with.
    func checkpoint() {
        if fatal != nil { return }
        do throws(SQLiteFailure) {
            try checkpointing.makeStep()
        } catch {
            if error.isFatalForWrites { fatal = error.atCommit }
        }
    }

    /// Leaves everything in the database file and no log, where nothing has gone wrong before.
    func finish() {
        guard fatal == nil, checkpointing.finish() else { return }
        folder.databaseNeedsLog(false)
        // The connection takes the empty log away with it.
        newel_sqlite3_db_config(connection.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
    }
}

/// The statements of the write path, prepared once.
struct WriterStatements {
    let begin: Statement
    let commit: Statement
    let rollback: Statement
    let epoch: Statement
    let claim: Statement
    let count: Statement

    let insertMachine: Statement
    let updateMachine: Statement
    let deleteMachine: Statement
    let insertRevision: Statement
    let versions: VersionStatements

    let insertExecution: Statement
    let executionGoesOn: Statement
    let executionEnds: Statement
    let updateExecution: Statement
    let executionStatus: Statement
    let insertEvents: Statement
    let insertTask: Statement
    let deleteTask: Statement
    let changeTask: Statement
    let activities: ActivityStatements
    let quarantine: QuarantineStatements
    let deleteExecution: Statement
    let deleteEvents: Statement
    let deleteTasks: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        // Takes the write lock at once: nothing has been read that could be out of date.
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        epoch = try connection.prepare("SELECT epoch FROM meta WHERE id = 1")
        claim = try connection.prepare("UPDATE meta SET epoch = epoch + 1 WHERE id = 1")
        count = try connection.prepare(
            """
            UPDATE meta SET running = running + ?1, succeeded = succeeded + ?2, failed = failed + ?3,
                timed_out = timed_out + ?4, aborted = aborted + ?5 WHERE id = 1
            """)
        insertMachine = try connection.prepare(
            """
            INSERT INTO machines (id, arn, name, type, creation_date, deletion_date, tags, revision)
            VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7)
            ON CONFLICT (id) DO UPDATE SET arn = ?2, name = ?3, type = ?4, creation_date = ?5, deletion_date = NULL,
                tags = ?6, revision = ?7, last_version = 0 WHERE deletion_date IS NOT NULL AND arn = ?2
            """)
        updateMachine = try connection.prepare(
            """
            UPDATE machines SET type = ?2, tags = ?3, revision = ?4 WHERE id = ?1 AND deletion_date IS NULL
            """)
        deleteMachine = try connection.prepare(
            "UPDATE machines SET deletion_date = ?2 WHERE id = ?1 AND deletion_date IS NULL")
        insertRevision = try connection.prepare(
            """
            INSERT INTO revisions (id, machine, revision_id, definition, role_arn, creation_date, logging, tracing,
                encryption) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        versions = try VersionStatements(connection)
        insertExecution = try connection.prepare(
            """
            INSERT INTO executions (id, machine, revision, name, status, start_date, stop_date, last_event_id, wake_at,
                trace_header, redrive_count, redrive_date, version, alias)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """)
        // An UPDATE writes each index that names a column it sets, changed or not: the frequent cases set no more than
        // they must. Both tell by the rows they change whether the execution was running.
        executionGoesOn = try connection.prepare(
            "UPDATE executions SET last_event_id = ?2, wake_at = ?3 WHERE id = ?1 AND status = 0")
        executionEnds = try connection.prepare(
            """
            UPDATE executions SET status = ?2, stop_date = ?3, last_event_id = ?4, wake_at = ?5
            WHERE id = ?1 AND status = 0
            """)
        updateExecution = try connection.prepare(
            """
            UPDATE executions SET status = ?2, stop_date = ?3, last_event_id = ?4, wake_at = ?5, redrive_count = ?6,
                redrive_date = ?7 WHERE id = ?1
            """)
        executionStatus = try connection.prepare("SELECT status FROM executions WHERE id = ?1")
        insertEvents = try connection.prepare("INSERT INTO events (position, last_id, body) VALUES (?1, ?2, ?3)")
        insertTask = try connection.prepare("INSERT INTO tasks (position) VALUES (?1)")
        deleteTask = try connection.prepare("DELETE FROM tasks WHERE position = ?1")
        changeTask = try connection.prepare(
            """
            UPDATE tasks SET delivered = max(delivered, ?2), heartbeat = coalesce(?3, heartbeat) WHERE position = ?1
            """)
        activities = try ActivityStatements(connection)
        quarantine = try QuarantineStatements(connection)
        deleteExecution = try connection.prepare("DELETE FROM executions WHERE id = ?1")
        deleteEvents = try connection.prepare("DELETE FROM events WHERE position BETWEEN ?1 AND ?2")
        deleteTasks = try connection.prepare("DELETE FROM tasks WHERE position BETWEEN ?1 AND ?2")
    }
}

/// How many executions more or fewer there are, by status.
struct StatusCounts {
    private var byNumber: [Int64] = [0, 0, 0, 0, 0]

    subscript(status: ExecutionStatus) -> Int64 {
        get { byNumber[Int(status.number)] }
        set { byNumber[Int(status.number)] = newValue }
    }

    var isZero: Bool { byNumber.allSatisfy { $0 == 0 } }
}
