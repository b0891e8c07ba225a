// The open tasks.

import CSQLite
import Core
import States

extension SQLiteStore {
    package func openTasks(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord] {
        try openTasks(.tasks, after, limit)
    }

    package func openTasksWithJob(after: OpenTaskRecord?, limit: Int) throws(StoreError) -> [OpenTaskRecord] {
        try openTasks(.tasksWithJob, after, limit)
    }

    private func openTasks(
        _ query: Query, _ after: OpenTaskRecord?, _ limit: Int
    ) throws(StoreError) -> [OpenTaskRecord] {
        try read("list the open tasks") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(query)
            statement.bind(1, after?.execution ?? -1)
            statement.bind(2, Int64(after?.scheduledEvent ?? -1))
            return try statement.undamagedRows(limit: limit, report) { row throws(SQLiteFailure) in try row.task() }
        }
    }

    package func openTask(execution: Int64, scheduledEvent: Int) throws(StoreError) -> OpenTaskRecord? {
        try read("read an open task") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.task)
            statement.bind(1, execution)
            statement.bind(2, Int64(scheduledEvent))
            return try statement.row { row throws(SQLiteFailure) in try row.task() }
        }
    }
}

/// The statements that write the table, prepared once.
struct TaskStatements {
    let insert: Statement
    let delete: Statement
    let deleteAll: Statement
    let one: Statement
    let change: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        insert = try connection.prepare("INSERT INTO tasks (\(Statement.taskColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        delete = try connection.prepare("DELETE FROM tasks WHERE execution = ?1 AND event = ?2")
        deleteAll = try connection.prepare("DELETE FROM tasks WHERE execution = ?1")
        one = try connection.prepare(Query.task.sql)
        change = try connection.prepare(
            """
            UPDATE tasks SET delivered = ?3, heartbeat = ?4, checksum = ?5, job = ?6
            WHERE execution = ?1 AND event = ?2
            """)
    }
}

extension Writer {
    func change(_ task: OpenTaskRecord) throws(SQLiteFailure) {
        statements.tasks.one.bind(1, task.execution)
        statements.tasks.one.bind(2, Int64(task.scheduledEvent))
        guard let before = try statements.tasks.one.row({ row throws(SQLiteFailure) in try row.task() }) else { return }
        var after = before
        after.isDelivered = before.isDelivered || task.isDelivered
        after.heartbeat = task.heartbeat ?? before.heartbeat
        after.job = task.job ?? before.job
        statements.tasks.change.bind(after)
        try statements.tasks.change.run()
    }
}
