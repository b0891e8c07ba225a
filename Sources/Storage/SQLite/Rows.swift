// Between the rows of the database and the store's records.

import Core
import States

import CSQLite

extension ExecutionStatus {
    /// As it stands in the database; never renumbered.
    var number: Int64 {
        switch self {
        case .running: 0
        case .succeeded: 1
        case .failed: 2
        case .timedOut: 3
        case .aborted: 4
        }
    }

    init?(number: Int64) {
        switch number {
        case 0: self = .running
        case 1: self = .succeeded
        case 2: self = .failed
        case 3: self = .timedOut
        case 4: self = .aborted
        default: return nil
        }
    }
}

/// The one row of `meta`.
struct MetaRecord: Equatable {
    /// Of the process that has the store; every commit compares it with its own.
    var epoch: Int64
    var counts: StatusCounts
}

/// Each `…Columns` ends with the column `checksum`, which the reading function compares with the record.
extension Statement {
    /// Throws the damage of the row of `key` where `stored`, a column, is not the record's checksum.
    private func check(
        _ checksum: Int64, _ stored: Int32, _ table: RowChecksum.Table, _ key: @autoclosure () -> String,
        execution: Int64? = nil
    ) throws(SQLiteFailure) {
        if integer(stored) == checksum { return }
        throw SQLiteFailure(damaged: DamagedRow(table: "\(table)", key: key(), execution: execution))
    }

    // MARK: Executions

    static let executionFields =
        "id, machine, revision, name, status, start_date, stop_date, last_event_id, wake_at, trace_header, "
        + "redrive_count, redrive_date, version, alias"

    static let executionColumns = executionFields + ", checksum"

    func uncheckedExecution() throws(SQLiteFailure) -> ExecutionRecord {
        guard let status = ExecutionStatus(number: integer(4)) else {
            throw SQLiteFailure(
                damaged: DamagedRow(table: "executions", key: "\(integer(0))", execution: integer(0)))
        }
        return ExecutionRecord(
            id: integer(0), machine: integer(1), revision: integer(2), name: text(3), status: status,
            startDate: time(5), stopDate: optionalTime(6), lastEventID: Int(integer(7)), wakeAt: optionalTime(8),
            traceHeader: optionalText(9), redriveCount: Int(integer(10)), redriveDate: optionalTime(11),
            version: optionalInteger(12).map { Int($0) }, alias: optionalText(13))
    }

    func execution() throws(SQLiteFailure) -> ExecutionRecord {
        let record = try uncheckedExecution()
        try check(record.checksum, 14, .executions, "\(record.id)", execution: record.id)
        return record
    }

    static let eventsColumns = "position, last_id, checksum, body"

    /// The row holds the number of the execution without its slot; `id` is the execution that it was looked up for.
    func events(of id: Int64) throws(SQLiteFailure) -> EventsRecord {
        let position = EventPosition(integer(0))
        let record = EventsRecord(
            execution: id, firstID: position.event, lastID: Int(integer(1)), body: blob(3))
        let key = "\(position.number), event \(position.event)"
        try check(record.checksum, 2, .events, key, execution: id)
        guard record.lastID >= record.firstID else {
            throw SQLiteFailure(damaged: DamagedRow(table: "events", key: key, execution: id))
        }
        return record
    }

    static let taskColumns = "execution, event, delivered, heartbeat, checksum, job"

    func task() throws(SQLiteFailure) -> OpenTaskRecord {
        let record = OpenTaskRecord(
            execution: integer(0), scheduledEvent: Int(integer(1)), isDelivered: integer(2) != 0,
            heartbeat: optionalTime(3), job: optionalInteger(5))
        try check(
            record.checksum, 4, .tasks, "\(record.execution), event \(record.scheduledEvent)",
            execution: record.execution)
        return record
    }

    // MARK: Machines

    static let revisionFields =
        "r.id, r.machine, r.revision_id, r.definition, r.role_arn, r.creation_date, r.logging, r.tracing, r.encryption"

    static let revisionColumns = revisionFields + ", r.checksum"

    func uncheckedRevision(at column: Int32) -> RevisionRecord {
        RevisionRecord(
            id: integer(column), machine: integer(column + 1), revisionID: optionalText(column + 2),
            definition: text(column + 3), roleARN: text(column + 4), creationDate: time(column + 5),
            loggingConfiguration: text(column + 6), tracingConfiguration: text(column + 7),
            encryptionConfiguration: text(column + 8))
    }

