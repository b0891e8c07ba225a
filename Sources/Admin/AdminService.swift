// The admin listener: /livez, /readyz and /metrics, never authenticated and never on a public address.

import API
package import HTTPServer
import JSON
package import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
package import Telemetry

package struct AdminService: Service {
    private let listener: HTTPListener

    /// `port` 0 takes any free port; `onServerRunning` is called with the port that is bound. Without a registry there
    /// is no `/metrics`.
    package init(
        health: Health, metrics: PrometheusRegistry?, host: String, port: Int, limits: HTTPLimits = HTTPLimits(),
        logger: Logger, onServerRunning: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        let routes = AdminRoutes(health: health, metrics: metrics)
        listener = HTTPListener(
            name: "admin", host: host, port: port, limits: limits, logger: logger, onServerRunning: onServerRunning,
            handler: { routes.answer($0, $1) })
    }

    package func run() async throws { try await listener.run() }
}

struct AdminRoutes: Sendable {
    let health: Health
    let metrics: PrometheusRegistry?

    func answer(_ request: HTTPRequest, _ reply: @escaping @Sendable (HTTPAnswer) -> Void) {
        guard request.method == .GET || request.method == .HEAD else {
            var answer = HTTPAnswer.text(.methodNotAllowed, "Method Not Allowed\n")
            answer.headers.add(name: "Allow", value: "GET, HEAD")
            return reply(answer)
        }
        switch (request.path, metrics) {
        case ("/livez", _): answerHealth(livenessOnly: true, request, reply)
        case ("/readyz", _), ("/healthz", _): answerHealth(livenessOnly: false, request, reply)
        case ("/metrics", let metrics?):
            reply(.text(.ok, metrics.text(), type: "text/plain; version=0.0.4; charset=utf-8"))
        default: reply(.text(.notFound, "Not Found\n"))
        }
    }

    private func answerHealth(
        livenessOnly: Bool, _ request: HTTPRequest, _ reply: @escaping @Sendable (HTTPAnswer) -> Void
    ) {
        let isVerbose = request.query?.split(separator: "&").contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
        Task {
            let findings = await health.findings(livenessOnly: livenessOnly)
            reply(Self.answer(findings, isVerbose: isVerbose ?? false))
        }
    }

    /// 200 or 503. Without `?verbose` only what is wrong is named.
    private static func answer(_ findings: [Health.Finding], isVerbose: Bool) -> HTTPAnswer {
        let isWell = findings.allSatisfy { $0.problem == nil }
        let body = JSONObjectWriter.body { writer in
            writer.string("status", isWell ? "ok" : "failing")
            let shown = findings.filter { isVerbose || $0.problem != nil }
            guard !shown.isEmpty else { return }
            writer.objects("checks", shown) { item, finding in
                item.string("name", finding.name)
                item.string("status", finding.problem == nil ? "ok" : "failing")
                item.string("problem", finding.problem)
            }
        }
        return HTTPAnswer(
            status: isWell ? .ok : .serviceUnavailable, headers: ["Content-Type": "application/json"], body: body)
    }
}
