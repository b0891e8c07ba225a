// The gateway's listener: from HTTP's messages to the gateway's and back.

package import Core
package import HTTPServer
import JSON
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

package struct GatewayListener: Service {
    private let listener: HTTPListener

    /// `port` 0 takes any free port; `onServerRunning` is called with the port that is bound.
    package init(
        gateway: Current<GatewayHandler>, host: String, port: Int, limits: HTTPLimits = HTTPLimits(), logger: Logger,
        onServerRunning: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        let metrics = HTTPMetrics(server: "gateway")
        listener = HTTPListener(
            name: "gateway", host: host, port: port, limits: limits, logger: logger, onServerRunning: onServerRunning,
            refusal: { status in
                if status == .payloadTooLarge { return HTTPAnswer(gateway.value.tooLarge()) }
                let message = JSONValue.object(["message": .string(status.reasonPhrase)])
                return HTTPAnswer(MethodResponse(status: Int(status.code), json: message))
            },
            handler: { request, reply in
                let began = NIODeadline.now()
                let gateway = gateway.value
                Task(executorPreference: GatewayExecutor.shared) {
                    let response = await gateway.handle(MethodRequest(request))
                    metrics.record(
                        operation: Self.label(request.method), status: response.status, took: NIODeadline.now() - began)
                    reply(HTTPAnswer(response))
                }
            })
    }

    /// A bounded set of labels.
    private static func label(_ method: HTTPMethod) -> String {
        switch method {
        case .GET, .POST, .PUT, .DELETE, .PATCH, .HEAD, .OPTIONS: method.rawValue
        default: "other"
        }
    }

    package func run() async throws { try await listener.run() }
}

/// Threads for templates, schemas and mappings: a template may take up to a second, and the health checks and the API
/// must not wait for it. There are more threads than cores, so that quick requests get their share beside slow ones.
private final class GatewayExecutor: TaskExecutor {
    static let shared = GatewayExecutor()
    private let pool = NIOThreadPool(numberOfThreads: 8)

    private init() { pool.start() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension MethodRequest {
    init(_ request: HTTPRequest) {
        self.init(
            method: request.method.rawValue, path: String(request.path), query: request.query.map(String.init),
            headers: request.headers.map { (name: $0.name, value: $0.value) },
            body: Array(request.body.readableBytesView), remoteAddress: request.remoteAddress)
    }
}

extension HTTPAnswer {
    init(_ response: MethodResponse) {
        var headers = HTTPHeaders()
        for (name, value) in response.headers { headers.add(name: name, value: value) }
        self.init(
            status: HTTPResponseStatus(statusCode: response.status), headers: headers,
            body: ByteBuffer(bytes: response.body))
    }
}

extension GatewayAPI {
    /// No methods: every request is answered that there is no such one.
    package static var empty: GatewayAPI { GatewayAPI(methods: [], responses: [:]) }
}
