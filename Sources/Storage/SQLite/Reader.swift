// A connection that reads, with its statements.

import CSQLite

/// Used by one thread at a time. Statements are prepared when first asked for and kept.
final class Reader {
    let connection: Connection
    private var statements = [Statement?](repeating: nil, count: Query.allCases.count)

    init(database: String, cacheKiB: Int) throws(SQLiteFailure) {
        connection = try Connection(path: database, flags: SQLITE_OPEN_READONLY)
        try Pragmas.apply(Pragmas.reader(cacheKiB: cacheKiB), to: connection)
    }

    func statement(_ query: Query) throws(SQLiteFailure) -> Statement {
        if let statement = statements[query.rawValue] { return statement }
        let statement = try connection.prepare(query.sql)
        statements[query.rawValue] = statement
        return statement
    }
}

/// Everything that the store is asked. Lists that may be long have no LIMIT: the reader stops at it itself, and does
/// not count rows that are damaged. The plans are tested: none but `counts` and `quarantined` may read a table from
/// end to end.
enum Query: Int, CaseIterable {
    case machines
    case deletingMachines
    case versions
    case aliases
    case machineByARN
    case machineByID
    case machineWithoutRevision
    case revision
    case execution
    case executionByName
    case executionsOfMachine
    case executionsRunning
    case executionsSucceeded
    case executionsUnsuccessful
    case eventsBefore
    case events
    case activities
    case tasks
    case executionsBehind
    case eventRows
    case due
    case nextWake
    case highestIDs
    case counts
    case quarantined
    case messages
    case message
    case tasksWithJob
    case task

    var sql: String {
        switch self {
        case .machines: Self.machines("m.deletion_date IS NULL ORDER BY m.arn")
        case .deletingMachines:
            Self.machines(
                """
                m.deletion_date IS NOT NULL
                AND EXISTS (SELECT 1 FROM executions e WHERE e.machine = m.id AND e.status = 0) ORDER BY m.arn
                """)
        case .versions:
            "SELECT \(Statement.versionColumns) FROM versions ORDER BY machine, number"
        case .aliases:
            "SELECT \(Statement.aliasColumns) FROM aliases ORDER BY machine, name"
        case .machineByARN: Self.machines("m.arn = ?1")
        case .machineByID: Self.machines("m.id = ?1")
        case .machineWithoutRevision:
            "SELECT \(Statement.ownMachineFields), m.revision, 0, NULL, '', '', 0, '', '', '' FROM machines m WHERE m.id = ?1"
        case .revision: "SELECT \(Statement.revisionColumns) FROM revisions r WHERE r.id = ?1"
        case .execution: Self.executions("id = ?1")
        case .executionByName: Self.executions("machine = ?1 AND name = ?2")
        case .executionsOfMachine: Self.page("")
        case .executionsRunning: Self.page("AND status = 0")
        case .executionsSucceeded: Self.page("AND status = 1")
        // The second condition is that of the partial index.
        case .executionsUnsuccessful: Self.page("AND status = ?5 AND status >= 2")
        // The row that holds an event begins at it or before it: the nearest beginning.
        case .eventsBefore: "SELECT max(position) FROM events WHERE position BETWEEN ?1 AND ?2"
        case .events:
            "SELECT \(Statement.eventsColumns) FROM events WHERE position BETWEEN ?1 AND ?2 ORDER BY position LIMIT ?3"
        case .activities: "SELECT \(Statement.activityColumns) FROM activities ORDER BY arn"
        case .tasks:
            """
            SELECT \(Statement.taskColumns) FROM tasks WHERE (execution, event) > (?1, ?2) ORDER BY execution, event
            """
        case .executionsBehind: Self.executions("id > ?1 ORDER BY id")
        // The length of a body is in its row's head: the body is not read.
        case .eventRows:
            """
            SELECT position, length(body) FROM events WHERE position BETWEEN ?1 AND ?2 ORDER BY position LIMIT ?3
            """
        case .due: Self.executions("wake_at <= ?1 AND status = 0 ORDER BY wake_at, id")
        case .nextWake:
            "SELECT wake_at, id FROM executions WHERE wake_at IS NOT NULL AND status = 0 ORDER BY wake_at"
        case .highestIDs:
            """
            SELECT (SELECT max(id) FROM machines), (SELECT max(id) FROM revisions),
                (SELECT max(id) FROM executions WHERE id <= ?1), (SELECT max(id) FROM messages)
            """
        case .counts: "SELECT \(Statement.metaColumns) FROM meta"
        case .quarantined: "SELECT execution, date, reason, details, checksum FROM quarantine ORDER BY execution"
        case .messages: "SELECT id, slot, body, checksum FROM messages WHERE id > ?1 AND (?2 >> slot) & 1 ORDER BY id"
        case .message: "SELECT 1 FROM messages WHERE id = ?1"
        case .tasksWithJob:
            """
            SELECT \(Statement.taskColumns) FROM tasks WHERE (execution, event) > (?1, ?2) AND job IS NOT NULL
            ORDER BY execution, event
            """
        case .task: "SELECT \(Statement.taskColumns) FROM tasks WHERE execution = ?1 AND event = ?2"
        }
    }

    private static func machines(_ condition: String) -> String {
        "SELECT \(Statement.machineColumns) FROM machines m JOIN revisions r ON r.id = m.revision WHERE \(condition)"
    }

    private static func executions(_ condition: String) -> String {
        "SELECT \(Statement.executionColumns) FROM executions WHERE \(condition)"
    }

    private static func page(_ status: String) -> String {
        executions(
            """
            machine = ?1 AND (start_date, id) < (?2, ?3) \(status) AND (?6 IS NULL OR version = ?6)
            AND (?7 IS NULL OR alias = ?7) AND (?8 IS NULL OR stop_date IS NULL OR stop_date >= ?8)
            ORDER BY start_date DESC, id DESC
            """)
    }
}
