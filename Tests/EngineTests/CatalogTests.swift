// Revisions, versions, aliases, tags and the end of machines (api.md §3).

import Core
import Dispatch
import JSON
import States
import Storage
import Testing

@testable import Engine
import EngineSupport

@Suite("The catalog")
struct CatalogTests {
    static let other = #"{"StartAt":"S","States":{"S":{"Type":"Pass","Result":2,"End":true}}}"#

    private func code(_ body: () async throws -> Void) async -> ServiceError.Code? {
        let error = await #expect(throws: ServiceError.self) { try await body() }
        return error?.code
    }

    @Test("A start of a version that is not in memory compiles it on a reader queue, not on the caller's thread.")
    func compilation() async throws {
        let harness = try await EngineHarness()
        let arn = try await harness.create("m", EngineTests.pass)
        _ = try await harness.engine.publishVersion(arn: arn, revisionID: nil, description: nil)
        let revision = try #require(harness.engine.catalog.entry(arn: arn)?.revision.id)
        _ = try await harness.engine.updateStateMachine(UpdateStateMachine(arn: arn, definition: Self.other))
        #expect(harness.engine.catalog.cached(revision: revision) == nil)
        let held = DispatchSemaphore(value: 0)
        for _ in 0..<2 { harness.engine.readers.perform { held.wait() } }
        let (starts, started) = AsyncStream<Result<StartedExecution, ServiceError>>.makeStream()
        harness.engine.startExecution(StartExecution(stateMachineARN: arn + ":1")) { started.yield($0) }
        #expect(harness.engine.catalog.cached(revision: revision) == nil)
        for _ in 0..<2 { held.signal() }
        var iterator = starts.makeAsyncIterator()
        let start = try #require(await iterator.next()).get()
        #expect(harness.engine.catalog.cached(revision: revision) != nil)
        #expect(try await harness.end(of: start.arn).outcome == .succeeded(output: Payload([:])))
        await harness.close()
    }

