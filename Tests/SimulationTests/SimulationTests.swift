// Seeds of the simulation.

import Foundation
import Simulation
import Testing

/// `NEWEL_SEED=42 swift test --filter Simulation` replays one seed; `NEWEL_SEEDS=5000` runs that many.
@Suite("Simulation")
struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seeds: [UInt64] = {
        if let seed = environment["NEWEL_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["NEWEL_SEEDS"].flatMap { UInt64($0) } ?? 60))
    }()
    /// From this number of seeds on every operation has to meet every fault.
    private static let longRun = 2_000

    @Test("Whatever happens, nothing accepted is lost, nothing happens twice and everything comes to its end.")
    func worlds() async throws {
        var total = World.Report()
        for report in try await Self.reports() {
            total.executions += report.executions
            total.crashes += report.crashes
            total.failedCommits += report.failedCommits
            total.events += report.events
            total.matrix.add(report.matrix)
            total.trace ^= report.trace
        }
        print(
            "\(Self.seeds.count) seeds: \(total.executions) executions, \(total.events) events, \(total.crashes) crashes, \(total.failedCommits) failed commits, trace \(total.trace)"
        )
        guard Self.seeds.count > 1 else { return }
        #expect(total.crashes > 0 && total.failedCommits > 0 && total.executions > 0)
        guard Self.seeds.count >= Self.longRun else { return }
        print(total.matrix.text)
        let empty = total.matrix.empty.map { "\($0.rawValue) × \($1.rawValue)" }
        #expect(empty.isEmpty, "Operations that never met a fault: \(empty.joined(separator: "; "))")
    }

    /// A world has one thread; several worlds have several.
    private static func reports() async throws -> [World.Report] {
        let width = environment["NEWEL_WIDTH"].flatMap { Int($0) } ?? 2
        return try await withThrowingTaskGroup(of: [World.Report].self) { group in
            for lane in 0..<width {
                let share = seeds.indices.filter { $0 % width == lane }.map { Self.seeds[$0] }
                group.addTask { try share.map(report) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func report(_ seed: UInt64) throws -> World.Report {
        let keepsLines = environment["NEWEL_TRACE"] != nil
        let report = try World(seed: seed, keepsLines: keepsLines).run()
        if keepsLines { print(report.lines.joined(separator: "\n")) }
        let found = report.violations.prefix(5).joined(separator: "\n")
        #expect(
            report.violations.isEmpty,
            "seed \(seed): NEWEL_SEED=\(seed) swift test --filter Simulation\n\(found)")
        return report
    }

    @Test("The same seed gives the same world.", arguments: [7, 8, 9, 10] as [UInt64])
    func determinism(seed: UInt64) throws {
        let first = try World(seed: seed).run()
        let second = try World(seed: seed).run()
        #expect(first.trace == second.trace && first.events == second.events && first.events > 0)
    }
}
