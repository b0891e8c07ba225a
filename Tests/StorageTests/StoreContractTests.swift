// What every store does, in whatever it keeps it.

import Core
import Simulation
import States
import Storage
import Testing

@Suite("Every store")
struct StoreContractTests {
    // MARK: Epochs and batches

    @Test("A claim gives a higher epoch each time.", arguments: StoreKind.allCases)
    func claims(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        let first = test.epoch
        let second = try test.store.claim()
        try test.reopen()
        #expect(first.value < second.value)
        #expect(second.value < test.epoch.value)
    }

    @Test("A commit with an older epoch is fenced and writes nothing.", arguments: StoreKind.allCases)
    func fenced(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let newer = try test.store.claim()
        #expect(storeError { try test.commit(.start(.sample(1))) }?.code == .fenced)
        #expect(try test.store.execution(id: run(1)) == nil)
        try test.store.commit([.start(.sample(1))], epoch: newer)
        #expect(try test.store.execution(id: run(1)) != nil)
    }

    @Test("An epoch that was never given is fenced too.", arguments: StoreKind.allCases)
    func inventedEpoch(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        let invented = Epoch(test.epoch.value + 1)
        #expect(storeError { try test.store.commit([], epoch: invented) }?.code == .fenced)
    }

    @Test(
        "A deleted execution leaves nothing, its name is free, and its neighbours stay.", arguments: StoreKind.allCases)
    func deletedExecution(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1, name: "a"), opened: [2]), .start(.sample(2, name: "b"), opened: [2]))
        try test.commit(.deleteExecution(id: run(1)), .deleteExecution(id: run(77)))
        #expect(try test.store.execution(id: run(1)) == nil)
        #expect(try test.store.execution(machine: 1, name: "a") == nil)
        #expect(try test.store.events(execution: run(1), from: 1, through: 9, limit: 9).isEmpty)
        #expect(try test.store.openTasks(after: nil, limit: 9).map(\.number) == [2])
        #expect(try test.store.executionCounts() == [.running: 1])
        #expect(try test.store.events(execution: run(2), from: 1, through: 9, limit: 9).count == 1)
        try test.commit(.start(.sample(3, name: "a")))
        #expect(try test.store.execution(machine: 1, name: "a")?.number == 3)
    }

    @Test("An execution that gives up its name keeps all else.", arguments: StoreKind.allCases)
    func freedName(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1, name: "a", status: .succeeded)))
        let error = storeError {
            try test.commit(.freeName(execution: run(1)), .start(.sample(2, name: "b")), .start(.sample(3, name: "b")))
        }
        #expect(error?.code == .conflict)
        #expect(try test.store.execution(machine: 1, name: "a")?.number == 1)
        try test.commit(
            .freeName(execution: run(1)), .freeName(execution: run(77)), .start(.sample(2, name: "a")))
        #expect(try test.store.execution(machine: 1, name: "a")?.number == 2)
        let renamed = try #require(try test.store.execution(id: run(1)))
        #expect(renamed.name == ExecutionRecord.nameOfExpired(run(1)) && renamed.status == .succeeded)
        #expect(try test.store.execution(machine: 1, name: renamed.name) == renamed)
        #expect(try test.store.events(execution: run(1), from: 1, through: 9, limit: 9).count == 1)
        #expect(try test.store.executionCounts() == [.running: 1, .succeeded: 1])
    }

    @Test("A batch that fails gives a deleted execution back.", arguments: StoreKind.allCases)
    func deletionTakenBack(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1, name: "a"), opened: [2]))
        let error = storeError {
            try test.commit(.deleteExecution(id: run(1)), .start(.sample(2, name: "b")), .start(.sample(3, name: "b")))
        }
        #expect(error?.code == .conflict)
        #expect(try test.store.execution(machine: 1, name: "a")?.number == 1)
        #expect(try test.store.events(execution: run(1), from: 1, through: 9, limit: 9).count == 1)
        #expect(try test.store.openTasks(after: nil, limit: 9).map(\.number) == [1])
        #expect(try test.store.executionCounts() == [.running: 1])
    }

    @Test("A taken name is a conflict, and the whole batch is rolled back.", arguments: StoreKind.allCases)
    func conflict(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1, name: "taken")))
        let error = storeError {
            try test.commit(
                .createMachine(.sample(2)), .goOn(.sample(1, status: .failed, lastEvent: 9), closed: [3]),
                .start(.sample(2, name: "free"), opened: [2]), .start(.sample(3, name: "taken")))
        }
        #expect(error?.code == .conflict)
        #expect(try test.store.machines().map(\.id) == [1])
        #expect(try test.store.revision(2) == nil)
        #expect(try test.store.execution(id: run(1))?.status == .running)
        #expect(try test.store.execution(id: run(2)) == nil)
        #expect(try test.store.execution(machine: 1, name: "free") == nil)
        #expect(try test.store.events(execution: run(2), from: 1, through: 9, limit: 9).isEmpty)
        #expect(try test.store.openTasks(after: nil, limit: 9).isEmpty)
        #expect(try test.store.executionCounts() == [.running: 1])
        try test.commit(.start(.sample(2, name: "free")))
        #expect(try test.store.execution(machine: 1, name: "free")?.number == 2)
    }

    @Test("Two executions of one name in a batch are a conflict.", arguments: StoreKind.allCases)
    func conflictWithin(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let error = storeError { try test.commit(.start(.sample(1, name: "a")), .start(.sample(2, name: "a"))) }
        #expect(error?.code == .conflict)
        #expect(try test.store.highestNumber() == 0)
    }

    @Test("The same name is free under another machine.", arguments: StoreKind.allCases)
    func namesByMachine(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.commit(.createMachine(.sample(1)), .createMachine(.sample(2)))
        try test.commit(.start(.sample(1, machine: 1, name: "a")), .start(.sample(2, machine: 2, name: "a")))
        #expect(try test.store.execution(machine: 1, name: "a")?.number == 1)
        #expect(try test.store.execution(machine: 2, name: "a")?.number == 2)
        #expect(try test.store.execution(machine: 2, name: "A") == nil)
    }

    struct Refusal: CustomTestStringConvertible {
        var name: String
        var change: Change
        var testDescription: String { name }
    }

    static let refusals = [
        Refusal(name: "an id that is there", change: .start(.sample(1, name: "other"), events: .sample(1, 7...8))),
        Refusal(name: "events that are there", change: .start(.sample(9), events: .sample(1, 1...9))),
        Refusal(name: "a task that is open", change: .goOn(.sample(1), opened: [2])),
        Refusal(name: "an execution that is not there", change: .goOn(.sample(9))),
        Refusal(name: "the end of one that is not there", change: .goOn(.sample(9, status: .failed))),
        Refusal(name: "the update of no machine", change: .updateMachine(.sample(9))),
        Refusal(name: "the deletion of no machine", change: .deleteMachine(id: 9, at: time(1))),
        Refusal(name: "a revision that is there", change: .updateMachine(.sample(1, revision: 1))),
    ]

    @Test(
        "What cannot be true is refused and changes nothing.", arguments: StoreKind.allCases,
        StoreContractTests.refusals)
    func refused(kind: StoreKind, refusal: Refusal) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1), opened: [2]))
        let error = storeError { try test.commit(.start(.sample(5)), refusal.change) }
        #expect(error?.code == .failed)
        #expect(try test.store.execution(id: run(5)) == nil)
        #expect(try test.store.execution(id: run(1)) == .sample(1))
        #expect(try test.store.executionCounts() == [.running: 1])
        try test.commit(.start(.sample(5)))
    }

    // MARK: Machines

    @Test("A machine reads back as it was written.", arguments: StoreKind.allCases)
    func machine(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let expected = MachineRecord.sample(1)
        for _ in 0..<2 {
            #expect(try test.store.machines() == [expected])
            #expect(try test.store.machine(arn: expected.arn) == expected)
            #expect(try test.store.machine(id: 1) == expected)
            #expect(try test.store.revision(1) == expected.revision)
            try test.reopen()
        }
        #expect(try test.store.machine(arn: "arn:none") == nil)
        #expect(try test.store.machine(id: 2) == nil)
        #expect(try test.store.revision(2) == nil)
    }

    @Test("Machines are listed by ARN.", arguments: StoreKind.allCases)
    func machinesInOrder(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.commit(
            .createMachine(.sample(1, arn: "arn:b")), .createMachine(.sample(2, arn: "arn:a")),
            .createMachine(.sample(3, arn: "arn:B")))
        #expect(try test.store.machines().map(\.arn) == ["arn:B", "arn:a", "arn:b"])
    }

    @Test("An update brings a new revision; the old one stays.", arguments: StoreKind.allCases)
    func update(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        var updated = MachineRecord.sample(1, revision: 7)
        updated.tags = "[]"
        try test.commit(.updateMachine(updated))
        #expect(try test.store.machine(id: 1) == updated)
        #expect(try test.store.machines() == [updated])
        #expect(try test.store.revision(1) == .sample(1, machine: 1))
        #expect(try test.store.revision(7)?.revisionID == "uuid-7")
    }

    @Test("A deleted machine is not listed, but found; its executions stay.", arguments: StoreKind.allCases)
    func deletion(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1)))
        try test.commit(.deleteMachine(id: 1, at: time(77)))
        #expect(try test.store.machines().isEmpty)
        #expect(try test.store.machine(arn: MachineRecord.sample(1).arn)?.deletionDate == time(77))
        #expect(try test.store.machine(id: 1)?.deletionDate == time(77))
        #expect(try test.store.execution(machine: 1, name: "run-1")?.number == 1)
        #expect(storeError { try test.commit(.deleteMachine(id: 1, at: time(78))) }?.code == .failed)
        #expect(storeError { try test.commit(.updateMachine(.sample(1, revision: 3))) }?.code == .failed)
    }

    @Test("A deleted machine comes back with a new revision.", arguments: StoreKind.allCases)
    func revival(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.deleteMachine(id: 1, at: time(77)))
        let again = MachineRecord.sample(1, revision: 2)
        try test.commit(.createMachine(again))
        #expect(try test.store.machines() == [again])
        #expect(try test.store.revision(1) != nil)
    }

    @Test("A machine's ARN or id that is taken is a conflict.", arguments: StoreKind.allCases)
    func machineConflict(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let arn = MachineRecord.sample(1).arn
        #expect(storeError { try test.commit(.createMachine(.sample(2, arn: arn))) }?.code == .conflict)
        #expect(storeError { try test.commit(.createMachine(.sample(1, revision: 2))) }?.code == .conflict)
        try test.commit(.deleteMachine(id: 1, at: time(77)))
        #expect(storeError { try test.commit(.createMachine(.sample(2, arn: arn))) }?.code == .conflict)
        let other = MachineRecord.sample(1, revision: 2, arn: "arn:other")
        #expect(storeError { try test.commit(.createMachine(other)) }?.code == .conflict)
        #expect(try test.store.highestIDs() == HighestIDs(machine: 1, revision: 1, execution: 0))
    }

    // MARK: Executions

    @Test("An execution reads back as it was written, and again after each turn.", arguments: StoreKind.allCases)
    func execution(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let turns: [ExecutionRecord] = [
            .sample(2, lastEvent: 3), .sample(2, lastEvent: 4, wakeAt: 9_000), .sample(2, lastEvent: 5, wakeAt: 8_000),
            .sample(2, lastEvent: 6), .sample(2, status: .timedOut, lastEvent: 7),
            .sample(2, status: .running, lastEvent: 8, wakeAt: 7_000), .sample(2, status: .succeeded, lastEvent: 9),
        ]
        for (index, turn) in turns.enumerated() {
            try test.commit(index == 0 ? .start(turn) : .goOn(turn))
            #expect(try test.store.execution(id: run(2)) == turn)
            #expect(try test.store.execution(machine: 1, name: "run-2") == turn)
            #expect(try test.store.executionCounts() == [turn.status: 1])
            #expect(try test.store.nextWake() == turn.wakeAt)
            let running = try test.store.executions(ExecutionQuery(machine: 1, status: .running, limit: 5))
            #expect(running == (turn.status == .running ? [turn] : []))
        }
        try test.reopen()
        #expect(try test.store.execution(id: run(2)) == turns.last)
    }

    @Test("Names and texts keep every character.", arguments: StoreKind.allCases)
    func texts(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let names = ["", "é", "e\u{301}", "a\u{0}b", "日本", String(repeating: "x", count: 80)]
        for (index, name) in names.enumerated() {
            var execution = ExecutionRecord.sample(Int64(index + 1), name: name)
            execution.traceHeader = name
            try test.commit(.start(execution))
            #expect(try test.store.execution(id: execution.id)?.traceHeader?.utf8.elementsEqual(name.utf8) == true)
        }
    }

    @Test("Executions are counted by status.", arguments: StoreKind.allCases)
    func counts(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        #expect(try test.store.executionCounts() == [:])
        var id: Int64 = 0
        for (status, count) in zip(ExecutionStatus.allCases, 1...) {
            for _ in 0..<count {
                id += 1
                try test.commit(.start(.sample(id, status: status)))
            }
        }
        #expect(
            try test.store.executionCounts() == [.running: 1, .succeeded: 2, .failed: 3, .timedOut: 4, .aborted: 5])
        try test.commit(.goOn(.sample(1, status: .aborted)), .goOn(.sample(1, status: .aborted, lastEvent: 4)))
        #expect(try test.store.executionCounts() == [.succeeded: 2, .failed: 3, .timedOut: 4, .aborted: 6])
    }

    @Test("The highest ids are counted on from.", arguments: StoreKind.allCases)
    func highestIDs(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        #expect(try test.store.highestIDs() == HighestIDs(machine: 0, revision: 0, execution: 0))
        try test.commit(.createMachine(.sample(3, revision: 8)))
        try test.commit(.start(.sample(4_000_000_000, machine: 3)), .start(.sample(12, machine: 3)))
        try test.reopen()
        #expect(try test.store.highestIDs() == HighestIDs(machine: 3, revision: 8, execution: run(4_000_000_000)))
    }

    // MARK: ListExecutions

    @Test("Executions are listed newest first, page by page, by status.", arguments: StoreKind.allCases)
    func pages(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.commit(.createMachine(.sample(1)), .createMachine(.sample(2)))
        var all: [ExecutionRecord] = []
        for id in Int64(1)...60 {
            // Starts that coincide, and ids out of the order of starts.
            all.append(
                .sample(
                    id, machine: id % 7 == 0 ? 2 : 1, status: ExecutionStatus.allCases[Int(id % 5)],
                    start: 1_000 + (id * 37 % 20)))
        }
        try test.store.commit(all.map { .start($0) }, epoch: test.epoch)
        for status in [nil] + ExecutionStatus.allCases {
            for limit in [1, 4, 60] {
                let listed = try list(test.store, ExecutionQuery(machine: 1, status: status, limit: limit))
                let expected = all.filter { $0.machine == 1 && status ?? $0.status == $0.status }
                    .sorted { ($0.startDate, $0.id) > ($1.startDate, $1.id) }
                #expect(listed == expected)
            }
        }
        // Executions of the contract's samples are closed 10 ms after their start.
        let recent = try list(
            test.store, ExecutionQuery(machine: 1, closedSince: Timestamp(milliseconds: 1_018), limit: 4))
        #expect(recent.count < all.count && recent.contains { $0.status != .running })
        #expect(recent.allSatisfy { $0.status == .running || $0.startDate.milliseconds >= 1_008 })
        #expect(
            recent.count
                == all.count { $0.machine == 1 && ($0.stopDate?.milliseconds ?? .max) >= 1_018 })
        #expect(try test.store.executions(ExecutionQuery(machine: 3, limit: 5)).isEmpty)
        #expect(try test.store.executions(ExecutionQuery(machine: 1, limit: 0)).isEmpty)
    }

    private func list(_ store: any Store, _ query: ExecutionQuery) throws -> [ExecutionRecord] {
        var query = query
        var rows: [ExecutionRecord] = []
        while true {
            let page = try store.executions(query)
            #expect(page.count <= query.limit)
            guard let last = page.last else { return rows }
            rows += page
            query.after = ExecutionQuery.Position(startDate: last.startDate, id: last.id)
        }
    }

    // MARK: Histories

    struct Range: CustomTestStringConvertible {
        var from: Int
        var through: Int
        var limit = 99
        var firsts: [Int]
        var testDescription: String { "\(from)...\(through), \(limit) rows at most" }
    }

    /// Rows begin at 1, 4, 5, 9 and end at 12.
    static let ranges = [
        Range(from: 1, through: 12, firsts: [1, 4, 5, 9]), Range(from: 1, through: 3, firsts: [1]),
        Range(from: 3, through: 4, firsts: [1, 4]), Range(from: 6, through: 8, firsts: [5]),
        Range(from: 9, through: 9, firsts: [9]), Range(from: 11, through: 40, firsts: [9]),
        Range(from: 13, through: 40, firsts: []), Range(from: 5, through: 4, firsts: []),
        Range(from: 1, through: 12, limit: 2, firsts: [1, 4]), Range(from: 4, through: 12, limit: 2, firsts: [4, 5]),
        Range(from: 1, through: 12, limit: 0, firsts: []), Range(from: 0, through: .max, firsts: [1, 4, 5, 9]),
    ]

    @Test("A history is read by event ids.", arguments: StoreKind.allCases, StoreContractTests.ranges)
    func history(kind: StoreKind, range: Range) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        // Neighbours on both sides, which must not show.
        try test.commit(.start(.sample(1, lastEvent: 20)), .start(.sample(3, lastEvent: 20)))
        try test.commit(.start(.sample(2, lastEvent: 3)))
        try test.commit(.goOn(.sample(2, lastEvent: 4), events: .sample(2, 4...4, bytes: 0)))
        try test.commit(.goOn(.sample(2, lastEvent: 8), events: .sample(2, 5...8, bytes: 9_000)))
        try test.commit(.goOn(.sample(2, lastEvent: 12), events: .sample(2, 9...12, bytes: 300_000)))
        let rows = try test.store.events(
            execution: run(2), from: range.from, through: range.through, limit: range.limit)
        #expect(rows.map(\.firstID) == range.firsts)
        let written: [Int: EventsRecord] = [
            1: .sample(2, 1...3), 4: .sample(2, 4...4, bytes: 0), 5: .sample(2, 5...8, bytes: 9_000),
            9: .sample(2, 9...12, bytes: 300_000),
        ]
        for row in rows { #expect(row == written[row.firstID]) }
    }

    @Test("An execution without events has no history.", arguments: StoreKind.allCases)
    func noHistory(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1)))
        #expect(try test.store.events(execution: run(2), from: 1, through: 9, limit: 9).isEmpty)
        #expect(try test.store.events(execution: .max, from: 1, through: 9, limit: 9).isEmpty)
        #expect(try test.store.events(execution: run(0), from: 1, through: 9, limit: 9).isEmpty)
    }

    // MARK: Tasks and time

    @Test("Open tasks are those let out and not yet ended, page by page.", arguments: StoreKind.allCases)
    func tasks(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(2), opened: [7, 3]), .start(.sample(1), opened: [30, 4, 5]))
        try test.commit(.goOn(.sample(1, lastEvent: 6), opened: [31], closed: [4, 99]))
        try test.reopen()
        var found: [OpenTaskRecord] = []
        while true {
            let page = try test.store.openTasks(after: found.last, limit: 2)
            if page.isEmpty { break }
            found += page
        }
        let expected: [(Int64, Int)] = [(1, 5), (1, 30), (1, 31), (2, 3), (2, 7)]
        #expect(found == expected.map { OpenTaskRecord(execution: run($0.0), scheduledEvent: $0.1) })
    }

    @Test("What is due comes earliest first; closed executions are never due.", arguments: StoreKind.allCases)
    func due(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        #expect(try test.store.nextWake() == nil)
        let executions: [ExecutionRecord] = [
            .sample(1, wakeAt: 300), .sample(2, wakeAt: 100), .sample(3), .sample(4, wakeAt: 100),
            .sample(5, status: .succeeded, wakeAt: 50), .sample(6, wakeAt: 301),
        ]
        try test.store.commit(executions.map { .start($0) }, epoch: test.epoch)
        #expect(try test.store.nextWake() == time(100))
        #expect(try test.store.due(at: time(99), limit: 9).isEmpty)
        #expect(try test.store.due(at: time(300), limit: 9).map(\.number) == [2, 4, 1])
        #expect(try test.store.due(at: time(300), limit: 2).map(\.number) == [2, 4])
        #expect(try test.store.due(at: .distantFuture, limit: 9).map(\.number) == [2, 4, 1, 6])
        try test.commit(.goOn(.sample(2, status: .aborted)), .goOn(.sample(4, wakeAt: 400)))
        #expect(try test.store.due(at: time(350), limit: 9) == [.sample(1, wakeAt: 300), .sample(6, wakeAt: 301)])
        #expect(try test.store.nextWake() == time(300))
    }

    // MARK: Threads

    @Test("Readers on many threads see whole batches while one thread commits.", arguments: StoreKind.allCases)
    func threads(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        let store = test.store
        let epoch = test.epoch
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for batch in Int64(0)..<100 {
                    let ids = (batch * 4 + 1)...(batch * 4 + 4)
                    try store.commit(ids.map { .start(.sample($0), opened: [2]) }, epoch: epoch)
                }
            }
            for _ in 0..<6 {
                group.addTask {
                    for _ in 0..<100 {
                        #expect(try store.executionCounts()[.running, default: 0].isMultiple(of: 4))
                        #expect(try store.openTasks(after: nil, limit: 1_000).count.isMultiple(of: 4))
                        let id = try store.highestNumber()
                        #expect(id.isMultiple(of: 4))
                        if id > 0 {
                            #expect(try store.events(execution: run(id), from: 1, through: 3, limit: 1).count == 1)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.executionCounts() == [.running: 400])
    }

    @Test("A closed store refuses.", arguments: StoreKind.allCases)
    func closed(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        test.store.close()
        #expect(storeError { _ = try test.store.machines() }?.code == .failed)
        #expect(storeError { try test.commit() }?.code == .failed)
        #expect(storeError { _ = try test.store.claim() }?.code == .failed)
    }

    // MARK: Activities and open tasks

    @Test("An activity stays with its first date, takes other tags, and goes.", arguments: StoreKind.allCases)
    func activities(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        func record(_ name: String, _ date: Int64, tags: String = "[]") -> ActivityRecord {
            ActivityRecord(arn: "arn:\(name)", name: name, creationDate: Timestamp(milliseconds: date), tags: tags)
        }
        try test.commit(.putActivity(record("b", 1)), .putActivity(record("a", 2)))
        try test.commit(.putActivity(record("b", 3, tags: "[1]")))
        try test.reopen()
        #expect(try test.store.activities() == [record("a", 2), record("b", 1, tags: "[1]")])
        try test.commit(.deleteActivity(arn: "arn:b"), .deleteActivity(arn: "arn:c"))
        #expect(try test.store.activities().map(\.name) == ["a"])
        #expect(storeError { try test.commit(.deleteActivity(arn: "arn:a"), .updateMachine(.sample(9))) } != nil)
        #expect(try test.store.activities().map(\.name) == ["a"])
    }

    @Test("News of an open task stays with it; a task that is not there is passed over.", arguments: StoreKind.allCases)
    func changedTasks(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1), opened: [2, 5]))
        let beat = Timestamp(milliseconds: 77)
        try test.commit(.changeTask(OpenTaskRecord(execution: run(1), scheduledEvent: 2, heartbeat: beat)))
        try test.commit(
            .changeTask(OpenTaskRecord(execution: run(1), scheduledEvent: 2, isDelivered: true)),
            .changeTask(OpenTaskRecord(execution: run(1), scheduledEvent: 9, isDelivered: true)))
        try test.reopen()
        let delivered = OpenTaskRecord(execution: run(1), scheduledEvent: 2, isDelivered: true, heartbeat: beat)
        let untouched = OpenTaskRecord(execution: run(1), scheduledEvent: 5)
        #expect(try test.store.openTasks(after: nil, limit: 9) == [delivered, untouched])
        #expect(
            storeError {
                try test.commit(.closeTask(execution: run(1), scheduledEvent: 2), .updateMachine(.sample(9)))
            } != nil)
        #expect(try test.store.openTasks(after: nil, limit: 9) == [delivered, untouched])
        try test.commit(
            .closeTask(execution: run(1), scheduledEvent: 2), .closeTask(execution: run(1), scheduledEvent: 2))
        #expect(try test.store.openTasks(after: nil, limit: 9) == [untouched])
    }

    @Test("A closed execution that is redriven runs again and remembers it.", arguments: StoreKind.allCases)
    func redriven(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1)))
        var record = ExecutionRecord.sample(1, status: .failed, lastEvent: 4)
        record.stopDate = Timestamp(milliseconds: 50)
        try test.commit(.goOn(record))
        record.status = .running
        record.stopDate = nil
        record.redriveCount = 1
        record.redriveDate = Timestamp(milliseconds: 60)
        record.lastEventID = 5
        try test.commit(.goOn(record))
        try test.reopen()
        #expect(try test.store.execution(id: run(1)) == record)
        #expect(try test.store.executionCounts() == [.running: 1])
    }

    // MARK: Versions and aliases

    private func version(_ number: Int) -> VersionRecord {
        VersionRecord(machine: 1, number: number, revision: 1, description: "v\(number)", creationDate: time(7))
    }

    private func alias(_ name: String, _ routes: [AliasRecord.Route], updated: Int64 = 8) -> AliasRecord {
        AliasRecord(
            machine: 1, name: name, description: nil, routes: routes, creationDate: time(8), updateDate: time(updated))
    }

    @Test("A message stays until a commit consumes it, and is found by its slot.", arguments: StoreKind.allCases)
    func messages(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        let messages = (1...5).map { MessageRecord(id: $0, slot: $0 % 2 == 0 ? 63 : 7, body: [UInt8($0)]) }
        for message in messages { try test.commit(.send(message)) }
        #expect(try test.store.highestIDs().message == 5)
        try test.reopen()
        #expect(try test.store.messages(to: [63], after: 0, limit: 10) == [messages[1], messages[3]])
        #expect(try test.store.messages(to: [7], after: 1, limit: 1) == [messages[2]])
        #expect(try test.store.messages(to: [0], after: 0, limit: 10) == [])
        try test.commit(.consume(message: 2), .consume(message: 99))
        #expect(try !test.store.holdsMessage(2))
        #expect(try test.store.holdsMessage(4))
        #expect(try test.store.messages(to: [7, 63], after: 0, limit: 10).map(\.id) == [1, 3, 4, 5])
        #expect(storeError { try test.commit(.consume(message: 4), .send(messages[0])) } != nil)
        #expect(try test.store.holdsMessage(4))
    }

    @Test("A task keeps its job while it is open.", arguments: StoreKind.allCases)
    func jobs(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1), opened: [2, 3]))
        try test.commit(.changeTask(OpenTaskRecord(execution: run(1), scheduledEvent: 3, job: 128)))
        try test.commit(.changeTask(OpenTaskRecord(execution: run(1), scheduledEvent: 3, isDelivered: true)))
        try test.reopen()
        let task = OpenTaskRecord(execution: run(1), scheduledEvent: 3, isDelivered: true, job: 128)
        #expect(try test.store.openTask(execution: run(1), scheduledEvent: 3) == task)
        #expect(try test.store.openTask(execution: run(1), scheduledEvent: 4) == nil)
        #expect(try test.store.openTasksWithJob(after: nil, limit: 10) == [task])
        #expect(try test.store.openTasksWithJob(after: task, limit: 10) == [])
        try test.commit(.closeTask(execution: run(1), scheduledEvent: 3))
        #expect(try test.store.openTasksWithJob(after: nil, limit: 10) == [])
    }

    @Test("Versions count up, also past deleted ones, and go with their machine.", arguments: StoreKind.allCases)
    func versions(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.createVersion(version(1)), .createVersion(version(2)))
        try test.commit(.deleteVersion(machine: 1, number: 2), .deleteVersion(machine: 1, number: 9))
        #expect(storeError { try test.commit(.createVersion(self.version(2))) } != nil)
        try test.commit(.createVersion(version(3)))
        try test.reopen()
        #expect(try test.store.versions() == [version(1), version(3)])
        #expect(try test.store.machine(id: 1)?.lastVersion == 3)
        try test.commit(.putAlias(alias("live", [.init(version: 1, weight: 100)])), .deleteMachine(id: 1, at: time(9)))
        #expect(try test.store.versions().isEmpty)
        #expect(try test.store.aliases().isEmpty)
        try test.commit(.createMachine(.sample(1, revision: 5)))
        #expect(try test.store.machine(id: 1)?.lastVersion == 0)
    }

    @Test("An alias keeps its creation date and takes new routes.", arguments: StoreKind.allCases)
    func aliases(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.createVersion(version(1)), .createVersion(version(2)))
        try test.commit(
            .putAlias(alias("b", [.init(version: 1, weight: 100)])),
            .putAlias(alias("a", [.init(version: 2, weight: 100)])))
        let both: [AliasRecord.Route] = [.init(version: 1, weight: 30), .init(version: 2, weight: 70)]
        try test.commit(.putAlias(alias("b", both, updated: 20)))
        try test.reopen()
        #expect(
            try test.store.aliases() == [alias("a", [.init(version: 2, weight: 100)]), alias("b", both, updated: 20)])
        #expect(storeError { try test.commit(.deleteAlias(machine: 1, name: "a"), .updateMachine(.sample(9))) } != nil)
        try test.commit(.deleteAlias(machine: 1, name: "b"), .deleteAlias(machine: 1, name: "c"))
        #expect(try test.store.aliases().map(\.name) == ["a"])
    }

    @Test("Executions are found by the version and the alias that started them.", arguments: StoreKind.allCases)
    func executionsByVersion(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        var records = (1...4).map { ExecutionRecord.sample(Int64($0)) }
        records[1].version = 1
        records[2].version = 1
        records[2].alias = "live"
        for record in records { try test.commit(.start(record)) }
        try test.reopen()
        func ids(_ query: ExecutionQuery) throws -> [Int64] { try test.store.executions(query).map(\.number) }
        #expect(try ids(ExecutionQuery(machine: 1, limit: 9)) == [4, 3, 2, 1])
        #expect(try ids(ExecutionQuery(machine: 1, version: 1, limit: 9)) == [3, 2])
        #expect(try ids(ExecutionQuery(machine: 1, status: .running, alias: "live", limit: 9)) == [3])
        #expect(try ids(ExecutionQuery(machine: 1, version: 2, limit: 9)).isEmpty)
        #expect(try test.store.execution(id: run(3))?.alias == "live")
    }

    @Test("A deleted machine is told of while executions run.", arguments: StoreKind.allCases)
    func deletingMachines(kind: StoreKind) throws {
        let test = try StoreUnderTest(kind)
        try test.createMachine()
        try test.commit(.start(.sample(1)), .tagMachine(id: 1, tags: "[9]"))
        #expect(try test.store.machines().map(\.tags) == ["[9]"])
        #expect(try test.store.deletingMachines().isEmpty)
        try test.commit(.deleteMachine(id: 1, at: time(9)))
        #expect(try test.store.deletingMachines().map(\.id) == [1])
        #expect(storeError { try test.commit(.tagMachine(id: 1, tags: "[]")) } != nil)
        try test.commit(.goOn(.sample(1, status: .succeeded, lastEvent: 4)))
        #expect(try test.store.deletingMachines().isEmpty)
    }
}
