// The rows of the store, as values.

package import Core

/// A state machine with its newest revision.
package struct MachineRecord: Sendable, Equatable {
    package var id: Int64
    package var arn: String
    package var name: String
    /// `STANDARD` or `EXPRESS`.
    package var type: String
    package var creationDate: Timestamp
    package var deletionDate: Timestamp?
    /// JSON text of the tags as they were given, an array of `{"key","value"}`; `[]` where there are none.
    package var tags: String
    package var revision: RevisionRecord
    /// The highest number that a version has had; 0 before the first.
    package var lastVersion: Int

    package init(
        id: Int64, arn: String, name: String, type: String, creationDate: Timestamp, deletionDate: Timestamp? = nil,
        tags: String = "[]", revision: RevisionRecord, lastVersion: Int = 0
    ) {
        self.lastVersion = lastVersion
        self.id = id
        self.arn = arn
        self.name = name
        self.type = type
        self.creationDate = creationDate
        self.deletionDate = deletionDate
        self.tags = tags
        self.revision = revision
    }
}

/// One revision of a machine; executions stay with the one that they began with.
package struct RevisionRecord: Sendable, Equatable {
    package var id: Int64
    package var machine: Int64
    /// The UUID that AWS shows, `nil` until the first update changes something (api.md §2).
    package var revisionID: String?
    /// The client's text, byte for byte: CreateStateMachine's idempotency compares it.
    package var definition: String
    package var roleARN: String
    package var creationDate: Timestamp
    /// JSON texts as the API takes and gives them.
    package var loggingConfiguration: String
    package var tracingConfiguration: String
    package var encryptionConfiguration: String

    package init(
        id: Int64, machine: Int64, revisionID: String?, definition: String, roleARN: String, creationDate: Timestamp,
        loggingConfiguration: String, tracingConfiguration: String, encryptionConfiguration: String
    ) {
        self.id = id
        self.machine = machine
        self.revisionID = revisionID
        self.definition = definition
        self.roleARN = roleARN
        self.creationDate = creationDate
        self.loggingConfiguration = loggingConfiguration
        self.tracingConfiguration = tracingConfiguration
        self.encryptionConfiguration = encryptionConfiguration
    }
}

/// A published version: a revision with a number (api.md §3, Versions & aliases).
package struct VersionRecord: Sendable, Equatable {
    package var machine: Int64
    package var number: Int
    /// Id of the revision.
    package var revision: Int64
    package var description: String?
    package var creationDate: Timestamp

    package init(machine: Int64, number: Int, revision: Int64, description: String?, creationDate: Timestamp) {
        self.machine = machine
        self.number = number
        self.revision = revision
        self.description = description
        self.creationDate = creationDate
    }
}

/// An alias: a name for one version, or for two with weights.
package struct AliasRecord: Sendable, Equatable {
    package var machine: Int64
    package var name: String
    package var description: String?
    /// One or two; the weights add up to 100.
    package var routes: [Route]
    package var creationDate: Timestamp
    package var updateDate: Timestamp

    package struct Route: Sendable, Equatable {
        package var version: Int
        package var weight: Int

        package init(version: Int, weight: Int) {
            self.version = version
            self.weight = weight
        }
    }

    package init(
        machine: Int64, name: String, description: String?, routes: [Route], creationDate: Timestamp,
        updateDate: Timestamp
    ) {
        self.machine = machine
        self.name = name
        self.description = description
        self.routes = routes
        self.creationDate = creationDate
        self.updateDate = updateDate
    }
}

package enum ExecutionStatus: String, Sendable, CaseIterable {
    case running = "RUNNING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case timedOut = "TIMED_OUT"
    case aborted = "ABORTED"
}

/// An execution, without its payloads: those are in its events.
package struct ExecutionRecord: Sendable, Equatable {
    package var id: Int64
    package var machine: Int64
    package var revision: Int64
    package var name: String
    package var status: ExecutionStatus
    package var startDate: Timestamp
    package var stopDate: Timestamp?
    package var lastEventID: Int
    /// When the execution wants to be woken; `nil` when it waits for tasks alone or is closed.
    package var wakeAt: Timestamp?
    package var traceHeader: String?
    package var redriveCount = 0
    /// The last redrive's.
    package var redriveDate: Timestamp?
    /// The version that it was started by, itself or through `alias`.
    package var version: Int?
    package var alias: String?

    package init(
        id: Int64, machine: Int64, revision: Int64, name: String, status: ExecutionStatus, startDate: Timestamp,
        stopDate: Timestamp? = nil, lastEventID: Int, wakeAt: Timestamp? = nil, traceHeader: String? = nil,
        redriveCount: Int = 0, redriveDate: Timestamp? = nil, version: Int? = nil, alias: String? = nil
    ) {
        self.version = version
        self.alias = alias
        self.redriveCount = redriveCount
        self.redriveDate = redriveDate
        self.id = id
        self.machine = machine
        self.revision = revision
        self.name = name
        self.status = status
        self.startDate = startDate
        self.stopDate = stopDate
        self.lastEventID = lastEventID
        self.wakeAt = wakeAt
        self.traceHeader = traceHeader
    }
}

