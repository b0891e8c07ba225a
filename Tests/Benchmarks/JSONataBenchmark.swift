// How long the shared JSONata cases take to evaluate, each on its own: for comparison with other implementations.

import Dispatch
import Expressions
import Foundation
import JSON

enum JSONataBenchmark {
    /// Prints one line of JSON for each case that has a result: `{"id", "us"}`, microseconds for one evaluation.
    @Sendable static func run() async throws {
        let folder =
            ProcessInfo.processInfo.environment["NEWEL_CONFORMANCE"]
            ?? FileManager.default.currentDirectoryPath + "/../shared/conformance"
        let lines = try String(contentsOfFile: folder + "/jsonata/cases.jsonl", encoding: .utf8).split(separator: "\n")
        for line in lines {
            let item = try JSONValue.parse(String(line))
            guard item["result"] != nil, item["timelimit"] == nil, let source = item["expr"]?.stringValue,
                let expression = try? JSONata(source)
            else { continue }
            var input = item["data"]
            if let name = item["dataset"]?.stringValue {
                input = try JSONValue.parse(
                    try String(contentsOfFile: folder + "/jsonata/datasets/\(name).json", encoding: .utf8))
            }
            let bindings = VariableTable(item["bindings"]?.objectValue ?? [:])
            let seconds = fastest { evaluate(expression, input, bindings) }
            let answer: JSONValue = ["id": item["id"] ?? .null, "us": .number(JSONNumber(seconds * 1e6))]
            print(answer.text)
        }
    }

    private static func evaluate(_ expression: JSONata, _ input: JSONValue?, _ bindings: VariableTable) {
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 0)
        _ = try? expression.evaluate(input: input, bindings: bindings, environment: &environment)
    }

    /// Seconds of one call: the best of three rounds of at least 2 ms.
    private static func fastest(_ body: () -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<3 {
            var count = 0
            let began = DispatchTime.now().uptimeNanoseconds
            var taken: UInt64 = 0
            while taken < 2_000_000 {
                body()
                count += 1
                taken = DispatchTime.now().uptimeNanoseconds - began
            }
            best = min(best, Double(taken) / 1e9 / Double(count))
        }
        return best
    }
}
