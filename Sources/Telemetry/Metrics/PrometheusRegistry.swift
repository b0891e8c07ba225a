// The backend of swift-metrics: keeps the values and prints them as Prometheus text.

import Core
package import Metrics
import Synchronization

/// Bootstrapped once by the program (`MetricsSystem.bootstrap`). The number of series is bounded: beyond the limit, new
/// label sets share one series whose labels are `overflow="true"`.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    private let families = Mutex<[String: Family]>([:])
    private let seriesPerName: Int

    private struct Family {
        var kind: Kind
        var series: [String: Series] = [:]
    }

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    enum Series: Sendable {
        case number(PrometheusNumber)
        case histogram(PrometheusHistogram)
    }

    package init(seriesPerName: Int = Limits.Telemetry.seriesPerMetric) { self.seriesPerName = seriesPerName }

    // MARK: - MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        number(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { number(label, dimensions, .counter) }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        number(label, dimensions, .gauge)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : number(label, dimensions, .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    /// Drops the series. Others stay for the life of the process: their labels are bounded.
    package func destroyCounter(_ handler: any CounterHandler) {
        guard let number = handler as? PrometheusNumber else { return }
        families.withLock { $0[number.name]?.series[number.labels] = nil }
    }

    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    // MARK: - Series

    private func number(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> PrometheusNumber {
        let series = series(label, dimensions, kind) { .number(PrometheusNumber(name: $0, labels: $1)) }
        // The same name as two kinds is a programmer's error; the second one is kept out of the output.
        guard case .number(let number) = series else { return PrometheusNumber(name: "", labels: "") }
        return number
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> PrometheusHistogram {
        let series = series(label, dimensions, .histogram) { name, _ in
            .histogram(PrometheusHistogram(bounds: MetricName(rawValue: name)?.buckets ?? MetricName.seconds))
        }
        guard case .histogram(let histogram) = series else { return PrometheusHistogram(bounds: []) }
        return histogram
    }

    private func series(
        _ label: String, _ dimensions: [(String, String)], _ kind: Kind,
        _ make: (_ name: String, _ labels: String) -> Series
    ) -> Series {
        let name = PrometheusText.name(label)
        let labels = PrometheusText.labels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            let isNew = family.series[labels] == nil
            let key = isNew && family.series.count >= seriesPerName ? #"overflow="true""# : labels
            if let known = family.series[key] { return known }
            let made = make(name, key)
            family.series[key] = made
            families[name] = family
            return made
        }
    }

    // MARK: - Output

    /// All series in Prometheus' text format, version 0.0.4, by name.
    package func text() -> String {
        let families = families.withLock { $0 }
        var lines: [String] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let metric = MetricName(rawValue: name) { lines.append("# HELP \(name) \(metric.help)") }
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                switch series {
                case .number(let number):
                    lines.append("\(PrometheusText.series(name, labels)) \(PrometheusText.number(number.value))")
                case .histogram(let histogram): lines.append(contentsOf: histogram.lines(name, labels))
                }
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

/// Names, labels and numbers of the text format.
enum PrometheusText {
    /// Characters that a metric's name may not have become `_`.
    static func name(_ label: String) -> String {
        let text = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == ":" ? $0 : "_" })
        return text.first?.isNumber == true ? "_" + text : text
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { "\(name($0.0))=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    static func series(_ name: String, _ labels: String) -> String {
        labels.isEmpty ? name : "\(name){\(labels)}"
    }

    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.description
    }

    private static func escaped(_ value: String) -> String {
        value.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }
}
