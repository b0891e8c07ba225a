// How a Map's cost grows with its items: 1,000 to 10,000 of them, a function of this process for each, durable.

import Core
import Dispatch
import Engine
import EngineSupport
import Foundation
import Functions
import Logging
import States
import Storage
import Tasks

enum MapBenchmark {
    private static let machine =
        #"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:echo","End":true}}}}}}"#

    /// Seconds for one Map of so many items, and what an item costs; the history's limit is raised to let it through.
    @Sendable static func run() async throws {
        let folder = FileManager.default.currentDirectoryPath + "/newel-data/benchmark-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore.open(folder: folder)
        var configuration = EngineConfiguration()
        configuration.limits.language.historyEvents = 1_000_000
        let echo = InProcessFunction(name: "echo") { input, _ in input }
        let engine = try await Engine.open(
            store: store,
            runner: TaskRouter(functions: FunctionRunner(configuration: FunctionsConfiguration(), inProcess: [echo])),
            configuration: configuration, logger: Logger(label: "benchmark"), fatal: { fatalError("\($0)") })
        let (entry, _) = try await engine.createStateMachine(
            CreateStateMachine(
                name: "map", definition: machine, roleARN: "arn:aws:iam::000000000000:role/r", type: .standard,
                loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}", tags: "[]",
                scope: Scope()))
        for count in [1_000, 2_000, 5_000, 10_000] {
            let input = "[" + (0..<count).map { #"{"i":\#($0)}"# }.joined(separator: ",") + "]"
            let began = DispatchTime.now()
            let arn = try await engine.startExecution(
                StartExecution(stateMachineARN: entry.record.arn, input: input)
            ).arn
            while try await engine.describeExecution(arn: arn).record.stopDate == nil {
                try await Task.sleep(for: .milliseconds(5))
            }
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) / 1e9
            let perItem = String(format: "%.1f", seconds * 1e6 / Double(count))
            print("Map of \(count): \(String(format: "%.3f", seconds)) s, \(perItem) µs an item")
        }
        await engine.drain()
        store.close()
    }
}
