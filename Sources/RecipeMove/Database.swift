// A small wrapper around one SQLite connection.

import CSQLite
import Synchronization

/// What SQLite said when it would not.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// SQLite's result code.
    package var code: Int32
    package var message: String
    /// The statement or the file it happened on.
    package var place: String

    /// Whether somebody else holds the file and trying again is worth it.
    package var isBusy: Bool { [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xFF) }

    package var description: String { "SQLite \(code): \(message) (\(place))" }
}

/// One connection, used by one thread at a time: SQLite before 3.51.3 can corrupt a WAL when two connections write or
/// checkpoint at once, so this process has no second one on the file.
///
/// Another process may hold the file. Nobody waits for it with the connection in hand, so that reads get in between
/// writes that wait; and a file that is held at the start is opened by the first call that finds it free.
final class Database: Sendable {
    private enum State {
        case notOpened
        case open(Connection)
        case closed
    }

    private let path: String
    private let synchronous: Connection.Synchronous
    private let prepare: @Sendable (Connection) throws -> Void
    private let state = Mutex(State.notOpened)

    /// How long a call waits for another process before it throws `SQLITE_BUSY`.
    private static let patience = Duration.seconds(1)
    private static let pauseMilliseconds = 10

    /// `prepare` runs once on the new connection. Throws `DatabaseError`, but not for a file that another process
    /// holds.
    init(
        path: String, synchronous: Connection.Synchronous, prepare: @escaping @Sendable (Connection) throws -> Void
    ) throws {
        self.path = path
        self.synchronous = synchronous
        self.prepare = prepare
        do {
            try state.withLock { _ = try opened(&$0) }
        } catch let error as DatabaseError where error.isBusy {
            // The next call tries again.
        }
    }

    var isOpen: Bool { state.withLock { if case .open = $0 { true } else { false } } }

    /// Runs `body`, again and again while another process holds the file: it must do nothing that a rollback does not
    /// undo. Throws `DatabaseError`, or what `body` throws.
    @discardableResult
    func with<Result: Sendable>(_ body: (Connection) throws -> Result) throws -> Result {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try state.withLock { try body(try opened(&$0)) }
            } catch let error as DatabaseError where error.isBusy && ContinuousClock.now < deadline {
                sleepMilliseconds(Self.pauseMilliseconds)
            }
        }
    }

    private func opened(_ state: inout State) throws -> Connection {
        switch state {
        case .open(let connection): return connection
        case .closed: throw DatabaseError(code: SQLITE_MISUSE, message: "closed", place: path)
        case .notOpened:
            let connection = try Connection(path: path, synchronous: synchronous)
            try prepare(connection)
            state = .open(connection)
            return connection
        }
    }

    func close() {
        state.withLock { state in
            if case .open(let connection) = state { connection.close() }
            state = .closed
        }
    }
}

/// A value to bind.
enum SQLValue {
    case int(Int64)
    case text(String)
    case null
}

/// A connection with its prepared statements. Not for two threads at once.
final class Connection {
    enum Synchronous: String {
        case normal = "NORMAL"
        case full = "FULL"
    }

    private var handle: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]
    private let synchronous: Synchronous

    init(path: String, synchronous: Synchronous) throws(DatabaseError) {
        self.synchronous = synchronous
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK else { throw failure(code, path) }
        for pragma in [
            "journal_mode=WAL", "synchronous=\(synchronous.rawValue)", "foreign_keys=ON", "mmap_size=0",
        ] {
            try execute("PRAGMA \(pragma)")
        }
    }

    deinit { close() }

    func close() {
        for statement in statements.values { sqlite3_finalize(statement) }
        statements = [:]
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Runs one statement; gives how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ values: SQLValue...) throws(DatabaseError) -> Int {
        _ = try rows(sql, values) { _ in }
        return Int(sqlite3_changes(handle))
    }

    /// Runs a statement and maps its rows.
    func query<T>(_ sql: String, _ values: SQLValue..., map: (Row) -> T) throws(DatabaseError) -> [T] {
        try rows(sql, values, map)
    }

    /// Runs a statement and maps its first row.
    func first<T>(_ sql: String, _ values: SQLValue..., map: (Row) -> T) throws(DatabaseError) -> T? {
        try rows(sql, values, map).first
    }

    /// Everything or nothing. `BEGIN IMMEDIATE` takes the write lock before the first read, so that no read is stale
    /// when the write comes. A transaction that is not `durable` may be forgotten by a power cut (never by a crash of
    /// the process) until the next durable one.
    func transaction<Result>(durable: Bool = true, _ body: () throws -> Result) throws -> Result {
        let relaxed = !durable && synchronous == .full
        if relaxed { try execute("PRAGMA synchronous=NORMAL") }
        defer { if relaxed { _ = try? execute("PRAGMA synchronous=\(synchronous.rawValue)") } }
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            _ = try? execute("ROLLBACK")
            throw error
        }
    }

    func rows<T>(_ sql: String, _ values: [SQLValue], _ map: (Row) -> T) throws(DatabaseError) -> [T] {
        let statement = try prepared(sql)
        defer { sqlite3_reset(statement) }
        for (index, value) in values.enumerated() { bind(value, to: statement, at: Int32(index + 1)) }
        var result: [T] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: result.append(map(Row(statement: statement)))
            case SQLITE_DONE: return result
            case let code: throw failure(code, sql)
            }
        }
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) {
        switch value {
        case .int(let number): sqlite3_bind_int64(statement, index, number)
        // -1 is SQLITE_TRANSIENT, which C spells as a cast that Swift does not import: SQLite copies the text.
        case .text(let text):
            sqlite3_bind_text(statement, index, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        case .null: sqlite3_bind_null(statement, index)
        }
    }

    private func prepared(_ sql: String) throws(DatabaseError) -> OpaquePointer {
        if let known = statements[sql] { return known }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code, sql) }
        statements[sql] = statement
        return statement
    }

    private func failure(_ code: Int32, _ place: String) -> DatabaseError {
        let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        return DatabaseError(code: code, message: message, place: place)
    }
}

/// The row a statement stands on; valid only while it is mapped.
struct Row {
    fileprivate let statement: OpaquePointer

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String {
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }
}
