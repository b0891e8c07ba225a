// What the storage tests work with: stores of both kinds, in folders that go away, and rows to write.

import Core
import Foundation
import Simulation
import States
import Storage

enum StoreKind: CaseIterable {
    case sqlite
    case memory
}

/// A folder of its own for one test.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "newel-storage-\(UUID().uuidString)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/newel.db" }
}

/// A store that can be closed and opened again.
final class StoreUnderTest {
    let kind: StoreKind
    let folder = TemporaryFolder()
    private let memory = MemoryStore()
    private(set) var store: any Store
    private(set) var epoch = Epoch(0)

    init(_ kind: StoreKind) throws {
        self.kind = kind
        store = memory
        try open()
    }

    deinit { store.close() }

    func reopen() throws {
        store.close()
        try open()
    }

    private func open() throws {
        switch kind {
        case .sqlite:
            store = try SQLiteStore.open(folder: folder.path)
        case .memory:
            memory.restart()
            store = memory
        }
        epoch = try store.claim()
    }

    func commit(_ changes: Change...) throws { try store.commit(changes, epoch: epoch) }

    /// Machine 1 with revision 1.
    func createMachine() throws { try commit(.createMachine(.sample(1))) }
}

/// The error that `body` throws, `nil` if none.
func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}

func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

extension MachineRecord {
    static func sample(_ id: Int64, revision: Int64? = nil, arn: String? = nil) -> MachineRecord {
        MachineRecord(
            id: id, arn: arn ?? "arn:aws:states:eu-west-1:000000000000:stateMachine:m\(id)", name: "m\(id)",
            type: "STANDARD", creationDate: time(1_000 + id), tags: #"[{"key":"k","value":"v"}]"#,
            revision: .sample(revision ?? id, machine: id))
    }
}

extension RevisionRecord {
    static func sample(_ id: Int64, machine: Int64) -> RevisionRecord {
        RevisionRecord(
            id: id, machine: machine, revisionID: id == machine ? nil : "uuid-\(id)",
            definition: #"{"StartAt":"é\u{0}","n":\#(id)}"#, roleARN: "arn:aws:iam::000000000000:role/r\(id)",
            creationDate: time(2_000 + id), loggingConfiguration: #"{"level":"OFF"}"#, tracingConfiguration: "{}",
            encryptionConfiguration: "")
    }
}

/// The id of the execution with that number. Tests write numbers, since the low bits of an id are its slot.
func run(_ number: Int64) -> Int64 { Slot.execution(number: number, slot: number * 37 % 64) }

extension Store {
    /// The number of the newest execution.
    func highestNumber() throws -> Int64 { Slot.number(of: try highestIDs().execution) }
}

extension OpenTaskRecord {
    var number: Int64 { Slot.number(of: execution) }
}

extension ExecutionRecord {
    var number: Int64 { Slot.number(of: id) }

    static func sample(
        _ number: Int64, machine: Int64 = 1, name: String? = nil, status: ExecutionStatus = .running,
        start: Int64 = 5_000,
        lastEvent: Int = 3, wakeAt: Int64? = nil
    ) -> ExecutionRecord {
        ExecutionRecord(
            id: run(number), machine: machine, revision: machine, name: name ?? "run-\(number)", status: status,
            startDate: time(start), stopDate: status == .running ? nil : time(start + 10), lastEventID: lastEvent,
            wakeAt: wakeAt.map(time), traceHeader: number.isMultiple(of: 2) ? "Root=1-\(number)" : nil)
    }
}

extension EventsRecord {
    /// Events of the execution with that number.
    static func sample(_ number: Int64, _ ids: ClosedRange<Int>, bytes: Int = 40) -> EventsRecord {
        EventsRecord(
            execution: run(number), firstID: ids.lowerBound, lastID: ids.upperBound,
            body: (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ ids.lowerBound) })
    }
}

extension Change {
    static func start(
        _ execution: ExecutionRecord, events: EventsRecord? = nil, opened: [Int] = []
    ) -> Change {
        .turn(
            ExecutionTurn(
                execution: execution, isNew: true,
                events: events ?? .sample(execution.number, 1...execution.lastEventID),
                openedTasks: opened, closedTasks: []))
    }

    static func goOn(
        _ execution: ExecutionRecord, events: EventsRecord? = nil, opened: [Int] = [], closed: [Int] = []
    ) -> Change {
        .turn(
            ExecutionTurn(
                execution: execution, isNew: false, events: events, openedTasks: opened, closedTasks: closed))
    }
}
