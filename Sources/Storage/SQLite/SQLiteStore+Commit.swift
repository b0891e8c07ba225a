// Claiming the store and writing to it.

import CSQLite
import Core
import Dispatch
import States
import Synchronization

extension SQLiteStore {
    package func claim() throws(StoreError) -> Epoch {
        try write { writer throws(StoreError) in
            do throws(StoreError) {
                return try withReserve { () throws(StoreError) in try writer.claim() }
            } catch {
                guard error.code == .full else { throw error }
                // The lock keeps others out all the same: the first commit that there is space for writes the epoch.
                writer.isClaimPending = true
                writer.claimed += 1
                return Epoch(writer.claimed)
            }
        }
    }

    package func commit(_ batch: [Change], epoch: Epoch) throws(StoreError) {
        let checkpointIsDue = try write { writer throws(StoreError) in
            if writer.checkpointing.isOverdue { writer.checkpoint() }
            try withReserve { () throws(StoreError) in try writer.commit(batch, epoch) }
            return writer.checkpointing.isDueAfterCommit()
        }
        if checkpointIsDue {
            checkpoints.async { [weak self] in self?.writer.withLock { $0?.checkpoint() } }
        }
    }

    /// Runs `body`, and once more with the space of the reserve where the disk is full.
    private func withReserve<T>(_ body: () throws(StoreError) -> T) throws(StoreError) -> T {
        do throws(StoreError) {
            return try body()
        } catch {
            guard error.code == .full else { throw error }
            space.note(isFull: true)
            guard space.release() else { throw error }
        }
        return try body()
    }

    private func write<T: Sendable>(_ body: (Writer) throws(StoreError) -> T) throws(StoreError) -> T {
        try writer.withLock { writer throws(StoreError) in
            guard let writer else { throw SQLiteFailure.closed.atCommit }
            return try body(writer)
        }
    }
}

extension Writer {
    func claim() throws(StoreError) -> Epoch {
        try transaction { () throws(StoreError) in
            var meta = try self.meta()
            claimed = max(meta.epoch, claimed) &+ 1
            meta.epoch = claimed
            try put(meta)
            return Epoch(claimed)
        }
    }

    /// Whether a commit is taken, found out by one that changes nothing but the epoch that is still to be written.
    func canCommit() -> Bool {
        let isCommitted: Void? = try? transaction { () throws(StoreError) in
            // Written again as it is: SQLite leaves out an UPDATE that changes nothing, but not this.
            try sql { () throws(SQLiteFailure) in
                try connection.execute("PRAGMA user_version = \(Migration.newest)")
            }
            guard isClaimPending else { return }
            var meta = try self.meta()
            meta.epoch = claimed
            try put(meta)
        }
        guard isCommitted != nil else { return false }
        isClaimPending = false
        return true
    }

    /// The row of `meta`. One that is damaged is made again: its counts from the executions, its epoch as this process
    /// has claimed it, since no other process holds the folder.
    func meta() throws(StoreError) -> MetaRecord {
        do throws(SQLiteFailure) {
            if let meta = try statements.meta.row({ row throws(SQLiteFailure) in try row.meta() }) { return meta }
        } catch {
            guard let row = error.row else { throw error.atCommit }
            damage(row)
            return try sql { () throws(SQLiteFailure) in try countAgain() }
        }
        throw SQLiteFailure(code: SQLITE_CORRUPT, message: "the row of the epoch is missing").atCommit
    }

    private func countAgain() throws(SQLiteFailure) -> MetaRecord {
        var counts = StatusCounts()
        try statements.count.forEachRow { row in
            if let status = ExecutionStatus(number: row.integer(0)) { counts[status] = row.integer(1) }
        }
        let meta = MetaRecord(epoch: claimed, counts: counts)
        try write(meta)
        return meta
    }

    func put(_ meta: MetaRecord) throws(StoreError) {
        try sql { () throws(SQLiteFailure) in try write(meta) }
    }

    private func write(_ meta: MetaRecord) throws(SQLiteFailure) {
        statements.putMeta.bind(1, meta.epoch)
        for status in ExecutionStatus.allCases {
            statements.putMeta.bind(Int32(status.number) + 2, meta.counts[status])
        }
        statements.putMeta.bind(7, meta.checksum)
        try statements.putMeta.run()
    }

    func commit(_ batch: [Change], _ epoch: Epoch) throws(StoreError) {
        counts = StatusCounts()
        try transaction { () throws(StoreError) in
            var meta = try self.meta()
            let isPending = isClaimPending && epoch.value == claimed
            guard isPending || meta.epoch == epoch.value else { throw fenced(epoch, by: Epoch(meta.epoch)) }
            for change in batch { try apply(change) }
            if !counts.isZero || isPending {
                meta.epoch = epoch.value
                meta.counts.add(counts)
                try put(meta)
            }
        }
        isClaimPending = false
    }

