// The Step Functions API on a listener: AWS JSON 1.0 over HTTP (api.md §1).

import Core
import Engine
package import HTTPServer
import Identity
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves `POST /` with `X-Amz-Target: AWSStepFunctions.<Operation>`; any `Host`, any `Content-Type`.
package struct APIService: Service {
    private let listener: HTTPListener

    /// `port` 0 takes any free port; `onServerRunning` is called with the port that is bound.
    package init(
        dispatcher: APIDispatcher, takesScopeFromCredentials: Bool = true, host: String, port: Int,
        limits: HTTPLimits = HTTPLimits(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger,
        onServerRunning: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        let handler = APIHandler(
            dispatcher: dispatcher, takesScopeFromCredentials: takesScopeFromCredentials,
            metrics: HTTPMetrics(server: "api"))
        listener = HTTPListener(
            name: "api", host: host, port: port, limits: limits, validatesHeaders: false, group: group, logger: logger,
            onServerRunning: onServerRunning, handler: { handler.answer($0, $1) })
    }

    package func run() async throws { try await listener.run() }
}

/// From a request to an operation and from an answer to a response.
struct APIHandler: Sendable {
    let dispatcher: APIDispatcher
    /// Else all requests are of the configured account and region.
    let takesScopeFromCredentials: Bool
    let metrics: HTTPMetrics

    private static let target = "AWSStepFunctions."

    func answer(_ request: HTTPRequest, _ reply: @escaping @Sendable (HTTPAnswer) -> Void) {
        guard request.method == .POST, request.path == "/" else { return reply(Self.notFound(request)) }
        let target = request.headers.first(name: "X-Amz-Target") ?? ""
        let operation =
            target.hasPrefix(Self.target) ? String(Substring(target.utf8.dropFirst(Self.target.utf8.count))) : ""
        let began = NIODeadline.now()
        let scope = scope(request)
        dispatcher.call(
            // Signatures are not verified yet: every client is the root user of the account that it names.
            operation: operation, body: request.body, scope: scope, caller: .root(account: scope.account),
            traceHeader: request.headers.first(name: "X-Amzn-Trace-Id"),
            connection: request.connection
        ) { answer in
            metrics.record(
                operation: APIOperation.all[operation] == nil ? "unknown" : operation, status: answer.status,
                took: NIODeadline.now() - began)
            reply(answer.http)
        }
    }

    private func scope(_ request: HTTPRequest) -> Scope {
        let configured = dispatcher.engine.configuration.scope
        guard takesScopeFromCredentials, let authorization = request.headers.first(name: "Authorization") else {
            return configured
        }
        return Scope(authorization: authorization, configured: configured)
    }

    /// The API is `POST /` and nothing else.
    private static func notFound(_ request: HTTPRequest) -> HTTPAnswer {
        var failure = APIDispatcher.unknownOperation
        guard request.path != "/" else {
            failure.status = 405
            var answer = APIAnswer(failure, requestID: "").http
            answer.headers.replaceOrAdd(name: "Allow", value: "POST")
            return answer
        }
        return APIAnswer(failure, requestID: "").http
    }
}
