// What the SQLite store promises beside the contract: its settings, its plans, its log.

import CSQLite
import Core
import Foundation
import States
import Synchronization
import Testing

@testable import Storage

@Suite("The SQLite store")
struct SQLiteStoreTests {
    let folder = TemporaryFolder()

    // MARK: Settings

    static let writerSettings = [
        ("journal_mode", "wal"), ("synchronous", "2"), ("mmap_size", "0"), ("wal_autocheckpoint", "0"),
        ("journal_size_limit", "-1"), ("locking_mode", "normal"), ("foreign_keys", "1"), ("page_size", "4096"),
        ("application_id", "1313167180"), ("user_version", "\(Migration.newest)"), ("query_only", "0"),
    ]

    @Test("The writer's settings hold.", arguments: SQLiteStoreTests.writerSettings)
    func writerSetting(name: String, value: String) throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let found = try store.writer.withLock { try $0?.connection.text("PRAGMA \(name)") }
        #expect(found == value)
    }

    @Test(
        "The readers' settings hold.",
        arguments: [("query_only", "1"), ("mmap_size", "0"), ("busy_timeout", "5000"), ("journal_mode", "wal")])
    func readerSetting(name: String, value: String) throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        for slot in store.readers {
            let found = try slot.reader.withLock { try $0?.connection.text("PRAGMA \(name)") }
            #expect(found == value)
        }
    }

    @Test("A setting that does not hold keeps the store shut.")
    func settingRefused() throws {
        let connection = try Connection(path: ":memory:", flags: SQLITE_OPEN_READWRITE)
        let error = #expect(throws: SQLiteFailure.self) {
            // A database in memory has no log.
            try Pragmas.apply(Pragmas.writer(cacheKiB: 1_000), to: connection)
        }
        #expect(error?.message == "journal_mode is memory where WAL was set")
    }

    @Test("Readers cannot write.")
    func readersOnlyRead() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let error = #expect(throws: SQLiteFailure.self) {
            try store.readers[0].reader.withLock { try $0?.connection.execute("DELETE FROM meta") }
        }
        #expect(error?.primary == SQLITE_READONLY)
    }

    // MARK: Plans

    @Test("No query reads a table from end to end, none sorts.", arguments: Query.allCases)
    func plan(query: Query) throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let plan = try store.readers[0].reader.withLock { reader in
            try reader?.connection.prepare("EXPLAIN QUERY PLAN \(query.sql)").rows { $0.text(3) }
        }
        // All machines, activities, versions, aliases and quarantined executions, the one row of counts, and the head
        // of the timers' index are read as a whole on purpose.
        let whole = [
            "SCAN m USING INDEX sqlite_autoindex_machines_1", "SCAN meta", "SCAN CONSTANT ROW",
            "SCAN executions USING INDEX executions_by_wake", "SCAN activities", "SCAN versions",
            "SCAN aliases", "SCAN quarantine",
        ]
        for step in try #require(plan) {
            #expect(whole.contains(step) || !step.contains("SCAN"), "\(query): \(step)")
            #expect(!step.contains("TEMP B-TREE"), "\(query): \(step)")
        }
    }

    @Test("ListExecutions with status RUNNING uses the index of what runs.")
    func runningPlan() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let plan = try store.readers[0].reader.withLock { reader in
            try reader?.connection.prepare("EXPLAIN QUERY PLAN \(Query.executionsRunning.sql)").rows { $0.text(3) }
        }
        #expect(plan?.first?.contains("executions_running") == true)
    }

    // MARK: The log

    @Test("The log is begun again in place: it stays within bounds and is never cut.")
    func logIsReused() throws {
        var options = SQLiteStore.Options()
        options.checkpointFrames = 40
        let store = try SQLiteStore.open(folder: folder.path, options: options)
        let epoch = try store.claim()
        try store.commit([.createMachine(.sample(1))], epoch: epoch)
        var sizes: [Int] = []
        for id in Int64(1)...800 {
            try store.commit([.start(.sample(id))], epoch: epoch)
            sizes.append(try size("newel.db-wal"))
        }
        #expect(sizes == sizes.sorted())
        #expect(sizes.last ?? 0 <= 8 * 40 * 4_200, "\(sizes.last ?? 0) bytes")
        // 300 commits of five pages and more would have taken 6 MB.
        #expect(try size("newel.db") > 100_000)
        store.close()
        #expect(!FileManager.default.fileExists(atPath: folder.database + "-wal"))
    }

    @Test("A reader that stays keeps the log from beginning again, and no commit from being made.")
    func readerInTheLog() throws {
        var options = SQLiteStore.Options()
        options.checkpointFrames = 20
        let store = try SQLiteStore.open(folder: folder.path, options: options)
        defer { store.close() }
        let epoch = try store.claim()
        try store.commit([.createMachine(.sample(1))], epoch: epoch)
        let other = try Connection(path: folder.database, flags: SQLITE_OPEN_READONLY)
        try other.execute("BEGIN")
        #expect(try other.integer("SELECT count(*) FROM executions") == 0)
        for id in Int64(1)...100 { try store.commit([.start(.sample(id))], epoch: epoch) }
        #expect(try other.integer("SELECT count(*) FROM executions") == 0)
        let held = try size("newel.db-wal")
        try other.execute("COMMIT")
        for id in Int64(101)...200 { try store.commit([.start(.sample(id))], epoch: epoch) }
        #expect(try size("newel.db-wal") < 2 * held)
        #expect(try other.integer("SELECT count(*) FROM executions") == 200)
    }

    private func size(_ file: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(file)")
        return attributes[.size] as? Int ?? 0
    }

    // MARK: Positions

    @Test("The key of an event holds the ids that executions may reach")
    func maximumEventID() { #expect(Int(EventPosition.lastEvent) == Limits.Store.maximumEventID) }

    static let positions: [(Int64, Int)] = [
        (0, 0), (64, 1), (7 << 6 | 63, 25_000), (EventPosition.lastExecution, Int(EventPosition.lastEvent)),
    ]

    @Test("A position holds the number of an execution and an event.", arguments: SQLiteStoreTests.positions)
    func position(execution: Int64, event: Int) {
        let position = EventPosition(execution: execution, event: event)
        #expect(position.number == Slot.number(of: execution))
        #expect(position.event == event)
        #expect(position.value >= 0)
    }

    @Test("Numbers beyond 2^31 and up to the last one are stored and found.", arguments: [1 << 31, Slot.lastNumber])
    func highNumbers(number: Int64) throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let epoch = try store.claim()
        try store.commit([.createMachine(.sample(1))], epoch: epoch)
        for number in [number - 1, number] {
            try store.commit([.start(.sample(number), opened: [2])], epoch: epoch)
            #expect(try store.execution(id: run(number)) == .sample(number))
            #expect(try store.events(execution: run(number), from: 1, through: 3, limit: 9) == [.sample(number, 1...3)])
            #expect(try store.highestNumber() == number)
        }
        #expect(try store.openTasks(after: nil, limit: 9).map(\.number) == [number - 1, number])
    }

    @Test("An execution that does not fit is refused.")
    func doesNotFit() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let epoch = try store.claim()
        let tooLong = ExecutionRecord.sample(1, lastEvent: Int(EventPosition.lastEvent) + 1)
        let tooMany = ExecutionRecord.sample(Slot.lastNumber + 1)
        for execution in [tooLong, tooMany] {
            #expect(storeError { try store.commit([.start(execution)], epoch: epoch) }?.code == .failed)
        }
        #expect(try store.executionCounts() == [:])
    }
}
