// Schema 6: messages between executions, and the executions that tasks wait for.

import Core
import JSON
import States

extension Migration {
    static let messagesAndJobs = Migration(
        number: 6, name: "MessagesAndJobs",
        sql: """
            -- Written by the commit of the sender's turn, deleted by the receiver's.
            CREATE TABLE messages (
                id       INTEGER PRIMARY KEY,
                -- Of the receiver.
                slot     INTEGER NOT NULL,
                checksum INTEGER NOT NULL,
                -- `MessageCoding`
                body     BLOB NOT NULL
            ) STRICT;

            -- The execution that the task has started and waits for.
            ALTER TABLE tasks ADD COLUMN job INTEGER;
            CREATE INDEX tasks_with_job ON tasks (execution, event) WHERE job IS NOT NULL;
            """,
        convert: { connection throws(SQLiteFailure) in try SchemaFive(connection).convert() })
}

/// Finds the executions that the open tasks of schema 5 wait for. They were kept in memory, and found again by the
/// names that the tasks give.
private struct SchemaFive {
    let connection: Connection
    private let events: Statement
    private let child: Statement
    private let update: Statement
    private let send: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        self.connection = connection
        events = try connection.prepare(
            "SELECT body FROM events WHERE position BETWEEN ?1 AND ?2 ORDER BY position DESC LIMIT 1")
        child = try connection.prepare(
            "SELECT e.id FROM executions e JOIN machines m ON m.id = e.machine WHERE m.arn = ?1 AND e.name = ?2")
        update = try connection.prepare(
            "UPDATE tasks SET job = ?3, checksum = ?4 WHERE execution = ?1 AND event = ?2")
        send = try connection.prepare("INSERT INTO messages (id, slot, checksum, body) VALUES (?1, ?2, ?3, ?4)")
    }

    func convert() throws(SQLiteFailure) {
        let tasks = try connection.prepare(
            "SELECT execution, event, delivered, heartbeat FROM tasks ORDER BY execution, event")
        let rows = try tasks.rows { row in
            OpenTaskRecord(
                execution: row.integer(0), scheduledEvent: Int(row.integer(1)), isDelivered: row.integer(2) != 0,
                heartbeat: row.optionalTime(3))
        }
        var messages: Int64 = 0
        for row in rows {
            guard let job = try job(of: row) else { continue }
            var task = row
            task.job = job
            update.bind(1, task.execution)
            update.bind(2, Int64(task.scheduledEvent))
            update.bind(3, job)
            update.bind(4, task.checksum)
            try update.run()
            messages += 1
            try send(messages, to: job, from: task)
        }
    }

    /// The execution that the action of a `.sync` task has started; `nil` for another task, and for one that has
    /// started none.
    private func job(of task: OpenTaskRecord) throws(SQLiteFailure) -> Int64? {
        events.bind(1, EventPosition(execution: task.execution, event: 0).value)
        events.bind(2, EventPosition(execution: task.execution, event: task.scheduledEvent).value)
        // A history that cannot be read is found damaged when its execution is loaded.
        guard let body = try events.row({ row in row.blob(0) }), let events = try? RecordCoding.decode(body),
            case .taskScheduled(let scheduled) = events.first(where: { $0.id == task.scheduledEvent })?.kind,
            scheduled.hasJob
        else { return nil }
        let attempt = TaskInvocation(
            execution: task.execution, executionARN: "", scheduledEvent: task.scheduledEvent, scheduled: scheduled)
        let parameters = scheduled.input.value
        let arn = parameters["StateMachineArn"]?.stringValue ?? ""
        child.bind(1, arn.split(separator: ":", omittingEmptySubsequences: false).prefix(7).joined(separator: ":"))
        child.bind(2, parameters["Name"]?.stringValue ?? attempt.uuid)
        return try child.row { row in row.integer(0) }
    }

    /// The child may have closed since: its shard finds out.
    private func send(_ id: Int64, to child: Int64, from task: OpenTaskRecord) throws(SQLiteFailure) {
        let body: JSONValue = [
            "kind": "awaitChild", "execution": .int(Int(task.execution)), "event": .int(task.scheduledEvent),
            "child": .int(Int(child)),
        ]
        let message = MessageRecord(id: id, slot: Slot.of(execution: child), body: Array(body.text.utf8))
        send.bind(1, message.id)
        send.bind(2, message.slot)
        send.bind(3, message.checksum)
        try send.run(blob: message.body, at: 4)
    }
}
