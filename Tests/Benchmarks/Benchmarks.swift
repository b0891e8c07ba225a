// Measurements of single floors against a known yardstick; each argument names one, none runs all but the loops.

import Foundation

@main
struct Benchmarks {
    static let all: [(name: String, run: @Sendable () async throws -> Void)] = [
        ("json", JSONBenchmark.run),
        ("json-loop", JSONBenchmark.loop),
        ("definition", DefinitionBenchmark.run),
        ("engine", EngineBenchmark.run),
        ("map", MapBenchmark.run),
        ("jsonata", JSONataBenchmark.run),
        ("jsonpath", JSONPathBenchmark.run),
        ("retention", RetentionBenchmark.run),
        ("store", StoreBenchmark.run),
    ]

    static func main() async throws {
        let wanted = CommandLine.arguments.dropFirst()
        if let unknown = wanted.first(where: { name in !all.contains { $0.name == name } }) {
            print("no benchmark \(unknown); there are: \(all.map(\.name).joined(separator: ", "))")
            exit(64)
        }
        for benchmark in all
        where wanted.contains(benchmark.name) || (wanted.isEmpty && !benchmark.name.hasSuffix("-loop")) {
            try await benchmark.run()
        }
    }
}

/// Two ways to do the same, measured in turn so that both see the same machine.
enum Comparison {
    /// Median CPU times of one call, in microseconds.
    static func medians(
        rounds: Int = 21, calls: Int, _ ours: () throws -> Void, _ theirs: () throws -> Void
    ) rethrows -> (ours: Double, theirs: Double) {
        var times: (ours: [Double], theirs: [Double]) = ([], [])
        for _ in 0..<rounds {
            times.ours.append(try cpuTime(calls, ours))
            times.theirs.append(try cpuTime(calls, theirs))
        }
        return (times.ours.sorted()[rounds / 2], times.theirs.sorted()[rounds / 2])
    }

    /// CPU time of one call on this thread, in microseconds.
    private static func cpuTime(_ calls: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = threadTime()
        for _ in 0..<calls { try body() }
        return (threadTime() - start) / Double(calls)
    }

    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}
