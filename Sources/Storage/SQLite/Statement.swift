// One prepared statement, kept for as long as its connection.

import CSQLite

final class Statement {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }

    // MARK: Parameters, counted from 1

    func bind(_ index: Int32, _ value: Int64) { check(sqlite3_bind_int64(handle, index, value)) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { check(sqlite3_bind_null(handle, index)) }
    }

    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // SQLITE_TRANSIENT: SQLite takes a copy.
            let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            // An empty string may have no address, and none means NULL to SQLite.
            let start = bytes.baseAddress.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(bitPattern: 1)
            let characters = start?.assumingMemoryBound(to: CChar.self)
            check(sqlite3_bind_text64(handle, index, characters, UInt64(bytes.count), copy, UInt8(SQLITE_UTF8)))
        }
    }

    func bind(_ index: Int32, _ text: String?) {
        if let text { bind(index, text) } else { check(sqlite3_bind_null(handle, index)) }
    }

    private func check(_ code: Int32) {
        // Out of range or out of memory: neither leaves anything to go on with.
        precondition(code == SQLITE_OK, "SQLite refused a parameter (\(code))")
    }

    // MARK: Running

    /// Whether there is a row.
    func step() throws(SQLiteFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failed(code)
        }
    }

    /// Runs a statement that gives no rows.
    func run() throws(SQLiteFailure) {
        let code = sqlite3_step(handle)
        if code != SQLITE_DONE { throw failed(code) }
        sqlite3_reset(handle)
    }

    /// `run` with `bytes` as the parameter `index`, read in place.
    func run(blob bytes: [UInt8], at index: Int32) throws(SQLiteFailure) {
        let code = bytes.withUnsafeBytes { buffer in
            sqlite3_bind_blob64(handle, index, buffer.baseAddress, UInt64(buffer.count), nil)
            return sqlite3_step(handle)
        }
        if code != SQLITE_DONE { throw failed(code) }
        sqlite3_reset(handle)
    }

    /// Every row through `read`; the statement is ready again afterwards, whatever happens.
    func rows<T>(_ read: (Statement) throws(SQLiteFailure) -> T) throws(SQLiteFailure) -> [T] {
        defer { reset() }
        var rows: [T] = []
        while try step() { rows.append(try read(self)) }
        return rows
    }

    /// Passes every row to `body`; the statement is ready again afterwards, whatever happens.
    func forEachRow(_ body: (Statement) throws(SQLiteFailure) -> Void) throws(SQLiteFailure) {
        defer { reset() }
        while try step() { try body(self) }
    }

    /// Returns at most `limit` rows. Rows that are damaged are left out and passed to `report`, so that they keep no
    /// other row from being read.
    func undamagedRows<T>(
        limit: Int, _ report: (DamagedRow) -> Void, _ read: (Statement) throws(SQLiteFailure) -> T
    ) throws(SQLiteFailure) -> [T] {
        defer { reset() }
        var rows: [T] = []
        while rows.count < limit, try step() {
            do throws(SQLiteFailure) {
                rows.append(try read(self))
            } catch {
                guard let row = error.row else { throw error }
                report(row)
            }
        }
        return rows
    }

    /// The only row, if there is one.
    func row<T>(_ read: (Statement) throws(SQLiteFailure) -> T) throws(SQLiteFailure) -> T? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    func reset() { sqlite3_reset(handle) }

    private func failed(_ code: Int32) -> SQLiteFailure {
        let failure = SQLiteFailure(code, sqlite3_db_handle(handle))
        sqlite3_reset(handle)
        return failure
    }

    // MARK: Columns, counted from 0

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: Int32) -> String { String(decoding: bytes(column, sqlite3_column_text), as: UTF8.self) }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    private func bytes(
        _ column: Int32, _ get: (OpaquePointer?, Int32) -> UnsafePointer<UInt8>?
    ) -> UnsafeBufferPointer<UInt8> {
        // The pointer first: asking for the length may convert, asking for the text may move
        // (sqlite.org/c3ref/column_blob.html).
        let start = get(handle, column)
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
