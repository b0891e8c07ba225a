// Rows that are not what was written: each is noticed, and no other row is affected.

import CSQLite
import Core
import Foundation
import States
import Synchronization
import Testing

@testable import Storage

/// What an open store has reported.
private final class Found: Sendable {
    let rows = Mutex<[DamagedRow]>([])
    let notices = Mutex<[String]>([])
}

@Suite("Checksums")
struct ChecksumTests {
    let folder = TemporaryFolder()
    private let found = Found()

    private func store(acceptsLoss: Bool = false) throws -> SQLiteStore {
        var options = SQLiteStore.Options()
        options.acceptsLoss = acceptsLoss
        options.damage = { [found] row in found.rows.withLock { $0.append(row) } }
        options.notice = { [found] text in found.notices.withLock { $0.append(text) } }
        return try SQLiteStore.open(folder: folder.path, options: options)
    }

    private func alter(_ sql: String) throws {
        try Connection(path: folder.database, flags: SQLITE_OPEN_READWRITE).execute(sql)
    }

    /// Rows in every table, closed; about 300 KB.
    private func fill(executions: Int64 = 200) throws {
        let store = try self.store()
        let epoch = try store.claim()
        try store.commit([.createMachine(.sample(1)), .createMachine(.sample(2))], epoch: epoch)
        let version = VersionRecord(machine: 1, number: 1, revision: 1, description: "v", creationDate: time(1))
        let alias = AliasRecord(
            machine: 1, name: "live", description: nil, routes: [.init(version: 1, weight: 100)], creationDate: time(1),
            updateDate: time(2))
        try store.commit(
            [
                .createVersion(version), .putAlias(alias),
                .putActivity(ActivityRecord(arn: "arn:a", name: "a", creationDate: time(1))),
            ], epoch: epoch)
        for id in Int64(1)...executions {
            let record = ExecutionRecord.sample(id, wakeAt: id)
            try store.commit([.start(record, events: .sample(id, 1...3, bytes: 1_100), opened: [2])], epoch: epoch)
        }
        store.close()
    }

    /// Everything that the store serves, as text.
    private func everything(_ store: SQLiteStore, executions: Int64 = 200) throws -> String {
        var text = ""
        for id in Int64(1)...2 { text += "\(String(describing: try store.machine(id: id)))\n" }
        text += "\(try store.machines())\n\(try store.versions())\n\(try store.aliases())\n\(try store.activities())\n"
        text += "\(try store.executions(ExecutionQuery(machine: 1, limit: 1_000)))\n"
        text += "\(try store.executions(ExecutionQuery(machine: 1, status: .running, limit: 1_000)))\n"
        for id in Int64(1)...executions {
            text += "\(String(describing: try store.execution(id: run(id))))\n"
            text += "\(String(describing: try store.execution(machine: 1, name: "run-\(id)")))\n"
            text += "\(try store.events(execution: run(id), from: 1, through: 3, limit: 9))\n"
        }
        text += "\(try store.openTasks(after: nil, limit: 1_000))\n\(try store.due(at: .distantFuture, limit: 1_000))\n"
        text += "\(String(describing: try store.nextWake()))\n"
        text += "\(try store.executionCounts().sorted { $0.key.rawValue < $1.key.rawValue })\n"
        return text + "\(try store.highestIDs())"
    }

