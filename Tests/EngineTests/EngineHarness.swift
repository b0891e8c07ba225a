// An engine over a real SQLite file in a folder of its own, with functions in this process.

import Core
import Engine
import EngineSupport
import Foundation
import Functions
import JSON
import Logging
import States
import Storage
import Synchronization
import System
import Tasks

final class EngineHarness: Sendable {
    let folder: String
    let engine: Engine
    private let store: SQLiteStore
    private let log: EventTypes

    /// The types of the events that the engine has given to the execution log.
    var logged: [String] { log.types.withLock { $0 } }

    func executionCounts() throws -> [ExecutionStatus: Int] { try store.executionCounts() }

    init(
        folder: String? = nil, functions: [InProcessFunction] = [], activityPollTime: Int64 = 60_000,
        retention: Int64? = nil, limits: Limits = Limits(),
        crashRecord: CrashRecord? = nil, clock: @escaping @Sendable () -> Timestamp = { .now },
        routing: FunctionsConfiguration = FunctionsConfiguration()
    ) async throws {
        self.folder =
            folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("newel-\(UUID().uuidString)").path
        store = try SQLiteStore.open(folder: self.folder)
        var configuration = routing
        for function in functions { configuration.map[function.name] = .inProcess(function.name) }
        let log = EventTypes()
        self.log = log
        engine = try await Engine.open(
            store: store,
            runner: TaskRouter(functions: FunctionRunner(configuration: configuration, inProcess: functions)),
            configuration: EngineConfiguration(
                limits: limits, tokens: TaskTokens(secret: "test"),
                activityPollTime: activityPollTime, retention: retention),
            crashRecord: crashRecord,
            runtime: Runtime(clock: TestClock(wall: clock), random: SystemRandom(), executor: DispatchLanes()),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            executionLog: { logged in
                log.types.withLock { $0 += logged.flatMap { $0.events.map(\.kind.history.typeName) } }
            }, fatal: { _ in })
    }

    func close(keepFolder: Bool = false) async {
        await engine.drain()
        store.close()
        if !keepFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    func create(_ name: String, _ definition: String, type: MachineType = .standard) async throws -> String {
        try await engine.createStateMachine(
            CreateStateMachine(
                name: name, definition: definition, roleARN: "arn:aws:iam::000000000000:role/r", type: type,
                loggingConfiguration: #"{"level":"ALL"}"#, tracingConfiguration: "{}", encryptionConfiguration: "{}",
                tags: "[]", scope: Scope())
        ).entry.record.arn
    }

    /// Waits, by describing it again and again, until the execution has ended.
    func end(of arn: String) async throws -> ExecutionDescription {
        while true {
            let description = try await engine.describeExecution(arn: arn)
            if description.record.stopDate != nil { return description }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

private final class EventTypes: Sendable {
    let types = Mutex<[String]>([])
}

/// A clock that a test moves. Without hands for `monotonic` that moves with the wall clock.
struct TestClock: WallClock {
    var wall: @Sendable () -> Timestamp
    var milliseconds: (@Sendable () -> Int64)?

    func now() -> Timestamp { wall() }

    func monotonic() -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000 * (milliseconds?() ?? wall().milliseconds))
    }
}
