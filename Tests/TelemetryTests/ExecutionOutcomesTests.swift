// The ends of executions as metrics.

import CoreMetrics
import Engine
import States
import Storage
import Testing

@testable import Telemetry

@Suite("Ends of executions by state machine", .serialized)
struct ExecutionOutcomesTests {
    /// The series of one metric, as lines without its name.
    private static func lines(_ registry: PrometheusRegistry) -> [String] {
        registry.text().split(separator: "\n").filter { $0.hasPrefix("newel_machine_executions_closed_total{") }
            .map { String($0.dropFirst("newel_machine_executions_closed_total".count)) }
    }

    private static func end(_ machine: String) -> ClosedExecutions.End {
        ClosedExecutions.End(machine: machine, type: .standard, status: .succeeded, milliseconds: 5)
    }

    @Test("Machines under ever new names take no memory without end, and those with series keep them.")
    func newNames() {
        let registry = PrometheusRegistry()
        var machines = BusiestMachines(limit: 2, maximumCounted: 100, factory: registry)
        for _ in 0..<10 { for machine in ["a", "b"] { machines.count(Self.end(machine)) } }
        for number in 0..<5_000 { machines.count(Self.end("new-\(number)")) }
        #expect(machines.countedMachines <= 2)
        #expect(Self.lines(registry).contains(#"{machine="a",status="SUCCEEDED"} 10"#))
        #expect(Self.lines(registry).contains(#"{machine="",status="SUCCEEDED"} 5000"#))
    }

    @Test("The busiest machines have a series each, the others one; a machine that becomes busy gets its own.")
    func busiest() {
        let registry = PrometheusRegistry()
        var machines = BusiestMachines(limit: 2, factory: registry)
        for machine in ["a", "b", "c", "a"] { machines.count(Self.end(machine)) }
        #expect(
            Self.lines(registry) == [
                #"{machine="",status="SUCCEEDED"} 1"#, #"{machine="a",status="SUCCEEDED"} 2"#,
                #"{machine="b",status="SUCCEEDED"} 1"#,
            ])
        for _ in 0..<1_000 { machines.count(Self.end("c")) }
        machines.count(Self.end("c"))
        machines.count(Self.end("b"))
        #expect(
            Self.lines(registry) == [
                #"{machine="",status="SUCCEEDED"} 1001"#, #"{machine="a",status="SUCCEEDED"} 2"#,
                #"{machine="c",status="SUCCEEDED"} 2"#,
            ])
    }
}
