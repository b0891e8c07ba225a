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
    func worlds() throws {
        var total = World.Report()
        for seed in Self.seeds {
            let report = try World(seed: seed).run()
            #expect(
                report.violations.isEmpty,
                "seed \(seed): NEWEL_SEED=\(seed) swift test --filter Simulation\n\(report.violations.prefix(5).joined(separator: "\n"))"
            )
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

    @Test("The same seed gives the same world.")
    func determinism() throws {
        let first = try World(seed: 7).run()
        let second = try World(seed: 7).run()
        #expect(first.events == second.events && first.executions == second.executions && first.events > 0)
    }
}