    @Test("A flipped bit anywhere in the file is noticed, or nothing that is served changes.")
    func flippedBits() throws {
        try fill()
        let url = URL(fileURLWithPath: folder.database)
        let whole = try Data(contentsOf: url)
        #expect(whole.count > 280_000)
        let lock = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/newel.lock"))
        let before = try self.store()
        let expected = try everything(before)
        before.close()
        var random: UInt64 = 11
        for _ in 0..<40 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bit = Int(random >> 20) % (whole.count * 8)
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.database + suffix) }
            try bytes.write(to: url)
            try lock.write(to: URL(fileURLWithPath: folder.path + "/newel.lock"))
            found.rows.withLock { $0 = [] }
            found.notices.withLock { $0 = [] }
            var served: String?
            let error = storeError {
                let store = try self.store()
                defer { store.close() }
                served = try everything(store)
            }
            let isNoticed =
                error != nil || !found.rows.withLock(\.isEmpty) || !found.notices.withLock(\.isEmpty)
            #expect(isNoticed || served == expected, "bit \(bit % 8) of byte \(bit / 8)")
        }
    }

    static let changes = [
        "UPDATE events SET body = substr(body, 1, length(body) - 5) WHERE position >> 20 = 7",
        "UPDATE executions SET last_event_id = 4 WHERE id >> 6 = 7",
        "UPDATE executions SET status = 9 WHERE id >> 6 = 7",
        "UPDATE events SET last_id = 2 WHERE position >> 20 = 7",
        "UPDATE events SET position = position + 1 WHERE position >> 20 = 7",
    ]

    @Test("A changed row is called damaged by its reads; others are read.", arguments: ChecksumTests.changes)
    func changedRow(sql: String) throws {
        try fill()
        try alter(sql)
        let store = try self.store()
        defer { store.close() }
        let error = storeError {
            _ = try store.execution(id: run(7))
            _ = try store.events(execution: run(7), from: 1, through: 3, limit: 9)
        }
        #expect(error?.code == .corrupt)
        #expect(error?.row?.execution == run(7))
        #expect(found.rows.withLock { $0.map(\.execution) } == [run(7)])
        #expect(try store.execution(id: run(8)) == .sample(8, wakeAt: 8))
        #expect(try store.events(execution: run(8), from: 1, through: 3, limit: 9).count == 1)
        // Writes go on, also to the rows beside it.
        let epoch = try store.claim()
        try store.commit([.goOn(.sample(8, lastEvent: 4), events: .sample(8, 4...4))], epoch: epoch)
        try store.commit([.start(.sample(900))], epoch: epoch)
    }

    @Test("Damaged executions keep no timer of others from being found.")
    func damagedTimers() throws {
        try fill(executions: 700)
        try alter("UPDATE executions SET last_event_id = 9 WHERE id >> 6 <= 600")
        let store = try self.store()
        defer { store.close() }
        #expect(try store.due(at: time(601), limit: 512).map(\.number) == [601])
        #expect(try store.nextWake() == time(601))
        #expect(found.rows.withLock { $0.count } == 600)
        _ = try store.due(at: time(601), limit: 512)
        #expect(found.rows.withLock { $0.count } == 600)
    }

    @Test("Damaged rows of machines, versions, aliases, activities and tasks are left out and reported.")
    func otherTables() throws {
        try fill()
        try alter(
            """
            UPDATE machines SET tags = '[]' WHERE id = 2; UPDATE versions SET description = 'w';
            UPDATE aliases SET weight = 99; UPDATE activities SET tags = '[1]';
            UPDATE tasks SET heartbeat = 5 WHERE execution >> 6 = 3;
            UPDATE revisions SET definition = '{}' WHERE id = 1;
            """)
        let store = try self.store()
        defer { store.close() }
        #expect(try store.machines().isEmpty)
        #expect(try store.versions().isEmpty)
        #expect(try store.aliases().isEmpty)
        #expect(try store.activities().isEmpty)
        #expect(try store.openTasks(after: nil, limit: 1_000).count == 199)
        #expect(storeError { _ = try store.revision(1) }?.code == .corrupt)
        let tables = Set(found.rows.withLock { $0.map(\.table) })
        #expect(tables == ["machines", "revisions", "versions", "aliases", "activities", "tasks"])
    }

    @Test("An execution whose row in the quarantine is damaged stays in quarantine.")
    func damagedQuarantine() throws {
        try fill()
        let entries = (Int64(1)...2).map {
            QuarantineRecord(execution: $0, date: time(1), reason: .endedTheProcess, details: "twice")
        }
        let before = try self.store()
        try before.commit(entries.map { .quarantine($0) }, epoch: try before.claim())
        #expect(try before.quarantined() == entries)
        before.close()
        try alter("UPDATE quarantine SET details = 'once' WHERE execution = 2")
        let store = try self.store()
        defer { store.close() }
        let after = try store.quarantined()
        #expect(after.map(\.execution) == [1, 2] && after.first == entries[0])
        #expect(after.last?.reason == .damaged)
    }

    @Test("Damaged counts are counted again, and the store is claimed.")
    func damagedMeta() throws {
        try fill()
        try alter("UPDATE meta SET running = 77, epoch = 0")
        let store = try self.store()
        defer { store.close() }
        try store.commit([.start(.sample(900))], epoch: try store.claim())
        #expect(try store.executionCounts() == [.running: 201])
        #expect(found.rows.withLock { $0.map(\.table) } == ["meta"])
    }

    @Test("An index that does not match its table is made again.")
    func damagedIndex() throws {
        try fill()
        // The b-tree of the index is emptied behind SQLite's back: the executions are not in it.
        let connection = try Connection(path: folder.database, flags: SQLITE_OPEN_READWRITE)
        let page = try connection.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'executions_by_start'")
        let url = URL(fileURLWithPath: folder.database)
        var bytes = try Data(contentsOf: url)
        let place = (Int(try #require(page)) - 1) * 4_096
        var leaf = Data([10, 0, 0, 0, 0, 0x10, 0, 0])
        leaf.append(Data(repeating: 0, count: 4_088))
        bytes.replaceSubrange(place..<place + 4_096, with: leaf)
        try bytes.write(to: url)
        let error = storeError { _ = try self.store() }
        // Its other pages belong to nothing now: more than an index is wrong where it had more than one.
        if let error {
            #expect(error.code == .corrupt)
            let store = try self.store(acceptsLoss: true)
            store.close()
        } else {
            #expect(found.notices.withLock { $0.contains { $0.contains("executions_by_start") } })
        }
    }

    static let findings: [([String], StructureCheck.Finding)] = [
        (["ok"], .whole),
        (
            ["row 7 missing from index executions_by_wake", "wrong # of entries in index executions_by_wake"],
            .indexes(["executions_by_wake"])
        ),
        (["non-INTEGER value in executions.status"], .whole),
        (
            ["row 7 missing from index a", "Tree 4 page 9: btreeInitPage() returns error code 11"],
            .damaged("Tree 4 page 9: btreeInitPage() returns error code 11")
        ),
    ]

    @Test("SQLite's findings are told apart.", arguments: ChecksumTests.findings)
    func integrityCheck(lines: [String], finding: StructureCheck.Finding) {
        #expect(StructureCheck.finding(lines) == finding)
    }
}
