// What the store costs over SQLite itself: the same rows through `SQLiteStore` and through bare C calls.

import CSQLite
import Core
import Foundation
import States
import Storage

/// Executions of one turn (a row of executions and one of events), one in a commit and forty in a commit.
enum StoreBenchmark {
    private static let rounds = 10
    private static let body = [UInt8](repeating: 7, count: 500)

    @Sendable static func run() throws {
        let folder = FileManager.default.currentDirectoryPath + "/newel-data/benchmark-store-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore.open(folder: folder + "/store")
        defer { store.close() }
        let epoch = try store.claim()
        try store.commit([.createMachine(machine)], epoch: epoch)
        let bare = BareSQLite(path: folder + "/bare.db")
        defer { bare.close() }
        var id: Int64 = 0
        for (size, commits) in [(1, 50), (40, 50)] {
            var ours: [Figures] = []
            var theirs: [Figures] = []
            for _ in 0..<rounds {
                let batches = (0..<commits).map { _ in
                    (0..<size).map { _ in
                        id += 1
                        return turn(id)
                    }
                }
                let changes = batches.map { $0.map { Change.turn($0) } }
                ours.append(try measure(changes) { try store.commit($0, epoch: epoch) })
                theirs.append(measure(batches) { bare.commit($0) })
            }
            print("store: \(size) in a commit: \(Figures.of(ours, size)); bare SQLite \(Figures.of(theirs, size))")
        }
    }

    private static let machine = MachineRecord(
        id: 1, arn: "arn:aws:states:eu-west-1:000000000000:stateMachine:m", name: "m", type: "STANDARD",
        creationDate: Timestamp(milliseconds: 0),
        revision: RevisionRecord(
            id: 1, machine: 1, revisionID: nil, definition: "{}", roleARN: "", creationDate: Timestamp(milliseconds: 0),
            loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}"))

    private static func turn(_ id: Int64) -> ExecutionTurn {
        let time = Timestamp(milliseconds: 1_700_000_000_000 + id)
        return ExecutionTurn(
            execution: ExecutionRecord(
                id: id << Slot.bits, machine: 1, revision: 1, name: "0193c5b2-0000-7000-8000-\(100_000_000_000 + id)",
                status: .succeeded, startDate: time, stopDate: time, lastEventID: 5),
            isNew: true, events: EventsRecord(execution: id << Slot.bits, firstID: 1, lastID: 5, body: body),
            openedTasks: [],
            closedTasks: [])
    }

    /// Of one commit.
    private struct Figures {
        var medianWait: Double
        var wall: Double
        var cpu: Double

        /// The median round in words.
        static func of(_ rounds: [Figures], _ size: Int) -> String {
            func median(_ value: (Figures) -> Double) -> Double { rounds.map(value).sorted()[rounds.count / 2] }
            let rows = Double(size) / median(\.wall)
            let figures = [median(\.cpu) / Double(size) * 1e6, median(\.medianWait) * 1e6]
            return
                "\(Int(rows)) executions/s, \(String(format: "%.1f CPU µs each, p50 %.0f µs", figures[0], figures[1]))"
        }
    }

    private static func measure<Batch>(_ batches: [Batch], _ commit: (Batch) throws -> Void) rethrows -> Figures {
        let cpu = time(CLOCK_PROCESS_CPUTIME_ID)
        let wall = time(CLOCK_MONOTONIC)
        var waits: [Double] = []
        for batch in batches {
            let start = time(CLOCK_MONOTONIC)
            try commit(batch)
            waits.append(time(CLOCK_MONOTONIC) - start)
        }
        let count = Double(batches.count)
        return Figures(
            medianWait: waits.sorted()[waits.count / 2], wall: (time(CLOCK_MONOTONIC) - wall) / count,
            cpu: (time(CLOCK_PROCESS_CPUTIME_ID) - cpu) / count)
    }

    private static func time(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The yardstick: tables and statements as a C program would have them, WAL and `synchronous=FULL`, SQLite's own
/// checkpoints.
private final class BareSQLite {
    private var handle: OpaquePointer?
    private var execution: OpaquePointer?
    private var events: OpaquePointer?

    init(path: String) {
        sqlite3_open(path, &handle)
        let schema = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;
            CREATE TABLE executions (id INTEGER PRIMARY KEY, machine, name, status, start, stop, last, UNIQUE (machine, name));
            CREATE INDEX by_start ON executions (machine, start);
            CREATE TABLE events (id INTEGER PRIMARY KEY, last, body);
            """
        guard sqlite3_exec(handle, schema, nil, nil, nil) == SQLITE_OK else { fatalError("no yardstick") }
        sqlite3_prepare_v2(handle, "INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?)", -1, &execution, nil)
        sqlite3_prepare_v2(handle, "INSERT INTO events VALUES (?, ?, ?)", -1, &events, nil)
    }

    func close() {
        sqlite3_finalize(execution)
        sqlite3_finalize(events)
        sqlite3_close(handle)
    }

    func commit(_ turns: [ExecutionTurn]) {
        sqlite3_exec(handle, "BEGIN IMMEDIATE", nil, nil, nil)
        for turn in turns { insert(turn) }
        guard sqlite3_exec(handle, "COMMIT", nil, nil, nil) == SQLITE_OK else { fatalError("no commit") }
    }

    private func insert(_ turn: ExecutionTurn) {
        let row = turn.execution
        let numbers = [(1, row.id), (2, row.machine), (4, row.status == .succeeded ? 1 : 0)]
        for (index, number) in numbers { sqlite3_bind_int64(execution, Int32(index), number) }
        sqlite3_bind_int64(execution, 5, row.startDate.milliseconds)
        sqlite3_bind_int64(execution, 6, row.stopDate?.milliseconds ?? 0)
        sqlite3_bind_int64(execution, 7, Int64(row.lastEventID))
        var name = row.name
        name.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                sqlite3_bind_text(execution, 3, characters.baseAddress, Int32(bytes.count), nil)
                step(execution)
            }
        }
        guard let record = turn.events else { return }
        sqlite3_bind_int64(events, 1, record.execution << 26 | Int64(record.firstID))
        sqlite3_bind_int64(events, 2, Int64(record.lastID))
        record.body.withUnsafeBytes { bytes in
            sqlite3_bind_blob(events, 3, bytes.baseAddress, Int32(bytes.count), nil)
            step(events)
        }
    }

    private func step(_ statement: OpaquePointer?) {
        guard sqlite3_step(statement) == SQLITE_DONE else { fatalError("no row") }
        sqlite3_reset(statement)
    }
}
