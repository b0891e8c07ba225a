// The messages between executions.

import CSQLite
import Core
import States

extension SQLiteStore {
    package func messages(
        to slots: Set<Int64>, after id: Int64, limit: Int
    ) throws(StoreError) -> [MessageRecord] {
        try read("read messages") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.messages)
            statement.bind(1, id)
            statement.bind(2, slots.reduce(0) { $0 | 1 << $1 })
            return try statement.undamagedRows(limit: limit, report) { row throws(SQLiteFailure) in
                try row.message()
            }
        }
    }

    package func holdsMessage(_ id: Int64) throws(StoreError) -> Bool {
        try read("look for a message") { reader throws(SQLiteFailure) in
            let statement = try reader.statement(.message)
            statement.bind(1, id)
            return try statement.row { _ in true } ?? false
        }
    }
}

extension Statement {
    /// A row of `id, slot, body, checksum`.
    fileprivate func message() throws(SQLiteFailure) -> MessageRecord {
        let record = MessageRecord(id: integer(0), slot: integer(1), body: blob(2))
        guard record.checksum == integer(3) else {
            throw SQLiteFailure(damaged: DamagedRow(table: "messages", key: "\(record.id)"))
        }
        return record
    }
}

/// The statements that write the table, prepared once.
struct MessageStatements {
    let insert: Statement
    let delete: Statement

    init(_ connection: Connection) throws(SQLiteFailure) {
        insert = try connection.prepare("INSERT INTO messages (id, slot, checksum, body) VALUES (?1, ?2, ?3, ?4)")
        delete = try connection.prepare("DELETE FROM messages WHERE id = ?1")
    }
}

extension Writer {
    func send(_ message: MessageRecord) throws(StoreError) {
        let statement = statements.messages.insert
        statement.bind(1, message.id)
        statement.bind(2, message.slot)
        statement.bind(3, message.checksum)
        try sql { () throws(SQLiteFailure) in try statement.run(blob: message.body, at: 4) }
    }

    func consume(_ message: Int64) throws(StoreError) {
        let statement = statements.messages.delete
        statement.bind(1, message)
        try sql { () throws(SQLiteFailure) in try statement.run() }
    }
}
