// What one turn of a shard plans.

import Core
import Engine
import JSON
import Simulation
import States
import Storage
import Testing

@Suite("Turns of a shard")
struct ShardTests {
    static let loop =
        #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.end","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}"#
    static let waiting =
        #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Wait","Seconds":60,"End":true}}}"#

    static let working =
        #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true}}}"#

    /// Plans the first turn of an execution of `definition` at time 0.
    private func firstTurn(
        _ definition: String, _ configuration: EngineConfiguration = EngineConfiguration(), input: String = "{}"
    ) throws -> (turn: Turn, record: ExecutionRecord, resident: Int) {
        let store = MemoryStore()
        let epoch = try store.claim()
        let revision = RevisionRecord(
            id: 1, machine: 1, revisionID: nil, definition: definition, roleARN: "arn:aws:iam::000000000000:role/r",
            creationDate: Timestamp(milliseconds: 0), loggingConfiguration: "{}", tracingConfiguration: "{}",
            encryptionConfiguration: "{}")
        let machine = MachineRecord(
            id: 1, arn: "arn:aws:states:us-east-1:000000000000:stateMachine:m", name: "m", type: "STANDARD",
            creationDate: revision.creationDate, revision: revision)
        try store.commit([.createMachine(machine)], epoch: epoch)
        let catalog = Catalog(store: store, limits: Limits())
        try catalog.load()
        let entry = try #require(catalog.entry(arn: machine.arn))
        let payload = Payload(try JSONValue.parse(input))
        var shard = Shard(
            store: store, catalog: catalog, configuration: configuration, numbers: ExecutionNumbers(after: 0),
            messageIDs: MessageIDs(after: 0))
        let turn = shard.turn(
            [
                .start(
                    StartCommand(
                        entry: entry, id: 1, arn: ExecutionARN.make(machine.arn, "e"), name: "e", nameIsFresh: true,
                        input: payload, seed: 1, traceHeader: nil, replyTo: nil))
            ], now: Timestamp(milliseconds: 0))
        try store.commit(turn.changes, epoch: epoch)
        return (turn, try #require(try store.execution(id: 1)), shard.residentCount)
    }

    @Test("An execution that a turn's budget cuts off goes on by itself: its row is due, and no alarm is set.")
    func cutOff() throws {
        let (turn, record, _) = try firstTurn(Self.loop)
        #expect(record.wakeAt == Timestamp(milliseconds: 0))
        #expect(turn.wakeAt == nil)
    }

    @Test("An execution that waits sets the alarm for the end of its wait.")
    func waits() throws {
        let (turn, record, _) = try firstTurn(Self.waiting)
        #expect(record.wakeAt == Timestamp(milliseconds: 60_000))
        #expect(turn.wakeAt == Timestamp(milliseconds: 60_000))
    }

    @Test(
        "An execution whose task is out stays in memory where its data finds room.",
        arguments: [(5_000, 1), (1_000, 0)])
    func room(bytes: Int, resident: Int) throws {
        var configuration = EngineConfiguration(shards: 1)
        configuration.limits.turn.residentBytes = bytes
        let input = "{\"a\":\"\(String(repeating: "x", count: 2_000))\"}"
        let first = try firstTurn(Self.working, configuration, input: input)
        #expect(first.turn.effects.count == 1)
        #expect(first.resident == resident)
    }
}
