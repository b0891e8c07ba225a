// Files that are not what was written.

import Core
import Foundation
import States
import Testing

@testable import Storage

@Suite("A damaged store")
struct DamageTests {
    let folder = TemporaryFolder()

    /// A store with rows in every table, closed.
    private func fill() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        let epoch = try store.claim()
        try store.commit([.createMachine(.sample(1))], epoch: epoch)
        let turns = (Int64(1)...200).map { id in
            Change.start(.sample(id, wakeAt: id), events: .sample(id, 1...3, bytes: 300), opened: [2])
        }
        try store.commit(turns, epoch: epoch)
        store.close()
    }

    /// Every verb that reads.
    private func readAll(_ store: SQLiteStore) throws {
        let machines = try store.machines()
        _ = try machines.first.map { try store.machine(arn: $0.arn) }
        _ = try store.revision(1)
        for status in [nil, ExecutionStatus.running] {
            _ = try store.executions(ExecutionQuery(machine: 1, status: status, limit: 1_000))
        }
        for id in Int64(1)...200 {
            _ = try store.execution(id: run(id))
            _ = try store.execution(machine: 1, name: "run-\(id)")
            _ = try store.events(execution: run(id), from: 1, through: 3, limit: 9)
        }
        _ = try store.openTasks(after: nil, limit: 1_000)
        _ = try store.due(at: .distantFuture, limit: 1_000)
        _ = try store.activities()
        _ = try store.versions()
        _ = try store.aliases()
        _ = try store.executionCounts()
        _ = try store.highestIDs()
    }

    private func alter(_ change: (inout Data) -> Void) throws {
        let url = URL(fileURLWithPath: folder.database)
        var bytes = try Data(contentsOf: url)
        change(&bytes)
        try bytes.write(to: url)
    }

    private func openAndReadAll() -> StoreError? {
        storeError {
            let store = try SQLiteStore.open(folder: folder.path)
            defer { store.close() }
            try readAll(store)
        }
    }

    @Test("One that is whole reads.")
    func whole() throws {
        try fill()
        #expect(openAndReadAll() == nil)
    }

    @Test("A file that was cut off is called damaged.", arguments: [0.1, 0.5, 0.9])
    func truncated(share: Double) throws {
        try fill()
        try alter { $0 = $0.prefix(Int(Double($0.count) * share) / 4_096 * 4_096) }
        let error = openAndReadAll()
        #expect(error?.code == .corrupt)
        #expect(error?.hint.contains("backup") == true)
    }

    @Test("A file that is no database is called damaged.")
    func noDatabase() throws {
        try fill()
        try alter { $0 = Data(repeating: 0x68, count: 20_000) }
        #expect(openAndReadAll()?.code == .corrupt)
    }

    /// The pages of this store are twenty and some.
    @Test("A page of zeros or ones is called damaged, wherever it is.", arguments: [UInt8(0), 0xff], 0..<12)
    func lostPage(byte: UInt8, part: Int) throws {
        try fill()
        try alter { data in
            let page = part * (data.count / 4_096) / 12
            data.replaceSubrange(page * 4_096..<(page + 1) * 4_096, with: Data(repeating: byte, count: 4_096))
        }
        #expect(openAndReadAll()?.code == .corrupt)
    }

    @Test("Flipped bits are called damage or go unnoticed; they end no process.", arguments: UInt64(1)...40)
    func flippedBits(seed: UInt64) throws {
        try fill()
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        try alter { data in
            for _ in 0..<20 {
                // In the headers of pages, where the structure is.
                let place = random(data.count / 4_096) * 4_096 + random(64)
                data[place] ^= 1 << UInt8(random(8))
            }
        }
        if let error = openAndReadAll() {
            #expect([.corrupt, .newerSchema].contains(error.code), "\(error)")
        }
    }

    @Test("A status that no execution has is called damage.")
    func impossibleStatus() throws {
        try fill()
        let connection = try Connection(path: folder.database, flags: 2)
        try connection.execute("UPDATE executions SET status = 9 WHERE id >> 6 = 7")
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let error = storeError { _ = try store.execution(id: run(7)) }
        #expect(error?.code == .corrupt)
        #expect(error?.row == DamagedRow(table: "executions", key: "\(run(7))", execution: run(7)))
    }

    @Test("A write that meets a damaged page is refused and ends nothing.")
    func commitMeetsDamage() throws {
        try fill()
        let root = try Connection(path: folder.database, flags: 1)
            .integer("SELECT rootpage FROM sqlite_schema WHERE name = 'events'")
        let page = Int(try #require(root)) - 1
        try alter { $0.replaceSubrange(page * 4_096..<(page + 1) * 4_096, with: Data(repeating: 0xff, count: 4_096)) }
        var options = SQLiteStore.Options()
        options.acceptsLoss = true
        let store = try SQLiteStore.open(folder: folder.path, options: options)
        defer { store.close() }
        let epoch = try store.claim()
        for id in Int64(301)...302 {
            #expect(storeError { try store.commit([.start(.sample(id))], epoch: epoch) }?.code == .corrupt)
        }
        #expect(try store.execution(id: run(301)) == nil)
        try store.commit([.tagMachine(id: 1, tags: "[]")], epoch: epoch)
    }
}