    @Test("Numbers of versions are never given twice, not even after a restart.")
    func versionNumbers() async throws {
        let first = try await EngineHarness()
        let arn = try await first.create("m", EngineTests.pass)
        #expect(try await first.engine.publishVersion(arn: arn, revisionID: nil, description: "a").number == 1)
        #expect(
            try await first.engine.publishVersion(arn: arn, revisionID: "INITIAL", description: "b").description == "a")
        try await first.engine.deleteVersion(arn: arn + ":1")
        try await first.engine.deleteVersion(arn: arn + ":1")
        #expect(try await first.engine.publishVersion(arn: arn, revisionID: nil, description: nil).number == 2)
        try await first.engine.deleteVersion(arn: arn + ":2")
        await first.close(keepFolder: true)
        let second = try await EngineHarness(folder: first.folder)
        let updated = try await second.engine.updateStateMachine(
            UpdateStateMachine(arn: arn, definition: Self.other, publishing: Publishing(description: "c")))
        #expect(updated.version?.number == 3)
        let again = try await second.engine.updateStateMachine(
            UpdateStateMachine(arn: arn, definition: Self.other, publishing: Publishing(description: nil)))
        #expect(again.version == updated.version)
        #expect(try second.engine.listVersions(arn: arn, after: nil, limit: 9).versions.map(\.number) == [3])
        #expect(
            await code {
                _ = try await second.engine.publishVersion(arn: arn, revisionID: "INITIAL", description: nil)
            } == .conflictException)
        await second.close()
    }

    @Test("A version is started as it was published; an alias leads to it until it is moved.")
    func starts() async throws {
        let harness = try await EngineHarness()
        let arn = try await harness.create(
            "m", #"{"StartAt":"S","States":{"S":{"Type":"Pass","Result":1,"End":true}}}"#)
        _ = try await harness.engine.publishVersion(arn: arn, revisionID: nil, description: nil)
        _ = try await harness.engine.updateStateMachine(
            UpdateStateMachine(arn: arn, definition: Self.other, publishing: Publishing(description: nil)))
        let alias = try await harness.engine.createAlias(
            name: "live", description: nil, routes: [AliasRoute(versionARN: arn + ":1", weight: 100)])
        func run(_ arn: String) async throws -> (output: String?, version: Int?, alias: String?) {
            let started = try await harness.engine.startExecution(StartExecution(stateMachineARN: arn))
            let ended = try await harness.end(of: started.arn)
            guard case .succeeded(let output) = ended.outcome else { return (nil, nil, nil) }
            return (output.text, ended.record.version, ended.record.alias)
        }
        #expect(try await run(arn) == ("2", nil, nil))
        #expect(try await run(arn + ":1") == ("1", 1, nil))
        #expect(try await run(alias.arn) == ("1", 1, "live"))
        _ = try await harness.engine.updateAlias(
            arn: alias.arn, description: nil, routes: [AliasRoute(versionARN: arn + ":2", weight: 100)])
        #expect(try await run(alias.arn) == ("2", 2, "live"))
        #expect(await code { try await harness.engine.deleteVersion(arn: arn + ":2") } == .conflictException)
        #expect(await code { _ = try await run(arn + ":9") } == .stateMachineDoesNotExist)
        let listed = try await harness.engine.listExecutions(
            machineARN: alias.arn, status: nil, after: nil, limit: 9)
        #expect(listed.executions.count == 2)
        await harness.close()
    }

    @Test("An alias with two routes divides by their weights.", arguments: [(0, 1), (29, 1), (30, 2), (99, 2)])
    func weights(draw: Int, version: Int) {
        let alias = AliasRecord(
            machine: 1, name: "a", description: nil,
            routes: [.init(version: 1, weight: 30), .init(version: 2, weight: 70)],
            creationDate: Timestamp(milliseconds: 0), updateDate: Timestamp(milliseconds: 0))
        #expect(alias.version(for: draw) == version)
    }

    @Test("Tags are added, replaced and taken away, on machines and activities; more than 50 are refused.")
    func tags() async throws {
        let harness = try await EngineHarness()
        let machine = try await harness.create("m", EngineTests.pass)
        let activity = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope()).arn
        for arn in [machine, activity] {
            try await harness.engine.tag(arn, [("k", "1"), ("l", "2")])
            try await harness.engine.tag(arn, [("k", "3")])
            try await harness.engine.untag(arn, keys: ["l", "missing"])
            #expect(try harness.engine.tags(of: arn) == [["key": "k", "value": "3"]])
            let many = (0..<50).map { (key: "n\($0)", value: "") }
            #expect(await code { try await harness.engine.tag(arn, many) } == .tooManyTags)
        }
        #expect(await code { try await harness.engine.tag(machine + ":1", [("k", "1")]) } == .resourceNotFound)
        await harness.close()
    }

    @Test("A machine with running executions is DELETING until they have failed at their next transition.")
    func deletion() async throws {
        let harness = try await EngineHarness()
        _ = try await harness.engine.createActivity(name: "a", tags: "[]", scope: Scope())
        let definition = """
            {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"\(ActivityTests.arn)","Next":"S"},
              "S":{"Type":"Pass","End":true}}}
            """
        let machine = try await harness.create("m", definition)
        let execution = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine)).arn
        let polled = await withCheckedContinuation { continuation in
            _ = harness.engine.pollActivity(arn: ActivityTests.arn, workerName: nil) {
                continuation.resume(returning: $0)
            }
        }
        let task = try #require(try polled.get())
        try await harness.engine.deleteStateMachine(arn: machine)
        let deleting = try await harness.engine.describeStateMachine(arn: machine).entry
        #expect(harness.engine.catalog.isDeleting(deleting.record.id))
        let start = StartExecution(stateMachineARN: machine)
        #expect(await code { _ = try await harness.engine.startExecution(start) } == .stateMachineDeleting)
        #expect(await code { _ = try await harness.create("m", definition) } == .stateMachineDeleting)
        try await harness.engine.sendTaskSuccess(token: task.token, output: "1", scope: Scope())
        let ended = try await harness.end(of: execution)
        #expect(
            ended.outcome == .failed(Failure(error: "States.Runtime", cause: "State machine m has been deleted")))
        // It goes with its last execution.
        while (try? await harness.engine.describeStateMachine(arn: machine)) != nil { await Task.yield() }
        _ = try await harness.create("m", definition)
        await harness.close()
    }

    @Test("What creates a machine anew is the same request; another definition, type or version is not.")
    func idempotency() async throws {
        let harness = try await EngineHarness()
        func create(
            _ definition: String, role: String = "arn:aws:iam::000000000000:role/r", publishing: Publishing? = nil
        ) async throws {
            _ = try await harness.engine.createStateMachine(
                CreateStateMachine(
                    name: "m", definition: definition, roleARN: role, type: .standard, loggingConfiguration: "{}",
                    tracingConfiguration: "{}", encryptionConfiguration: "{}", tags: "[]", publishing: publishing,
                    scope: Scope()))
        }
        try await create(Self.other, publishing: Publishing(description: "d"))
        try await create(Self.other, role: "arn:aws:iam::000000000000:role/s", publishing: Publishing(description: "d"))
        #expect(
            await code { try await create(Self.other + " ", publishing: Publishing(description: "d")) }
                == .stateMachineAlreadyExists)
        #expect(
            await code { try await create(Self.other, publishing: Publishing(description: "e")) }
                == .stateMachineAlreadyExists)
        await harness.close()
    }
}
