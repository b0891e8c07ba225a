// The metrics registry and its text.

import Core
import HTTPServer
import Metrics
import NIOCore
import Telemetry
import Testing

@Suite("The metrics registry")
struct PrometheusRegistryTests {
    @Test("Counters, gauges and histograms are printed by name and labels.")
    func text() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "b_total", dimensions: [("kind", "x\"y\\z\n")]).increment(by: 2)
        registry.makeCounter(label: "b_total", dimensions: [("kind", "x\"y\\z\n")]).increment(by: 1)
        registry.makeMeter(label: "a.gauge", dimensions: []).set(1.5)
        registry.makeTimer(label: "c_seconds", dimensions: [("k", "v")]).recordNanoseconds(30_000_000)
        let text = registry.text()
        #expect(
            text.hasPrefix(
                "# TYPE a_gauge gauge\na_gauge 1.5\n# TYPE b_total counter\nb_total{kind=\"x\\\"y\\\\z\\n\"} 3\n"
                    + "# TYPE c_seconds histogram\n"))
        #expect(text.contains("c_seconds_bucket{k=\"v\",le=\"0.025\"} 0\nc_seconds_bucket{k=\"v\",le=\"0.05\"} 1\n"))
        #expect(
            text.hasSuffix(
                "c_seconds_bucket{k=\"v\",le=\"+Inf\"} 1\nc_seconds_sum{k=\"v\"} 0.03\nc_seconds_count{k=\"v\"} 1\n"))
    }

    @Test("A metric of the catalogue has a help text, and buckets of its own where it counts no seconds.")
    func catalogue() {
        let registry = PrometheusRegistry()
        registry.makeRecorder(label: MetricName.commitChanges.rawValue, dimensions: [], aggregate: true).record(
            7 as Int64)
        let text = registry.text()
        #expect(
            text.hasPrefix(
                "# HELP newel_store_commit_changes Changes in a commit.\n# TYPE newel_store_commit_changes histogram\n")
        )
        #expect(text.contains("newel_store_commit_changes_bucket{le=\"5\"} 0\n"))
        #expect(text.contains("newel_store_commit_changes_bucket{le=\"10\"} 1\n"))
    }

    @Test("A counter that is destroyed is no longer printed.")
    func destroyed() {
        let registry = PrometheusRegistry()
        let handler = registry.makeCounter(label: "x", dimensions: [("n", "1")])
        registry.makeCounter(label: "x", dimensions: [("n", "2")]).increment(by: 1)
        handler.increment(by: 1)
        registry.destroyCounter(handler)
        #expect(registry.text() == "# TYPE x counter\nx{n=\"2\"} 1\n")
    }

    @Test("Names of metrics end in their unit, counters in total, and have a help text of one sentence.")
    func names() {
        for metric in MetricName.allCases {
            #expect(metric.rawValue.hasPrefix("newel_"))
            #expect(metric.help.last == "." && !metric.help.contains("\n"), "\(metric)")
            #expect(metric.buckets == metric.buckets.sorted())
        }
    }

    @Test("Series of one name are bounded; the rest share one.")
    func bounded() {
        let registry = PrometheusRegistry(seriesPerName: 2)
        for number in 1...5 {
            registry.makeCounter(label: "c", dimensions: [("n", "\(number)")]).increment(by: 1)
        }
        #expect(registry.text() == "# TYPE c counter\nc{n=\"1\"} 1\nc{n=\"2\"} 1\nc{overflow=\"true\"} 3\n")
    }

    @Test("The same name as another kind is kept out.")
    func kinds() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "x", dimensions: []).increment(by: 1)
        registry.makeTimer(label: "x", dimensions: []).recordNanoseconds(1)
        #expect(registry.text() == "# TYPE x counter\nx 1\n")
    }

    @Test("Requests are timed by server, operation and status.")
    func http() {
        let registry = PrometheusRegistry()
        let metrics = HTTPMetrics(server: "api", factory: registry)
        for status in [200, 200, 400] {
            metrics.record(operation: "StartExecution", status: status, took: .milliseconds(2))
        }
        let name = "newel_http_request_duration_seconds_count"
        let labels = #"server="api",operation="StartExecution""#
        #expect(registry.text().contains("\(name){\(labels),status=\"200\"} 2\n"))
        #expect(registry.text().contains("\(name){\(labels),status=\"400\"} 1\n"))
    }
}
