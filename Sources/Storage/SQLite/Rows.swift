// Between the rows of the database and the store's records.

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

    init(number: Int64) throws(SQLiteFailure) {
        switch number {
        case 0: self = .running
        case 1: self = .succeeded
        case 2: self = .failed
        case 3: self = .timedOut
        case 4: self = .aborted
        default: throw SQLiteFailure(code: SQLITE_CORRUPT, message: "no execution has the status \(number)")
        }
    }
}

extension Statement {
    static let executionColumns =
        "id, machine, revision, name, status, start_date, stop_date, last_event_id, wake_at, trace_header, "
        + "redrive_count, redrive_date, version, alias"

    func execution() throws(SQLiteFailure) -> ExecutionRecord {
        ExecutionRecord(
            id: integer(0), machine: integer(1), revision: integer(2), name: text(3),
            status: try ExecutionStatus(number: integer(4)), startDate: time(5), stopDate: optionalTime(6),
            lastEventID: Int(integer(7)), wakeAt: optionalTime(8), traceHeader: optionalText(9),
            redriveCount: Int(integer(10)), redriveDate: optionalTime(11),
            version: optionalInteger(12).map { Int($0) }, alias: optionalText(13))
    }

    static let revisionColumns =
        "r.id, r.machine, r.revision_id, r.definition, r.role_arn, r.creation_date, r.logging, r.tracing, r.encryption"

    func revision() -> RevisionRecord {
        RevisionRecord(
            id: integer(0), machine: integer(1), revisionID: optionalText(2), definition: text(3), roleARN: text(4),
            creationDate: time(5), loggingConfiguration: text(6), tracingConfiguration: text(7),
            encryptionConfiguration: text(8))
    }

    static let machineColumns =
        "\(revisionColumns), m.id, m.arn, m.name, m.type, m.creation_date, m.deletion_date, m.tags, "
        + "m.last_version"

    func machine() -> MachineRecord {
        MachineRecord(
            id: integer(9), arn: text(10), name: text(11), type: text(12), creationDate: time(13),
            deletionDate: optionalTime(14), tags: text(15), revision: revision(), lastVersion: Int(integer(16)))
    }

    func version() -> VersionRecord {
        VersionRecord(
            machine: integer(0), number: Int(integer(1)), revision: integer(2), description: optionalText(3),
            creationDate: time(4))
    }

    func alias() -> AliasRecord {
        var routes = [AliasRecord.Route(version: Int(integer(3)), weight: Int(integer(4)))]
        if let version = optionalInteger(5), let weight = optionalInteger(6) {
            routes.append(AliasRecord.Route(version: Int(version), weight: Int(weight)))
        }
        return AliasRecord(
            machine: integer(0), name: text(1), description: optionalText(2), routes: routes, creationDate: time(7),
            updateDate: time(8))
    }

    static let eventsColumns = "position, last_id, body"

    func events() throws(SQLiteFailure) -> EventsRecord {
        let position = EventPosition(integer(0))
        let lastID = Int(integer(1))
        guard lastID >= position.event else {
            throw SQLiteFailure(code: SQLITE_CORRUPT, message: "events \(position.event) to \(lastID) are no range")
        }
        return EventsRecord(execution: position.execution, firstID: position.event, lastID: lastID, body: blob(2))
    }

    func task() -> OpenTaskRecord {
        let position = EventPosition(integer(0))
        return OpenTaskRecord(
            execution: position.execution, scheduledEvent: position.event, isDelivered: integer(1) != 0,
            heartbeat: optionalTime(2))
    }

    func activity() -> ActivityRecord {
        ActivityRecord(arn: text(0), name: text(1), creationDate: time(2), tags: text(3))
    }

    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }

    func optionalTime(_ column: Int32) -> Timestamp? { optionalInteger(column).map { Timestamp(milliseconds: $0) } }
}
