// What the next start learns of the end of the process, and what becomes of executions that ended it.

import Engine
import EngineSupport
import Core
import Foundation
import JSON
import Logging
import States
import Storage
import Testing

@Suite("Crash record and quarantine")
struct CrashRecordTests {
    private static func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("newel-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("An execution that was being advanced at two ends of the process is poison, with whatever was between.")
    func poison() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = CrashRecord(folder: folder)
        #expect(!first.previous.isSuspicious)
        first.slot(.shard, 1)?.begin(64)
        let second = CrashRecord(folder: folder)
        #expect(second.previous.executions == [64] && second.previous.poison.isEmpty)
        #expect(second.suspected == [64])
        // It does not come to its turn in this life.
        let third = CrashRecord(folder: folder)
        #expect(!third.previous.isSuspicious && third.suspected == [64])
        third.slot(.evaluation, 0)?.begin(64)
        #expect(CrashRecord(folder: folder).previous.poison == [64])
    }

    @Test("A turn that ends, and a process that ends by itself, leave no suspect.")
    func exonerated() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = CrashRecord(folder: folder)
        let slot = try #require(first.slot(.shard, 0))
        slot.begin(64)
        slot.end()
        slot.begin(128)
        let second = CrashRecord(folder: folder)
        #expect(second.previous.executions == [128])
        second.completed(128)
        second.slot(.shard, 0)?.begin(128)
        let third = CrashRecord(folder: folder)
        #expect(third.previous.poison.isEmpty && third.suspected == [128])
        third.slot(.shard, 0)?.begin(128)
        third.ended()
        #expect(!CrashRecord(folder: folder).previous.isSuspicious)
    }

    @Test("A record that is cut or foreign is begun anew.", arguments: ["", "foreign"])
    func damaged(text: String) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/newel.crash"))
        #expect(!CrashRecord(folder: folder).previous.isSuspicious)
    }

    /// An engine whose process before ended twice while it advanced the execution.
    private static func poisoned(_ folder: String, _ arn: String, _ id: Int64) async throws -> EngineHarness {
        CrashRecord(folder: folder).slot(.shard, 0)?.begin(id)
        CrashRecord(folder: folder).slot(.shard, 0)?.begin(id)
        let harness = try await EngineHarness(folder: folder, crashRecord: CrashRecord(folder: folder))
        try await harness.engine.resume()
        #expect(try await harness.engine.quarantinedExecutions().map(\.arn) == [arn])
        #expect(try await harness.engine.describeExecution(arn: arn).record.status == .running)
        return harness
    }

    private static func start() async throws -> (folder: String, arn: String, id: Int64) {
        let first = try await EngineHarness()
        let machine = try await first.create("m", NestedExecutionTests.waiting)
        let arn = try await first.engine.startExecution(StartExecution(stateMachineARN: machine)).arn
        let id = try await first.engine.describeExecution(arn: arn).record.id
        await first.close(keepFolder: true)
        return (first.folder, arn, id)
    }

    @Test("An execution in quarantine stays RUNNING over restarts, and StopExecution ends it.")
    func stop() async throws {
        let (folder, arn, id) = try await Self.start()
        let poisoned = try await Self.poisoned(folder, arn, id)
        await poisoned.close(keepFolder: true)
        let harness = try await EngineHarness(folder: folder)
        #expect(try await harness.engine.quarantinedExecutions().map(\.record.reason) == [.endedTheProcess])
        _ = try await harness.engine.stopExecution(arn: arn, error: "Operator", cause: nil)
        let description = try await harness.engine.describeExecution(arn: arn)
        #expect(description.record.status == .aborted)
        #expect(description.outcome == .aborted(Failure(error: "Operator")))
        #expect(try await harness.engine.quarantinedExecutions().isEmpty)
        #expect(try harness.executionCounts()[.aborted] == 1)
        await harness.close()
    }

    @Test("A released execution continues.")
    func release() async throws {
        let (folder, arn, id) = try await Self.start()
        let harness = try await Self.poisoned(folder, arn, id)
        try await harness.engine.releaseExecution(id: id)
        #expect(try await harness.engine.quarantinedExecutions().isEmpty)
        await #expect(throws: ServiceError.self) { try await harness.engine.releaseExecution(id: id) }
        // It can be advanced again.
        _ = try await harness.engine.stopExecution(arn: arn, error: nil, cause: nil)
        let events = try await harness.engine.executionHistory(arn: arn, from: nil, reverse: false, limit: 10).events
        #expect(events.map(\.kind.history.typeName) == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"])
        await harness.close()
    }

    @Test("Without a daemon the store's quarantine is listed, stopped and released as well.")
    func offline() async throws {
        let (folder, arn, id) = try await Self.start()
        let poisoned = try await Self.poisoned(folder, arn, id)
        await poisoned.close(keepFolder: true)
        let store = try SQLiteStore.open(folder: folder)
        let quarantine = try StoredQuarantine(store: store)
        #expect(try quarantine.executions().map(\.arn) == [arn])
        try quarantine.release(id, at: Timestamp(milliseconds: 1))
        #expect(try quarantine.executions().isEmpty)
        #expect(try store.execution(id: id)?.wakeAt != nil)
        try quarantine.stop(id, at: Timestamp(milliseconds: 1))
        #expect(try store.execution(id: id)?.status == .aborted)
        store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
