// From one schema to the next: whole or not at all.

import CSQLite
import Core
import JSON
import States
import Testing

@testable import Storage

@Suite("Migrations")
struct MigrationTests {
    let folder = TemporaryFolder()

    @Test("They are numbered from 1 without gaps.")
    func numbers() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.newest))
    }

    @Test("An empty file gets the newest schema, which is left alone from then on.")
    func fromNothing() throws {
        let connection = try Connection(path: ":memory:", flags: SQLITE_OPEN_READWRITE)
        try connection.migrate()
        let schema = try self.schema(connection)
        #expect(schema.contains("executions"))
        try connection.migrate()
        #expect(try self.schema(connection) == schema)
        #expect(try connection.integer("PRAGMA user_version") == Migration.newest)
    }

    private static let second = Migration(
        number: 2, name: "Second", sql: "CREATE TABLE second (id INTEGER PRIMARY KEY); INSERT INTO second VALUES (1);")
    private static let broken = Migration(
        number: 3, name: "Broken", sql: "CREATE TABLE third (id INTEGER PRIMARY KEY); DROP TABLE meta; INVALID;")

    @Test("Those that are missing are made in order.")
    func onwards() throws {
        let connection = try Connection(path: ":memory:", flags: SQLITE_OPEN_READWRITE)
        try connection.migrate([.initial])
        try connection.migrate([.initial, Self.second])
        #expect(try connection.integer("SELECT id FROM second") == 1)
        #expect(try connection.integer("PRAGMA user_version") == 2)
    }

    @Test("One that fails leaves the schema before it, whole.")
    func failure() throws {
        let connection = try Connection(path: ":memory:", flags: SQLITE_OPEN_READWRITE)
        try connection.migrate([.initial])
        let error = storeError { try connection.migrate([.initial, Self.second, Self.broken]) }
        #expect(error?.code == .failed)
        #expect(error?.message.contains("syntax error") == true)
        #expect(try connection.integer("PRAGMA user_version") == 2)
        #expect(try schema(connection).contains("second"))
        #expect(try schema(connection).contains("meta"))
        #expect(try !schema(connection).contains("third"))
    }

    @Test("A file of a newer version is refused with what to do, and left as it is.")
    func newer() throws {
        try SQLiteStore.open(folder: folder.path).close()
        try alter("PRAGMA user_version = 99")
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .newerSchema)
        #expect(error?.message == "The store has schema 99; this version of Newel knows \(Migration.newest) at most")
        #expect(error?.hint.isEmpty == false)
        try alter("PRAGMA user_version = \(Migration.newest)")
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test(
        "A database of another program is refused.",
        arguments: ["CREATE TABLE other (id)", "PRAGMA application_id = 7", "PRAGMA user_version = 3"])
    func foreign(sql: String) throws {
        let state = try StateFolder(path: folder.path, allowNetworkFileSystem: false)
        let connection = try Connection(path: state.database, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        try connection.execute(sql)
        // An application id alone is taken for an empty file, as it is one.
        if sql.contains("application_id") { try connection.execute("CREATE TABLE other (id)") }
        #expect(storeError { try connection.migrate() }?.code == .corrupt)
    }

    @Test("Open .sync tasks of schema 5 get the executions that they wait for.")
    func jobs() throws {
        var store = try SQLiteStore.open(folder: folder.path)
        let machine = MachineRecord.sample(1)
        let parent = ExecutionRecord.sample(1, lastEvent: 4)
        let named: JSONValue = ["StateMachineArn": .string(machine.arn + ":7"), "Name": "run-2"]
        let fresh: JSONValue = ["StateMachineArn": .string(machine.arn)]
        let missing: JSONValue = ["StateMachineArn": .string(machine.arn), "Name": "missing"]
        let tasks = [
            ("startExecution.sync:2", named), ("startExecution.sync", fresh), ("startExecution", named),
            ("startExecution.sync", missing),
        ]
        let events = tasks.enumerated().map { index, task in
            JournalRecord(
                id: index + 1, previous: index, timestamp: time(1), frame: 0,
                kind: .taskScheduled(
                    TaskScheduled(
                        family: .service(resourceType: "states", resource: task.0), resource: task.0,
                        input: Payload(task.1))))
        }
        let attempt = TaskInvocation(
            execution: parent.id, executionARN: "", scheduledEvent: 2,
            scheduled: TaskScheduled(family: .activity, resource: "", input: .emptyObject))
        let record = EventsRecord(execution: parent.id, firstID: 1, lastID: 4, body: RecordCoding.encode(events))
        let epoch = try store.claim()
        try store.commit(
            [
                .createMachine(machine), .start(parent, events: record, opened: [1, 2, 3, 4]),
                .start(.sample(2)), .start(.sample(3, name: attempt.uuid)),
            ], epoch: epoch)
        store.close()
        try alter(
            """
            DROP TABLE messages; DROP INDEX tasks_with_job; ALTER TABLE tasks DROP COLUMN job; PRAGMA user_version = 5
            """)
        store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let found = try store.openTasks(after: nil, limit: 10)
        #expect(found.map(\.job) == [run(2), run(3), nil, nil])
        let slots = Set((0..<64).map { Int64($0) })
        let messages = try store.messages(to: slots, after: 0, limit: 10)
        #expect(messages.map(\.slot) == [run(2), run(3)].map(Slot.of(execution:)))
        #expect(
            messages.map { String(decoding: $0.body, as: UTF8.self) }
                == [(1, run(2)), (2, run(3))].map { event, child in
                    #"{"kind":"awaitChild","execution":\#(parent.id),"event":\#(event),"child":\#(child)}"#
                })
    }

    private func schema(_ connection: Connection) throws -> [String] {
        try connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").rows { $0.text(0) }
    }

    private func alter(_ sql: String) throws {
        try Connection(path: folder.database, flags: SQLITE_OPEN_READWRITE).execute(sql)
    }
}
