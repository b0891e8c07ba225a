// One series: a number that goes up and down, or a histogram.

import Metrics
import Synchronization

/// The value of a counter or a gauge.
final class PrometheusNumber: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, Sendable {
    private let state = Mutex(0.0)

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

/// Counts in buckets. A timer's values are seconds; the bounds are OpenTelemetry's for HTTP durations, with finer ones
/// below for commits.
final class PrometheusHistogram: TimerHandler, RecorderHandler, Sendable {
    static let bounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]

    private let state = Mutex(State())

    private struct State {
        var counts = [UInt64](repeating: 0, count: PrometheusHistogram.bounds.count)
        var count: UInt64 = 0
        var sum = 0.0
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds.firstIndex { value <= $0 }
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
        for (bound, count) in zip(Self.bounds, state.counts) {
            total += count
            lines.append("\(name)_bucket{\(head)le=\"\(PrometheusText.number(bound))\"} \(total)")
        }
        lines.append("\(name)_bucket{\(head)le=\"+Inf\"} \(state.count)")
        lines.append("\(PrometheusText.series(name + "_sum", labels)) \(PrometheusText.number(state.sum))")
        lines.append("\(PrometheusText.series(name + "_count", labels)) \(state.count)")
        return lines
    }
}