    func revision(at column: Int32 = 0) throws(SQLiteFailure) -> RevisionRecord {
        let record = uncheckedRevision(at: column)
        try check(record.checksum, column + 9, .revisions, "\(record.id)")
        return record
    }

    static let ownMachineFields =
        "m.id, m.arn, m.name, m.type, m.creation_date, m.deletion_date, m.tags, m.last_version, m.checksum"

    static let machineFields = ownMachineFields + ", " + revisionFields

    static let machineColumns = machineFields + ", r.checksum"

    func uncheckedMachine() -> MachineRecord {
        MachineRecord(
            id: integer(0), arn: text(1), name: text(2), type: text(3), creationDate: time(4),
            deletionDate: optionalTime(5), tags: text(6), revision: uncheckedRevision(at: 9),
            lastVersion: Int(integer(7)))
    }

    func machine() throws(SQLiteFailure) -> MachineRecord {
        let record = try machineWithoutRevision()
        _ = try revision(at: 9)
        return record
    }

    /// The machine's own row is checked, that of its revision is not.
    func machineWithoutRevision() throws(SQLiteFailure) -> MachineRecord {
        let record = uncheckedMachine()
        try check(record.checksum, 8, .machines, "\(record.id) (\(record.arn))")
        return record
    }

    static let versionFields = "machine, number, revision, description, creation_date"
    static let versionColumns = versionFields + ", checksum"

    func uncheckedVersion() -> VersionRecord {
        VersionRecord(
            machine: integer(0), number: Int(integer(1)), revision: integer(2), description: optionalText(3),
            creationDate: time(4))
    }

    func version() throws(SQLiteFailure) -> VersionRecord {
        let record = uncheckedVersion()
        try check(record.checksum, 5, .versions, "machine \(record.machine), version \(record.number)")
        return record
    }

    static let aliasFields =
        "machine, name, description, version, weight, second_version, second_weight, creation_date, update_date"

    static let aliasColumns = aliasFields + ", checksum"

    func uncheckedAlias() -> AliasRecord {
        var routes = [AliasRecord.Route(version: Int(integer(3)), weight: Int(integer(4)))]
        if let version = optionalInteger(5), let weight = optionalInteger(6) {
            routes.append(AliasRecord.Route(version: Int(version), weight: Int(weight)))
        }
        return AliasRecord(
            machine: integer(0), name: text(1), description: optionalText(2), routes: routes, creationDate: time(7),
            updateDate: time(8))
    }

    func alias() throws(SQLiteFailure) -> AliasRecord {
        let record = uncheckedAlias()
        try check(record.checksum, 9, .aliases, "machine \(record.machine), alias \(record.name)")
        return record
    }

    // MARK: Activities and meta

    static let activityFields = "arn, name, creation_date, tags"
    static let activityColumns = activityFields + ", checksum"

    func uncheckedActivity() -> ActivityRecord {
        ActivityRecord(arn: text(0), name: text(1), creationDate: time(2), tags: text(3))
    }

    func activity() throws(SQLiteFailure) -> ActivityRecord {
        let record = uncheckedActivity()
        try check(record.checksum, 4, .activities, record.arn)
        return record
    }

    static let metaColumns = "epoch, running, succeeded, failed, timed_out, aborted, checksum"

    func uncheckedMeta() -> MetaRecord {
        var counts = StatusCounts()
        for status in ExecutionStatus.allCases { counts[status] = integer(Int32(status.number) + 1) }
        return MetaRecord(epoch: integer(0), counts: counts)
    }

    func meta() throws(SQLiteFailure) -> MetaRecord {
        let record = uncheckedMeta()
        try check(record.checksum, 6, .meta, "1")
        return record
    }

    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }

    func optionalTime(_ column: Int32) -> Timestamp? { optionalInteger(column).map { Timestamp(milliseconds: $0) } }
}

/// A record as the parameters of the statement that inserts it, in the order of its columns.
extension Statement {
    func bind(_ record: OpenTaskRecord) {
        bind(1, record.execution)
        bind(2, Int64(record.scheduledEvent))
        bind(3, Int64(record.isDelivered ? 1 : 0))
        bind(4, record.heartbeat?.milliseconds)
        bind(5, record.checksum)
        bind(6, record.job)
    }

    func bind(_ record: MachineRecord) {
        bind(1, record.id)
        bind(2, record.arn)
        bind(3, record.name)
        bind(4, record.type)
        bind(5, record.creationDate.milliseconds)
        bind(6, record.deletionDate?.milliseconds)
        bind(7, record.tags)
        bind(8, record.revision.id)
        bind(9, Int64(record.lastVersion))
        bind(10, record.checksum)
    }
}
