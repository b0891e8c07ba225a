// The connection that writes: commits and checkpoints.

import CSQLite
import Core
import Glibc

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
    /// The epoch that this process has claimed.
    var claimed: Int64 = 0
    /// Whether a process has claimed the store before.
    let wasUsed: Bool
    /// The disk was full at the claim: the next commit writes the epoch.
    var isClaimPending = false
    /// The first salt of the log, `nil` before the first commit.
    private var salt: UInt32?
    let space: StoreSpace
    /// Told of rows that are found damaged.
    let damage: @Sendable (DamagedRow) -> Void

    init(_ folder: StateFolder, _ space: StoreSpace, _ options: SQLiteStore.Options) throws(StoreError) {
        self.folder = folder
        self.space = space
        damage = options.damage
        let database = folder.database
        if options.acceptsLoss {
            do throws(StoreError) {
                try folder.checkFiles()
            } catch {
                guard error.code == .corrupt else { throw error }
                options.notice("Continuing with what is left, as --accept-loss asks: \(error.message)")
                folder.lock.setLogEnd(nil)
            }
        } else {
            try folder.checkFiles()
        }
        Self.makePrivate(database)
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
        try Self.checkStructure(folder, connection, options)
        if folder.lock.current.state == .new { folder.lock.update { $0.state = .closed } }
        do throws(SQLiteFailure) {
            wasUsed = try connection.integer("SELECT epoch FROM meta") ?? 0 > 0
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
            let mayBeginAgain = checkpointing.isAllCopied
            let before = checkpointing.frames
            try sql { () throws(SQLiteFailure) in try statements.commit.run() }
            noteLogEnd(before, mayBeginAgain)
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

    /// Writes down how far the log has come. The first commit of a process, and one that begins the log again, read
    /// the log's salt.
    private func noteLogEnd(_ before: Int32, _ mayHaveBegunAgain: Bool) {
        folder.databaseNeedsLog()
        let frames = checkpointing.frames
        if salt == nil || mayHaveBegunAgain || frames < before { salt = readSalt() }
        guard let salt, frames > 0 else { return }
        folder.lock.setLogEnd(LockFile.LogEnd(salt: salt, frames: UInt32(frames)))
    }

    /// SQLite's locks are on other files: this one may be opened and closed beside it.
    private func readSalt() -> UInt32? {
        let file = open(folder.log, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4)
        guard pread(file, &bytes, 4, 16) == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// SQLite gives its files the mode of the database file.
    private static func makePrivate(_ database: String) {
        // Never opened where it is there: closing it would take the locks of another connection with it.
        let file = open(database, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 { close(file) }
    }

    /// Not after a stop that has left the file as it is now.
    private static func checkStructure(
        _ folder: StateFolder, _ connection: Connection, _ options: SQLiteStore.Options
    ) throws(StoreError) {
        if folder.isAsClosed { return }
        guard let stamp = LockFile.Stamp(path: folder.database), stamp.bytes <= Limits.Store.maximumCheckedBytes else {
            return
        }
        var finding = StructureCheck.Finding.whole
        do throws(SQLiteFailure) {
            finding = try StructureCheck.run(connection)
            if case .indexes(let indexes) = finding {
                options.notice(
                    "Indexes of newel.db were damaged and are made again: \(indexes.joined(separator: ", "))")
                try StructureCheck.rebuild(indexes, connection)
                finding = try StructureCheck.run(connection)
            }
        } catch {
            throw error.opening(folder.database)
        }
        if finding == .whole { return }
        let damage = StateFolder.lost("newel.db in \(folder.path) is damaged: \(finding.words)")
        guard options.acceptsLoss else { throw damage }
        options.notice("Continuing with what can be read, as --accept-loss asks: \(damage.message)")
    }

    /// A failed checkpoint loses nothing, but the disk that refused it is no disk to go on with. A full disk may have
    /// space later: the log keeps what could not be copied.
    func checkpoint() {
        if fatal != nil { return }
        do throws(SQLiteFailure) {
            try checkpointing.makeStep()
        } catch {
            if error.isFull {
                space.note(isFull: true)
                _ = space.release()
            } else if error.isFatalForWrites {
                fatal = error.atCommit
            }
        }
    }

    /// Leaves everything in the database file and no log, where nothing has gone wrong before.
    func finish() {
        _ = space.release()
        defer { space.finish() }
        guard fatal == nil, checkpointing.copyAll() else { return }
        // Before the log is emptied: a kill between the two leaves a log that is not needed.
        folder.databaseIsComplete()
        checkpointing.finish()
        // The connection takes the empty log away with it.
        newel_sqlite3_db_config(connection.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
    }
}

/// The statements of the write path, prepared once.
struct WriterStatements {
    /// Takes the write lock at once: nothing has been read that could be out of date.
    let begin: Statement
    let commit: Statement
    let rollback: Statement
    let meta: Statement
    let putMeta: Statement
    let count: Statement

    let machine: Statement
    let insertMachine: Statement
    let updateMachine: Statement
    let insertRevision: Statement
    let versions: VersionStatements

    let insertExecution: Statement
    let executionGoesOn: Statement
    let executionEnds: Statement
    let updateExecution: Statement
    let execution: Statement
    let insertEvents: Statement
    let tasks: TaskStatements
    let activities: ActivityStatements
    let quarantine: QuarantineStatements
    let messages: MessageStatements
    let deleteExecution: Statement
    let renameExecution: Statement
    let deleteEvents: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        meta = try connection.prepare("SELECT \(Statement.metaColumns) FROM meta WHERE id = 1")
        putMeta = try connection.prepare(
            """
            UPDATE meta SET epoch = ?1, running = ?2, succeeded = ?3, failed = ?4, timed_out = ?5, aborted = ?6,
                checksum = ?7 WHERE id = 1
            """)
        count = try connection.prepare("SELECT status, count(*) FROM executions GROUP BY status")
        machine = try connection.prepare(Query.machineByID.sql)
        insertMachine = try connection.prepare(
            """
            INSERT INTO machines (id, arn, name, type, creation_date, deletion_date, tags, revision, last_version,
                checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (id) DO UPDATE SET arn = ?2, name = ?3, type = ?4, creation_date = ?5, deletion_date = ?6,
                tags = ?7, revision = ?8, last_version = ?9, checksum = ?10
                WHERE deletion_date IS NOT NULL AND arn = ?2
            """)
        updateMachine = try connection.prepare(
            """
            UPDATE machines SET arn = ?2, name = ?3, type = ?4, creation_date = ?5, deletion_date = ?6, tags = ?7,
                revision = ?8, last_version = ?9, checksum = ?10 WHERE id = ?1
            """)
        insertRevision = try connection.prepare(
            """
            INSERT INTO revisions (id, machine, revision_id, definition, role_arn, creation_date, logging, tracing,
                encryption, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        versions = try VersionStatements(connection)
        insertExecution = try connection.prepare(
            """
            INSERT INTO executions (id, machine, revision, name, status, start_date, stop_date, last_event_id, wake_at,
                trace_header, redrive_count, redrive_date, version, alias, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """)
        // An UPDATE writes each index that names a column it sets, changed or not: the frequent cases set no more than
        // they must. Both tell by the rows they change whether the execution was running.
        executionGoesOn = try connection.prepare(
            "UPDATE executions SET last_event_id = ?2, wake_at = ?3, checksum = ?4 WHERE id = ?1 AND status = 0")
        executionEnds = try connection.prepare(
            """
            UPDATE executions SET status = ?2, stop_date = ?3, last_event_id = ?4, wake_at = ?5, checksum = ?6
            WHERE id = ?1 AND status = 0
            """)
        updateExecution = try connection.prepare(
            """
            UPDATE executions SET status = ?2, stop_date = ?3, last_event_id = ?4, wake_at = ?5, checksum = ?6,
                redrive_count = ?7, redrive_date = ?8 WHERE id = ?1
            """)
        execution = try connection.prepare(Query.execution.sql)
        insertEvents = try connection.prepare(
            "INSERT INTO events (position, last_id, checksum, body) VALUES (?1, ?2, ?3, ?4)")
        tasks = try TaskStatements(connection)
        activities = try ActivityStatements(connection)
        quarantine = try QuarantineStatements(connection)
        messages = try MessageStatements(connection)
        deleteExecution = try connection.prepare("DELETE FROM executions WHERE id = ?1")
        renameExecution = try connection.prepare("UPDATE executions SET name = ?2, checksum = ?3 WHERE id = ?1")
        deleteEvents = try connection.prepare("DELETE FROM events WHERE position BETWEEN ?1 AND ?2")
    }
}

/// How many executions more or fewer there are, by status.
struct StatusCounts: Equatable {
    private var byNumber: [Int64] = [0, 0, 0, 0, 0]

    /// In the order of the statuses' numbers.
    var values: [Int64] { byNumber }

    subscript(status: ExecutionStatus) -> Int64 {
        get { byNumber[Int(status.number)] }
        set { byNumber[Int(status.number)] = newValue }
    }

    var isZero: Bool { byNumber.allSatisfy { $0 == 0 } }

    mutating func add(_ other: StatusCounts) {
        for index in byNumber.indices { byNumber[index] &+= other.byNumber[index] }
    }
}
