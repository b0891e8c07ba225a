// How much later starts are answered while expired executions are deleted. Executions are kept for 90 days
// (quotas-pricing.md §2); deleting those of a day must not delay others.

import Core
import Dispatch
import Engine
import EngineSupport
import Foundation
import Functions
import Logging
import States
import Storage
import Synchronization
import System
import Tasks

enum RetentionBenchmark {
    /// Executions that have expired: many small ones, and few with some MiB of history each.
    private static let small = 2_000
    private static let large = 20
    /// As the daemon rests between two steps.
    private static let rest = Duration.milliseconds(20)

    /// The time of a start in milliseconds, alone and beside the deletion.
    @Sendable static func run() async throws {
        let folder = FileManager.default.currentDirectoryPath + "/newel-data/benchmark-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withEngine(folder, clock: { Timestamp.now.adding(milliseconds: -100 * 86_400_000) }) { engine in
            let arn = try await machine(engine)
            for number in 1...small { try await start(engine, arn, "small\(number)", payload: 1_000) }
            for number in 1...large { try await start(engine, arn, "large\(number)", payload: 200_000) }
        }
        try await withEngine(folder, clock: { .now }) { engine in
            let arn = try await machine(engine)
            _ = try await times(engine, arn, "warm", while: { $0 < 1_000 })
            let isDone = Atomic(false)
            let steps = Atomic(0)
            async let pruned = {
                defer { isDone.store(true, ordering: .relaxed) }
                return try await engine.prune {
                    steps.wrappingAdd(1, ordering: .relaxed)
                    try? await Task.sleep(for: rest)
                }
            }()
            let beside = try await times(engine, arn, "beside", while: { _ in !isDone.load(ordering: .relaxed) })
            print("\(try await pruned) executions deleted in \(steps.load(ordering: .relaxed)) steps")
            // As many starts again: what is rare has to have the same chance in both.
            let alone = try await times(engine, arn, "alone", while: { $0 < beside.count })
            print("a start alone:       \(alone.text)")
            print("beside the deletion: \(beside.text)")
        }
    }

    private static func withEngine(
        _ folder: String, clock: @escaping @Sendable () -> Timestamp, _ body: (Engine) async throws -> Void
    ) async throws {
        let store = try SQLiteStore.open(folder: folder)
        defer { store.close() }
        let engine = try await Engine.open(
            store: store,
            runner: TaskRouter(functions: FunctionRunner(configuration: FunctionsConfiguration(), inProcess: [])),
            runtime: Runtime(clock: SetClock(wall: clock), random: SystemRandom(), executor: DispatchLanes()),
            logger: Logger(label: "benchmark"), fatal: { fatalError("\($0)") })
        try await body(engine)
        await engine.drain()
    }

    private static func machine(_ engine: Engine) async throws -> String {
        let (entry, _) = try await engine.createStateMachine(
            CreateStateMachine(
                name: "P10", definition: EngineBenchmark.pass10, roleARN: "arn:aws:iam::000000000000:role/r",
                type: .standard, loggingConfiguration: "{}", tracingConfiguration: "{}",
                encryptionConfiguration: "{}", tags: "[]", scope: Scope()))
        return entry.record.arn
    }

    private static func start(_ engine: Engine, _ arn: String, _ name: String, payload: Int) async throws {
        let input = #"{"payload":"\#(String(repeating: "x", count: payload))"}"#
        _ = try await engine.startExecution(StartExecution(stateMachineARN: arn, name: name, input: input))
    }

    private static func times(
        _ engine: Engine, _ arn: String, _ name: String, while goesOn: (Int) -> Bool
    ) async throws -> (count: Int, text: String) {
        var times: [Double] = []
        while goesOn(times.count) {
            let began = DispatchTime.now()
            try await start(engine, arn, "\(name)\(times.count)", payload: 100)
            times.append(Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) / 1e6)
        }
        times.sort()
        func part(_ share: Double) -> String {
            String(format: "%.2f", times[min(times.count - 1, Int(Double(times.count) * share))])
        }
        let text =
            "\(times.count) starts, median \(part(0.5)) ms, p99 \(part(0.99)) ms, p99.9 \(part(0.999)) ms, "
            + "longest \(part(1)) ms, \(times.count { $0 > 5 }) over 5 ms"
        return (times.count, text)
    }
}

/// A clock that the benchmark sets.
private struct SetClock: WallClock {
    var wall: @Sendable () -> Timestamp

    func now() -> Timestamp { wall() }

    func monotonic() -> MonotonicTime { MonotonicTime(nanoseconds: 1_000_000 * wall().milliseconds) }
}