    private func fenced(_ epoch: Epoch, by current: Epoch) -> StoreError {
        StoreError(
            .fenced, "The store is at epoch \(current.value), this process took it at \(epoch.value)",
            hint: "Another process has taken the store over; this one is to end.")
    }

    private func apply(_ change: Change) throws(StoreError) {
        switch change {
        case .createMachine(let record): try create(record)
        case .updateMachine(let record): try update(record)
        case .deleteMachine(let id, let time): try delete(machine: id, at: time)
        case .tagMachine, .createVersion, .deleteVersion, .putAlias, .deleteAlias: try applyToMachine(change)
        case .putActivity(let record): try put(record)
        case .deleteActivity(let arn): try delete(activity: arn)
        case .turn(let turn): try apply(turn)
        case .changeTask(let task): try sql { () throws(SQLiteFailure) in try self.change(task) }
        case .closeTask(let execution, let event):
            try sql { () throws(SQLiteFailure) in try run(statements.tasks.delete, execution, event) }
        case .deleteEvents(let execution, let through):
            statements.deleteEvents.bind(1, EventPosition(execution: execution, event: 0).value)
            statements.deleteEvents.bind(2, EventPosition(execution: execution, event: through).value)
            try sql { () throws(SQLiteFailure) in try statements.deleteEvents.run() }
        case .deleteExecution(let id): try delete(execution: id)
        case .freeName(let id): try freeName(of: id)
        case .quarantine(let record): try quarantine(record)
        case .release(let execution): try release(execution: execution)
        case .send(let message): try send(message)
        case .consume(let message): try consume(message)
        }
    }

    // MARK: Machines

    private func create(_ record: MachineRecord) throws(StoreError) {
        var machine = record
        machine.deletionDate = nil
        machine.lastVersion = 0
        try run(statements.insertMachine, machine)
        guard connection.changes == 1 else { throw StoreError(.conflict, "Machine \(record.id) is there already") }
        try insert(record.revision)
    }

    private func update(_ record: MachineRecord) throws(StoreError) {
        guard var machine = try machine(record.id), machine.deletionDate == nil else {
            throw StoreError(.failed, "There is no machine \(record.id) to update")
        }
        machine.type = record.type
        machine.tags = record.tags
        machine.revision = record.revision
        try replace(machine)
        try insert(record.revision)
    }

    private func delete(machine id: Int64, at time: Timestamp) throws(StoreError) {
        guard var machine = try machine(id), machine.deletionDate == nil else {
            throw StoreError(.failed, "There is no machine \(id) to delete")
        }
        machine.deletionDate = time
        try replace(machine)
        for statement in [statements.versions.deleteVersions, statements.versions.deleteAliases] {
            statement.bind(1, id)
            try sql { () throws(SQLiteFailure) in try statement.run() }
        }
    }

    /// The machine as it is in this transaction, a deleted one too.
    func machine(_ id: Int64) throws(StoreError) -> MachineRecord? {
        statements.machine.bind(1, id)
        return try sql { () throws(SQLiteFailure) in
            try statements.machine.row { row throws(SQLiteFailure) in try row.machine() }
        }
    }

    /// Writes all columns of a machine that is there.
    func replace(_ machine: MachineRecord) throws(StoreError) { try run(statements.updateMachine, machine) }

