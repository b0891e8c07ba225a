// The admin listener and the metrics registry.

import Engine
import JSON
import Metrics
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Server

@Suite("The admin listener")
struct AdminTests {
    private static func answer(_ door: AdminDoor, _ method: HTTPMethod = .GET, _ uri: String) async -> HTTPAnswer {
        await withCheckedContinuation { continuation in
            door.answer(HTTPRequest(method: method, uri: uri)) { continuation.resume(returning: $0) }
        }
    }

    @Test("Before it is ready the process is alive and not ready.")
    func starting() async {
        let door = AdminDoor(health: Health(), metrics: nil)
        #expect(await Self.answer(door, .GET, "/livez").status == .ok)
        let ready = await Self.answer(door, .GET, "/readyz")
        #expect(ready.status == .serviceUnavailable)
        let expected =
            #"{"status":"failing","checks":[{"name":"recovery","status":"failing","problem":"#
            + #""the server is starting or stopping"}]}"#
        #expect(String(buffer: ready.body) == expected)
    }

    @Test("A ready process names its checks when asked, and draining ends its readiness.")
    func ready() async throws {
        let world = try await APIWorld.open()
        let health = Health()
        // Other tests may hold every thread for longer than the daemon would wait; its deadline is not the matter here.
        health.add(.engine(world.engine, seconds: 3_600))
        health.add(.accepting(world.engine))
        health.add(.disk(folder: "/", percent: 0))
        health.setReady(true)
        let door = AdminDoor(health: health, metrics: nil)
        #expect(String(buffer: await Self.answer(door, .GET, "/readyz").body) == #"{"status":"ok"}"#)
        let verbose = await Self.answer(door, .GET, "/readyz?verbose")
        #expect(verbose.status == .ok)
        let body = try JSONValue.parse(Array(verbose.body.readableBytesView))
        #expect(
            body["checks"]?.arrayValue?.map { $0["name"]?.stringValue } == ["recovery", "engine", "accepting", "disk"])
        await world.engine.drain()
        #expect(await Self.answer(door, .GET, "/readyz").status == .serviceUnavailable)
        #expect(await Self.answer(door, .GET, "/livez").status == .ok)
    }

    @Test("A check that fails is named; only those for liveness count for it.")
    func failing() async {
        let health = Health()
        health.setReady(true)
        health.add(HealthCheck(name: "disk", isForLiveness: false) { "full" })
        let door = AdminDoor(health: health, metrics: nil)
        #expect(await Self.answer(door, .GET, "/livez").status == .ok)
        #expect(await Self.answer(door, .GET, "/readyz").status == .serviceUnavailable)
        health.add(HealthCheck(name: "engine", isForLiveness: true) { "stuck" })
        let live = await Self.answer(door, .GET, "/livez")
        #expect(live.status == .serviceUnavailable)
        #expect(String(buffer: live.body).contains(#""problem":"stuck""#))
    }

    @Test(
        "Nothing else is here.",
        arguments: [
            (HTTPMethod.GET, "/", HTTPResponseStatus.notFound), (.GET, "/metrics", .notFound),
            (.POST, "/livez", .methodNotAllowed), (.GET, "/livez/x", .notFound),
        ])
    func nothingElse(_ method: HTTPMethod, _ uri: String, _ status: HTTPResponseStatus) async {
        let door = AdminDoor(health: Health(), metrics: nil)
        #expect(await Self.answer(door, method, uri).status == status)
    }

    @Test("It is served over HTTP, with the metrics.")
    func service() async throws {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "newel_things_total", dimensions: []).increment(by: 3)
        let text = try await Running.with(
            { announce in
                AdminService(
                    health: Health(), metrics: registry, host: "127.0.0.1", port: 0, logger: APIWorld.quiet,
                    onServerRunning: announce)
            },
            { port in
                try await RawClient.exchange(
                    port: port, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            })
        #expect(text.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(text.hasSuffix("# TYPE newel_things_total counter\nnewel_things_total 3\n"))
    }
}

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
