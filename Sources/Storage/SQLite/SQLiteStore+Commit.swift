// Claiming the store and writing to it.

import CSQLite
import Dispatch
import States
import Synchronization

extension SQLiteStore {
    package func claim() throws(StoreError) -> Epoch {
        try write { writer throws(StoreError) in
            try writer.transaction { () throws(StoreError) in
                try writer.sql { () throws(SQLiteFailure) in try writer.statements.claim.run() }
                return try writer.epoch()
            }
        }
    }

    package func commit(_ batch: [Change], epoch: Epoch) throws(StoreError) {
        let checkpointIsDue = try write { writer throws(StoreError) in
            if writer.checkpointing.isOverdue { writer.checkpoint() }
            try writer.commit(batch, epoch)
            return writer.checkpointing.isDueAfterCommit()
        }
        if checkpointIsDue {
            checkpoints.async { [weak self] in self?.writer.withLock { $0?.checkpoint() } }
        }
    }

    private func write<T: Sendable>(_ body: (Writer) throws(StoreError) -> T) throws(StoreError) -> T {
        try writer.withLock { writer throws(StoreError) in
            guard let writer else { throw SQLiteFailure.closed.atCommit }
            return try body(writer)
        }
    }
}

extension Writer {
    func epoch() throws(StoreError) -> Epoch {
        let value = try sql { () throws(SQLiteFailure) in try statements.epoch.row { row in row.integer(0) } }
        guard let value else {
            throw SQLiteFailure(code: SQLITE_CORRUPT, message: "the row of the epoch is missing").atCommit
        }
        return Epoch(value)
    }

    func commit(_ batch: [Change], _ epoch: Epoch) throws(StoreError) {
        counts = StatusCounts()
        try transaction { () throws(StoreError) in
            let current = try self.epoch()
            guard current == epoch else { throw fenced(epoch, by: current) }
            for change in batch { try apply(change) }
            if !counts.isZero { try sql { () throws(SQLiteFailure) in try writeCounts() } }
        }
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
            try sql { () throws(SQLiteFailure) in try run(statements.deleteTask, execution, event) }
        case .deleteEvents(let execution, let through):
            statements.deleteEvents.bind(1, EventPosition(execution: execution, event: 0).value)
            statements.deleteEvents.bind(2, EventPosition(execution: execution, event: through).value)
            try sql { () throws(SQLiteFailure) in try statements.deleteEvents.run() }
        case .deleteExecution(let id): try delete(execution: id)
        case .quarantine(let record): try quarantine(record)
        case .release(let execution): try release(execution: execution)
        }
    }

    private func writeCounts() throws(SQLiteFailure) {
        for status in ExecutionStatus.allCases { statements.count.bind(Int32(status.number) + 1, counts[status]) }
        try statements.count.run()
    }

    // MARK: Machines

    private func create(_ record: MachineRecord) throws(StoreError) {
        let statement = statements.insertMachine
        statement.bind(1, record.id)
        statement.bind(2, record.arn)
        statement.bind(3, record.name)
        statement.bind(4, record.type)
        statement.bind(5, record.creationDate.milliseconds)
        statement.bind(6, record.tags)
        statement.bind(7, record.revision.id)
        try sql { () throws(SQLiteFailure) in try statement.run() }
        guard connection.changes == 1 else { throw StoreError(.conflict, "Machine \(record.id) is there already") }
        try insert(record.revision)
    }

    private func update(_ record: MachineRecord) throws(StoreError) {
        let statement = statements.updateMachine
        statement.bind(1, record.id)
        statement.bind(2, record.type)
        statement.bind(3, record.tags)
        statement.bind(4, record.revision.id)
        try sql { () throws(SQLiteFailure) in try statement.run() }
        guard connection.changes == 1 else { throw StoreError(.failed, "There is no machine \(record.id) to update") }
        try insert(record.revision)
    }

    private func delete(machine id: Int64, at time: Timestamp) throws(StoreError) {
        let statement = statements.deleteMachine
        statement.bind(1, id)
        statement.bind(2, time.milliseconds)
        try sql { () throws(SQLiteFailure) in try statement.run() }
        guard connection.changes == 1 else { throw StoreError(.failed, "There is no machine \(id) to delete") }
        for statement in [statements.versions.deleteVersions, statements.versions.deleteAliases] {
            statement.bind(1, id)
            try sql { () throws(SQLiteFailure) in try statement.run() }
        }
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
            for event in turn.openedTasks { try run(statements.insertTask, execution.id, event) }
            for event in turn.closedTasks { try run(statements.deleteTask, execution.id, event) }
        }
    }

    private func change(_ task: OpenTaskRecord) throws(SQLiteFailure) {
        statements.changeTask.bind(2, task.isDelivered ? 1 : 0)
        statements.changeTask.bind(3, task.heartbeat?.milliseconds)
        try run(statements.changeTask, task.execution, task.scheduledEvent)
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
        try sql { () throws(SQLiteFailure) in try statement.run() }
        counts[execution.status] += 1
    }

    private func update(_ execution: ExecutionRecord) throws(StoreError) {
        if execution.status == .running {
            let statement = statements.executionGoesOn
            statement.bind(1, execution.id)
            statement.bind(2, Int64(execution.lastEventID))
            statement.bind(3, execution.wakeAt?.milliseconds)
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
        statements.executionStatus.bind(1, execution.id)
        let before = try sql { () throws(SQLiteFailure) in
            try statements.executionStatus.row { row throws(SQLiteFailure) in
                try ExecutionStatus(number: row.integer(0))
            }
        }
        guard let before else { throw StoreError(.failed, "There is no execution \(execution.id) to update") }
        statements.updateExecution.bind(6, Int64(execution.redriveCount))
        statements.updateExecution.bind(7, execution.redriveDate?.milliseconds)
        _ = try write(execution, statements.updateExecution)
        counts[before] -= 1
        counts[execution.status] += 1
    }

    private func delete(execution id: Int64) throws(StoreError) {
        statements.executionStatus.bind(1, id)
        let before = try sql { () throws(SQLiteFailure) in
            try statements.executionStatus.row { row throws(SQLiteFailure) in
                try ExecutionStatus(number: row.integer(0))
            }
        }
        guard let before else { return }
        statements.deleteExecution.bind(1, id)
        try sql { () throws(SQLiteFailure) in
            try statements.deleteExecution.run()
            for statement in [statements.deleteEvents, statements.deleteTasks] {
                statement.bind(1, EventPosition(execution: id, event: 0).value)
                statement.bind(2, EventPosition(execution: id, event: .max).value)
                try statement.run()
            }
        }
        counts[before] -= 1
    }

    private func write(_ execution: ExecutionRecord, _ statement: Statement) throws(StoreError) -> Int64 {
        statement.bind(1, execution.id)
        statement.bind(2, execution.status.number)
        statement.bind(3, execution.stopDate?.milliseconds)
        statement.bind(4, Int64(execution.lastEventID))
        statement.bind(5, execution.wakeAt?.milliseconds)
        try sql { () throws(SQLiteFailure) in try statement.run() }
        return connection.changes
    }

    private func insert(_ events: EventsRecord) throws(SQLiteFailure) {
        statements.insertEvents.bind(1, EventPosition(execution: events.execution, event: events.firstID).value)
        statements.insertEvents.bind(2, Int64(events.lastID))
        try statements.insertEvents.run(blob: events.body, at: 3)
    }

    private func run(_ statement: Statement, _ execution: Int64, _ event: Int) throws(SQLiteFailure) {
        statement.bind(1, EventPosition(execution: execution, event: event).value)
        try statement.run()
    }
}
