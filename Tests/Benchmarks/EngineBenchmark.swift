// How many executions the engine alone brings to their end, without HTTP: a closed loop of starts over a SQLite file.

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
import Tasks

enum EngineBenchmark {
    static let pass1 = #"{"StartAt":"S1","States":{"S1":{"Type":"Pass","End":true}}}"#
    static let pass10: String = {
        let states = (1...10).map { number in
            let next = number < 10 ? #""Next":"S\#(number + 1)""# : #""End":true"#
            return #""S\#(number)":{"Type":"Pass","Result":\#(number),"ResultPath":"$.last",\#(next)}"#
        }
        return #"{"StartAt":"S1","States":{\#(states.joined(separator: ","))}}"#
    }()

    private static let count = 20_000
    private static let concurrency = 32

    /// P1 and P10: executions a second, and CPU µs each.
    @Sendable static func run() async throws {
        let folder = FileManager.default.currentDirectoryPath + "/newel-data/benchmark-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore.open(folder: folder)
        let engine = try await Engine.open(
            store: store,
            runner: TaskRouter(functions: FunctionRunner(configuration: FunctionsConfiguration(), inProcess: [])),
            logger: Logger(label: "benchmark"), fatal: { fatalError("\($0)") })
        for (name, definition) in [("P1", pass1), ("P10", pass10)] {
            let (entry, _) = try await engine.createStateMachine(
                CreateStateMachine(
                    name: name, definition: definition, roleARN: "arn:aws:iam::000000000000:role/r", type: .standard,
                    loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}", tags: "[]",
                    scope: Scope()))
            let before = clock()
            let began = DispatchTime.now()
            await load(engine, entry.record.arn, count: count, concurrency: concurrency)
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) / 1e9
            let cpu = Double(clock() - before) / Double(CLOCKS_PER_SEC)
            print(
                "\(name): \(Int(Double(count) / seconds)) executions/s, \(String(format: "%.1f", cpu * 1e6 / Double(count))) CPU µs each"
            )
        }
        await engine.drain()
        store.close()
    }

    private static func load(_ engine: Engine, _ arn: String, count: Int, concurrency: Int) async {
        let next = Next()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    while true {
                        let number = next.take()
                        if number > count { return }
                        _ = try? await engine.startExecution(
                            StartExecution(
                                stateMachineARN: arn, name: "x\(number)", input: #"{"id":"x\#(number)","n":1}"#))
                    }
                }
            }
        }
    }
}

/// Deals out numbers from 1.
private final class Next: Sendable {
    private let number = Atomic(0)

    func take() -> Int { number.wrappingAdd(1, ordering: .relaxed).newValue }
}