    private func run(_ statement: Statement, _ machine: MachineRecord) throws(StoreError) {
        statement.bind(machine)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    private func insert(_ record: RevisionRecord) throws(StoreError) {
        let statement = statements.insertRevision
        statement.bind(1, record.id)
        statement.bind(2, record.machine)
        statement.bind(3, record.revisionID)
        statement.bind(4, record.definition)
        statement.bind(5, record.roleARN)
        statement.bind(6, record.creationDate.milliseconds)
        statement.bind(7, record.loggingConfiguration)
        statement.bind(8, record.tracingConfiguration)
        statement.bind(9, record.encryptionConfiguration)
        statement.bind(10, record.checksum)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }

    // MARK: Executions

    private func apply(_ turn: ExecutionTurn) throws(StoreError) {
        let execution = turn.execution
        guard EventPosition.fits(execution: execution.id, event: execution.lastEventID) else {
            throw StoreError(
                .failed, "Execution \(execution.id) with event \(execution.lastEventID) does not fit into the store")
        }
        if turn.isNew { try insert(execution) } else { try update(execution) }
        try sql { () throws(SQLiteFailure) in
            if let events = turn.events { try insert(events) }
            for event in turn.openedTasks {
                statements.tasks.insert.bind(OpenTaskRecord(execution: execution.id, scheduledEvent: event))
                try statements.tasks.insert.run()
            }
            for event in turn.closedTasks { try run(statements.tasks.delete, execution.id, event) }
        }
    }

    private func insert(_ execution: ExecutionRecord) throws(StoreError) {
        let statement = statements.insertExecution
        statement.bind(1, execution.id)
        statement.bind(2, execution.machine)
        statement.bind(3, execution.revision)
        statement.bind(4, execution.name)
        statement.bind(5, execution.status.number)
        statement.bind(6, execution.startDate.milliseconds)
        statement.bind(7, execution.stopDate?.milliseconds)
        statement.bind(8, Int64(execution.lastEventID))
        statement.bind(9, execution.wakeAt?.milliseconds)
        statement.bind(10, execution.traceHeader)
        statement.bind(11, Int64(execution.redriveCount))
        statement.bind(12, execution.redriveDate?.milliseconds)
        statement.bind(13, execution.version.map { Int64($0) })
        statement.bind(14, execution.alias)
        statement.bind(15, execution.checksum)
        try sql { () throws(SQLiteFailure) in try statement.run() }
        counts[execution.status] += 1
    }

    private func update(_ execution: ExecutionRecord) throws(StoreError) {
        if execution.status == .running {
            let statement = statements.executionGoesOn
            statement.bind(1, execution.id)
            statement.bind(2, Int64(execution.lastEventID))
            statement.bind(3, execution.wakeAt?.milliseconds)
            statement.bind(4, execution.checksum)
            try sql { () throws(SQLiteFailure) in try statement.run() }
            if connection.changes == 1 { return }
        } else if try write(execution, statements.executionEnds) == 1 {
            counts[.running] -= 1
            counts[execution.status] += 1
            return
        }
        try replace(execution)
    }

    /// An execution that was closed before: it goes on, or its end is written once more.
    private func replace(_ execution: ExecutionRecord) throws(StoreError) {
        guard let before = try status(of: execution.id) else {
            throw StoreError(.failed, "There is no execution \(execution.id) to update")
        }
        statements.updateExecution.bind(7, Int64(execution.redriveCount))
        statements.updateExecution.bind(8, execution.redriveDate?.milliseconds)
        _ = try write(execution, statements.updateExecution)
        counts[before] -= 1
        counts[execution.status] += 1
    }

    private func delete(execution id: Int64) throws(StoreError) {
        guard let before = try status(of: id) else { return }
        statements.deleteExecution.bind(1, id)
        statements.deleteEvents.bind(1, EventPosition(execution: id, event: 0).value)
        statements.deleteEvents.bind(2, EventPosition(execution: id, event: .max).value)
        statements.tasks.deleteAll.bind(1, id)
        try sql { () throws(SQLiteFailure) in
            try statements.deleteExecution.run()
            try statements.deleteEvents.run()
            try statements.tasks.deleteAll.run()
        }
        counts[before] -= 1
    }

    private func freeName(of id: Int64) throws(StoreError) {
        guard var record = try record(of: id) else { return }
        record.name = ExecutionRecord.nameOfExpired(id)
        statements.renameExecution.bind(1, id)
        statements.renameExecution.bind(2, record.name)
        statements.renameExecution.bind(3, record.checksum)
        try sql { () throws(SQLiteFailure) in try statements.renameExecution.run() }
    }

    private func status(of id: Int64) throws(StoreError) -> ExecutionStatus? { try record(of: id)?.status }

    private func record(of id: Int64) throws(StoreError) -> ExecutionRecord? {
        statements.execution.bind(1, id)
        return try sql { () throws(SQLiteFailure) in
            try statements.execution.row { row throws(SQLiteFailure) in try row.execution() }
        }
    }

    private func write(_ execution: ExecutionRecord, _ statement: Statement) throws(StoreError) -> Int64 {
        statement.bind(1, execution.id)
        statement.bind(2, execution.status.number)
        statement.bind(3, execution.stopDate?.milliseconds)
        statement.bind(4, Int64(execution.lastEventID))
        statement.bind(5, execution.wakeAt?.milliseconds)
        statement.bind(6, execution.checksum)
        try sql { () throws(SQLiteFailure) in try statement.run() }
        return connection.changes
    }

    private func insert(_ events: EventsRecord) throws(SQLiteFailure) {
        statements.insertEvents.bind(1, EventPosition(execution: events.execution, event: events.firstID).value)
        statements.insertEvents.bind(2, Int64(events.lastID))
        statements.insertEvents.bind(3, events.checksum)
        try statements.insertEvents.run(blob: events.body, at: 4)
    }

    private func run(_ statement: Statement, _ execution: Int64, _ event: Int) throws(SQLiteFailure) {
        statement.bind(1, execution)
        statement.bind(2, Int64(event))
        try statement.run()
    }
}
