// The ends of executions as metrics: by type and status, and by state machine.

import Core
package import Engine
import Metrics
import States
import Storage
import Synchronization

/// Counts and times executions that end.
package final class ExecutionOutcomes: Sendable {
    private struct Outcome: Sendable {
        var type: MachineType
        var status: ExecutionStatus
        var closed: Counter
        var duration: Timer
    }

    private let outcomes: [Outcome]
    private let machines = Mutex(BusiestMachines(limit: Limits.Telemetry.machines))

    package init() {
        outcomes = MachineType.allCases.flatMap { type in
            [ExecutionStatus.succeeded, .failed, .timedOut, .aborted].map { status in
                let labels = [("type", type.rawValue), ("status", status.rawValue)]
                return Outcome(
                    type: type, status: status,
                    closed: Counter(label: MetricName.executionsClosed.rawValue, dimensions: labels),
                    duration: Timer(label: MetricName.executionDuration.rawValue, dimensions: labels))
            }
        }
    }

    /// Counts the executions that a turn has closed.
    package func take(_ closed: ClosedExecutions) {
        for end in closed.ends {
            guard let outcome = outcomes.first(where: { $0.type == end.type && $0.status == end.status }) else {
                continue
            }
            outcome.closed.increment()
            outcome.duration.recordMilliseconds(end.milliseconds)
        }
        machines.withLock { machines in for end in closed.ends { machines.count(end) } }
    }
}

/// Counts by state machine: the busiest ones have series of their own, the others are one. A machine that becomes busy
/// takes the place of the least busy one, whose series ends.
struct BusiestMachines {
    private struct Machine {
        var total = 0
        var counters: [String: Counter] = [:]
        var hasSeries = false
    }

    /// No state machine has this name: a name has one character at least.
    static let others = ""

    private let limit: Int
    private var machines: [String: Machine] = [:]
    private var shown = 0
    private var rest: [String: Counter] = [:]
    /// Ends among the others since the series were last looked through.
    private var uncounted = 0
    /// How many of these there may be: looking through all machines takes longer than an end.
    private static let interval = 1_000

    private let factory: any MetricsFactory
    private let maximumCounted: Int

    /// How many machines are counted.
    var countedMachines: Int { machines.count }

    /// `factory` makes the counters; by default it is the process's own.
    init(
        limit: Int, maximumCounted: Int = Limits.Telemetry.countedMachines,
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.limit = limit
        self.maximumCounted = maximumCounted
        self.factory = factory
    }

    mutating func count(_ end: ClosedExecutions.End) {
        var machine = machines.removeValue(forKey: end.machine) ?? Machine()
        machine.total += 1
        if !machine.hasSeries, shown < limit {
            machine.hasSeries = true
            shown += 1
        }
        let status = end.status.rawValue
        if machine.hasSeries {
            increment(&machine.counters, end.machine, status)
        } else {
            increment(&rest, Self.others, status)
            uncounted += 1
        }
        machines[end.machine] = machine
        if uncounted >= Self.interval { exchange() }
    }

    private func increment(_ counters: inout [String: Counter], _ machine: String, _ status: String) {
        let counter =
            counters[status]
            ?? Counter(
                label: MetricName.machineExecutions.rawValue, dimensions: [("machine", machine), ("status", status)],
                factory: factory)
        counters[status] = counter
        counter.increment()
    }

    /// Gives the series of the least busy machines to busier ones.
    private mutating func exchange() {
        uncounted = 0
        let order = machines.sorted { $0.value.total > $1.value.total }
        let busiest = Set(order.prefix(limit).map(\.key))
        for (name, machine) in order where machine.hasSeries && !busiest.contains(name) {
            for counter in machine.counters.values { counter.destroy() }
            machines[name] = Machine(total: machine.total)
            shown -= 1
        }
        for (name, machine) in order where !machine.hasSeries && busiest.contains(name) {
            machines[name]?.hasSeries = true
            shown += 1
        }
        // Machines come and go under ever new names.
        if machines.count > maximumCounted { machines = machines.filter(\.value.hasSeries) }
    }
}
