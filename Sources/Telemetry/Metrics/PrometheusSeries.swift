// One series: a number that goes up and down, or a histogram.

import Metrics
import Synchronization

/// The value of a counter or a gauge.
final class PrometheusNumber: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, Sendable {
    let name: String
    let labels: String
    private let state = Mutex(0.0)

    init(name: String, labels: String) {
        self.name = name
        self.labels = labels
    }

    var value: Double { state.withLock { $0 } }

    func increment(by amount: Int64) { state.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { state.withLock { $0 += amount } }
    func decrement(by amount: Double) { state.withLock { $0 -= amount } }
    func reset() { state.withLock { $0 = 0 } }
    func set(_ value: Int64) { state.withLock { $0 = Double(value) } }
    func set(_ value: Double) { state.withLock { $0 = value } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// Counts in buckets. A timer's values are seconds.
final class PrometheusHistogram: TimerHandler, RecorderHandler, Sendable {
    private let bounds: [Double]
    private let state: Mutex<State>

    private struct State {
        var counts: [UInt64]
        var count: UInt64 = 0
        var sum = 0.0
    }

    /// `bounds` are the upper bounds of the buckets, in ascending order.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func lines(_ name: String, _ labels: String) -> [String] {
        let state = state.withLock { $0 }
        let head = labels.isEmpty ? "" : labels + ","
        var lines: [String] = []
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, state.counts) {
            total += count
            lines.append("\(name)_bucket{\(head)le=\"\(PrometheusText.number(bound))\"} \(total)")
        }
        lines.append("\(name)_bucket{\(head)le=\"+Inf\"} \(state.count)")
        lines.append("\(PrometheusText.series(name + "_sum", labels)) \(PrometheusText.number(state.sum))")
        lines.append("\(PrometheusText.series(name + "_count", labels)) \(state.count)")
        return lines
    }
}
