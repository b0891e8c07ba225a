// Seeds of the simulation.

import Foundation
import Simulation
import Testing

/// `NEWEL_SEED=42 swift test --filter Simulation` replays one seed; `NEWEL_SEEDS=5000` runs that many.
@Suite("Simulation")
struct SimulationTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["NEWEL_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["NEWEL_SEEDS"].flatMap { UInt64($0) } ?? 200))
    }()

    @Test("Whatever happens, nothing accepted is lost, nothing happens twice and everything comes to its end.")
    func worlds() async throws {
        var total = World.Report()
        for report in try await Self.reports() {
            total.executions += report.executions
            total.crashes += report.crashes
            total.failedCommits += report.failedCommits
            total.events += report.events
        }
        print(
            "\(Self.seeds.count) seeds: \(total.executions) executions, \(total.events) events, \(total.crashes) crashes, \(total.failedCommits) failed commits"
        )
        if Self.seeds.count > 1 { #expect(total.crashes > 0 && total.failedCommits > 0 && total.executions > 0) }
    }

    /// A world has one thread; several worlds have several.
    private static func reports() async throws -> [World.Report] {
        let width = 4
        return try await withThrowingTaskGroup(of: [World.Report].self) { group in
            for lane in 0..<width {
                let share = seeds.indices.filter { $0 % width == lane }.map { Self.seeds[$0] }
                group.addTask { try share.map(report) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func report(_ seed: UInt64) throws -> World.Report {
        let report = try World(seed: seed).run()
        let found = report.violations.prefix(5).joined(separator: "\n")
        #expect(
            report.violations.isEmpty,
            "seed \(seed): NEWEL_SEED=\(seed) swift test --filter Simulation\n\(found)")
        return report
    }

    @Test("The same seed gives the same world.")
    func determinism() throws {
        let first = try World(seed: 7).run()
        let second = try World(seed: 7).run()
        #expect(first.events == second.events && first.executions == second.executions && first.events > 0)
    }
}