/// The events of one execution and one turn, coded by `RecordCoding`.
package struct EventsRecord: Sendable, Equatable {
    package var execution: Int64
    package var firstID: Int
    package var lastID: Int
    package var body: [UInt8]

    package init(execution: Int64, firstID: Int, lastID: Int, body: [UInt8]) {
        self.execution = execution
        self.firstID = firstID
        self.lastID = lastID
        self.body = body
    }
}

/// A row of history, without its body.
package struct EventRow: Sendable, Equatable {
    package var firstID: Int
    /// Of the body.
    package var bytes: Int

    package init(firstID: Int, bytes: Int) {
        self.firstID = firstID
        self.bytes = bytes
    }
}

package struct OpenTaskRecord: Sendable, Equatable {
    package var execution: Int64
    package var scheduledEvent: Int
    /// Whether the worker that took the task has been sent it (activities), or the start that the task asks for is a
    /// message (`startExecution`): the task is not dispatched again.
    package var isDelivered: Bool
    /// The last heartbeat of the task's worker.
    package var heartbeat: Timestamp?
    /// The execution that the task has started and waits for (`.sync`).
    package var job: Int64?

    package init(
        execution: Int64, scheduledEvent: Int, isDelivered: Bool = false, heartbeat: Timestamp? = nil,
        job: Int64? = nil
    ) {
        self.execution = execution
        self.scheduledEvent = scheduledEvent
        self.isDelivered = isDelivered
        self.heartbeat = heartbeat
        self.job = job
    }
}

/// What one execution has for another: written by the commit of the sender's turn, deleted by the receiver's.
package struct MessageRecord: Sendable, Equatable {
    package var id: Int64
    /// Of the receiver.
    package var slot: Int64
    /// Coded by the engine (`MessageCoding`).
    package var body: [UInt8]

    package init(id: Int64, slot: Int64, body: [UInt8]) {
        self.id = id
        self.slot = slot
        self.body = body
    }
}

/// An execution that is RUNNING and not advanced.
package struct QuarantineRecord: Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// It was being advanced at the ends of two lives of the process.
        case endedTheProcess = "ENDED_THE_PROCESS"
        /// Rows of it cannot be read.
        case damaged = "DAMAGED"
    }

    package var execution: Int64
    package var date: Timestamp
    package var reason: Reason
    package var details: String

    package init(execution: Int64, date: Timestamp, reason: Reason, details: String) {
        self.execution = execution
        self.date = date
        self.reason = reason
        self.details = details
    }
}

/// A queue that workers take tasks from.
package struct ActivityRecord: Sendable, Equatable {
    package var arn: String
    package var name: String
    package var creationDate: Timestamp
    /// JSON text of the tags, as `MachineRecord.tags`.
    package var tags: String

    package init(arn: String, name: String, creationDate: Timestamp, tags: String = "[]") {
        self.arn = arn
        self.name = name
        self.creationDate = creationDate
        self.tags = tags
    }
}

extension ExecutionRecord {
    /// The name of an expired execution whose own was given to a new one. No client can ask for it, because names have
    /// no colon.
    package static func nameOfExpired(_ id: Int64) -> String { "expired:\(id)" }
}

/// A page of ListExecutions.
package struct ExecutionQuery: Sendable, Equatable {
    package var machine: Int64
    package var status: ExecutionStatus?
    /// Only those that were started by this version, or through this alias.
    package var version: Int?
    package var alias: String?
    /// Leaves out executions that were closed before this time.
    package var closedSince: Timestamp?
    /// Where the last page ended: rows strictly after it in the order (start date, id) descending.
    package var after: Position?
    package var limit: Int

    package struct Position: Sendable, Equatable {
        package var startDate: Timestamp
        package var id: Int64

        package init(startDate: Timestamp, id: Int64) {
            self.startDate = startDate
            self.id = id
        }
    }

    package init(
        machine: Int64, status: ExecutionStatus? = nil, version: Int? = nil, alias: String? = nil,
        closedSince: Timestamp? = nil, after: Position? = nil, limit: Int
    ) {
        self.closedSince = closedSince
        self.version = version
        self.alias = alias
        self.machine = machine
        self.status = status
        self.after = after
        self.limit = limit
    }
}
