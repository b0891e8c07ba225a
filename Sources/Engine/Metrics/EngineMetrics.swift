// What the engine measures: turns, executions, tasks.

import Core
import Metrics
import States
import Storage
import Synchronization

/// The engine's metrics. Handlers are made once, since a look-up by name and labels costs more than most events.
final class EngineMetrics: Sendable {
    private let started = LabelledCounters(
        .executionsStarted, label: "type", values: MachineType.allCases.map(\.rawValue))
    private let transitions = LabelledCounters(
        .stateTransitions, label: "state_type", values: StateType.allCases.map(\.rawValue))
    private let commands = LabelledCounters(
        .commands, label: "kind", values: ShardInput.Kind.allCases.map { "\($0)" })
    private let turns = Timer(label: MetricName.turnDuration.rawValue)
    private let deferred = Counter(label: MetricName.deferredEvaluations.rawValue)
    private let rejections = CounterCache()
    private let reports = CounterCache()
    private let reloads = CounterCache()
    private let redrives = CounterCache()

    // MARK: - Shards

    /// Counts a turn and what went into it.
    func planned(_ inputs: ArraySlice<ShardInput>, nanoseconds: Int64) {
        turns.recordNanoseconds(nanoseconds)
        var counts = [Int](repeating: 0, count: ShardInput.Kind.allCases.count)
        for input in inputs { counts[input.kind.rawValue] += 1 }
        commands.add(counts)
    }

    /// Counts what a turn did, once it is committed.
    func committed(_ turn: Turn) {
        started.add([turn.started.standard, turn.started.express])
        transitions.add(turn.transitions)
        for (type, error) in turn.rejected { rejected(type, error) }
        if !turn.slow.isEmpty { deferred.increment(by: turn.slow.count) }
    }

    /// Counts a turn that was not committed.
    func failed(_ error: StoreError) {
        reloads.counter(.shardReloads, [("reason", error.code.rawValue)]).increment()
    }

    // MARK: - Requests

    /// Counts a start that was refused. `type` is `nil` where no state machine was found.
    func rejected(_ type: MachineType?, _ error: ServiceError) {
        rejections.counter(
            .executionsRejected, [("type", type?.rawValue ?? "unknown"), ("error", error.code.rawValue)]
        ).increment()
    }

    /// Counts a worker's report: `success`, `failure` or `heartbeat`.
    func reported(_ kind: String, _ error: ServiceError?) {
        reports.counter(.taskReports, [("kind", kind), ("result", error?.code.rawValue ?? "accepted")]).increment()
    }

    func redriven(_ error: ServiceError?) {
        redrives.counter(.redrives, [("result", error?.code.rawValue ?? "accepted")]).increment()
    }
}

/// One counter for each value of a label.
struct LabelledCounters: Sendable {
    private let counters: [Counter]

    init(_ name: MetricName, label: String, values: [String]) {
        counters = values.map { Counter(label: name.rawValue, dimensions: [(label, $0)]) }
    }

    /// Adds numbers in the order of the label's values.
    func add(_ counts: [Int]) {
        for (counter, count) in zip(counters, counts) where count > 0 { counter.increment(by: count) }
    }
}

/// Counters whose labels come up while the engine runs.
final class CounterCache: Sendable {
    private let counters = Mutex<[[String]: Counter]>([:])

    func counter(_ name: MetricName, _ labels: [(String, String)]) -> Counter {
        let key = labels.map(\.1)
        return counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let counter = Counter(label: name.rawValue, dimensions: labels)
            counters[key] = counter
            return counter
        }
    }
}

extension StateType {
    /// The position among `allCases`.
    var index: Int {
        switch self {
        case .task: 0
        case .pass: 1
        case .wait: 2
        case .choice: 3
        case .succeed: 4
        case .fail: 5
        case .parallel: 6
        case .map: 7
        }
    }
}
