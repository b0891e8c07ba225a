// Stores of earlier schemas, as the daemons of their time left them.

import CSQLite
import Foundation
import States
import Synchronization
import Testing

@testable import Storage

@Suite("Upgrades")
struct UpgradeTests {
    let folder = TemporaryFolder()

    /// Makes the database of a dump in `Fixtures`.
    private func load(_ name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/\(name)")
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let connection = try Connection(path: folder.database, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        try connection.execute(try String(contentsOf: file, encoding: .utf8))
    }

    /// Name, status and number of events of each execution.
    static let executions: [String: (ExecutionStatus, Int)] = [
        "p0": (.succeeded, 4), "p1": (.succeeded, 4), "p2": (.succeeded, 4), "byversion": (.succeeded, 4),
        "byalias": (.succeeded, 4), "w0": (.running, 2), "w1": (.aborted, 3), "a0": (.running, 4),
        "a1": (.succeeded, 9), "a2": (.running, 3), "f0": (.failed, 6), "m0": (.running, 12),
    ]

    @Test("A store of schema 3 is read whole and goes on.")
    func schemaThree() throws {
        try load("schema-3.sql")
        let damaged = Mutex<[DamagedRow]>([])
        var options = SQLiteStore.Options()
        options.damage = { row in damaged.withLock { $0.append(row) } }
        for _ in 0..<2 {
            let store = try SQLiteStore.open(folder: folder.path, options: options)
            defer { store.close() }
            let records = try (Int64(1)...7).flatMap { try store.executions(ExecutionQuery(machine: $0, limit: 99)) }
            for (name, expected) in Self.executions {
                let record = try #require(records.first { $0.name == name })
                #expect(record.status == expected.0, "\(name)")
                #expect(record.lastEventID == expected.1, "\(name)")
                let rows = try store.events(execution: record.id, from: 1, through: .max, limit: 99)
                #expect(rows.last?.lastID == expected.1, "\(name)")
                #expect(rows.first?.execution == record.id)
                let events = try rows.flatMap { try RecordCoding.decode($0.body) }
                #expect(events.map(\.id) == Array(1...expected.1))
            }
            let tasks = try store.openTasks(after: nil, limit: 99)
            #expect(tasks.map(\.execution) == [532, 702, 790, 790, 790])
            #expect(tasks.map(\.isDelivered) == [true, false, false, false, false])
            #expect(tasks.first?.heartbeat != nil)
            #expect(
                try store.machines().map(\.name).sorted() == ["activity", "express", "fail", "map", "pass", "wait"])
            #expect(try store.machine(id: 6)?.deletionDate != nil)
            #expect(try store.versions().map(\.number) == [1, 2])
            #expect(try store.aliases().first?.routes.map(\.weight) == [30, 70])
            #expect(try store.activities().map(\.name) == ["other", "work"])
            #expect(
                try store.executionCounts() == [.running: 4, .succeeded: 7, .failed: 1, .aborted: 1])
            #expect(try store.highestIDs().execution == 876)
            let epoch = try store.claim()
            #expect(epoch.value > 1)
        }
        #expect(damaged.withLock { $0 } == [])
    }

    @Test("A store that cannot be converted stays as it was.")
    func tooManyEvents() throws {
        try load("schema-3.sql")
        let connection = try Connection(path: folder.database, flags: SQLITE_OPEN_READWRITE)
        try connection.execute("INSERT INTO events VALUES ((82 << 26) | 2000000, 2000001, x'00')")
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .failed)
        #expect(error?.message.contains("execution 82 has more than 1048575 events") == true)
        #expect(try connection.integer("PRAGMA user_version") == 3)
        #expect(try connection.integer("SELECT count(*) FROM events") == 19)
    }
}
