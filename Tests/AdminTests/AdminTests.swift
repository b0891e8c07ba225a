// The administrator's listener.

import APISupport
import CoreMetrics
import Engine
import EngineSupport
import HTTPServer
import HTTPSupport
import JSON
import NIOCore
import NIOHTTP1
import Synchronization
import Telemetry
import Testing

@testable import Admin

@Suite("The admin listener")
struct AdminTests {
    private static func answer(_ routes: AdminRoutes, _ method: HTTPMethod = .GET, _ uri: String) async -> HTTPAnswer {
        await withCheckedContinuation { continuation in
            routes.answer(HTTPRequest(method: method, uri: uri)) { continuation.resume(returning: $0) }
        }
    }

    @Test("Before it is ready the process is alive and not ready.")
    func starting() async {
        let routes = AdminRoutes(health: Health(), metrics: nil)
        #expect(await Self.answer(routes, .GET, "/livez").status == .ok)
        let ready = await Self.answer(routes, .GET, "/readyz")
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
        let routes = AdminRoutes(health: health, metrics: nil)
        #expect(String(buffer: await Self.answer(routes, .GET, "/readyz").body) == #"{"status":"ok"}"#)
        let verbose = await Self.answer(routes, .GET, "/readyz?verbose")
        #expect(verbose.status == .ok)
        let body = try JSONValue.parse(Array(verbose.body.readableBytesView))
        #expect(
            body["checks"]?.arrayValue?.map { $0["name"]?.stringValue } == ["recovery", "engine", "accepting", "disk"])
        await world.engine.drain()
        #expect(await Self.answer(routes, .GET, "/readyz").status == .serviceUnavailable)
        #expect(await Self.answer(routes, .GET, "/livez").status == .ok)
    }

    @Test("A check that fails is named; only those for liveness count for it.")
    func failing() async {
        let health = Health()
        health.setReady(true)
        health.add(HealthCheck(name: "disk", isForLiveness: false) { "full" })
        let routes = AdminRoutes(health: health, metrics: nil)
        #expect(await Self.answer(routes, .GET, "/livez").status == .ok)
        #expect(await Self.answer(routes, .GET, "/readyz").status == .serviceUnavailable)
        health.add(HealthCheck(name: "engine", isForLiveness: true) { "stuck" })
        let live = await Self.answer(routes, .GET, "/livez")
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
        let routes = AdminRoutes(health: Health(), metrics: nil)
        #expect(await Self.answer(routes, method, uri).status == status)
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
