// The administrator's socket: `newel.sock` in the state folder. Who may open it administers the daemon.

import API
import Core
package import Engine
import Glibc
package import HTTPServer
package import JSON
package import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Storage

/// Serves the administrator's requests, HTTP/1.1 with JSON bodies, on a socket of mode 0600:
///
/// - `GET /quarantine`: the executions in quarantine.
/// - `POST /quarantine/stop` and `POST /quarantine/release` with `{"execution": "ARN or id"}`.
package struct AdminSocketService: Service {
    private let folder: String
    private let engine: Engine
    private let limits: HTTPLimits
    private let logger: Logger
    private let onServerRunning: @Sendable () -> Void

    package init(
        folder: String, engine: Engine, limits: HTTPLimits = HTTPLimits(), logger: Logger,
        onServerRunning: @escaping @Sendable () -> Void = {}
    ) {
        self.folder = folder
        self.engine = engine
        self.limits = limits
        self.logger = logger
        self.onServerRunning = onServerRunning
    }

    package func run() async throws {
        let address = AdminSocketAddress(folder: folder)
        let routes = AdminSocketRoutes(engine: engine)
        let path = address.path
        defer { unlink(address.file) }
        let listener = HTTPListener(
            name: "socket", host: "", port: 0, socketPath: path, limits: limits, logger: logger,
            onServerRunning: { [onServerRunning] _ in
                chmod(address.file, 0o600)
                onServerRunning()
            }, handler: { request, reply in Task { reply(await routes.answer(request)) } })
        try await listener.run()
    }
}

/// Where the socket of a state folder is.
package final class AdminSocketAddress: Sendable {
    /// The socket's place in the file system.
    package let file: String
    /// What to bind to, or to connect to: the same file under a name that is short enough.
    package let path: String
    private let descriptor: Int32

    /// Bytes of the path in a socket's address (unix(7)).
    private static let maximumPath = 107

    package init(folder: String) {
        file = "\(folder)/newel.sock"
        guard file.utf8.count > Self.maximumPath else {
            path = file
            descriptor = -1
            return
        }
        descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        path = descriptor < 0 ? file : "/proc/self/fd/\(descriptor)/newel.sock"
    }

    /// Tries to connect; returns 0, or the error number: ECONNREFUSED if no process listens on the socket.
    package func connectionError() -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? 0 : errno
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

struct AdminSocketRoutes: Sendable {
    let engine: Engine

    func answer(_ request: HTTPRequest) async -> HTTPAnswer {
        do throws(ServiceError) {
            switch (request.method, String(request.path)) {
            case (.GET, "/quarantine"): return .json(.ok, try await list())
            case (.POST, "/quarantine/stop"):
                let id = try await execution(of: request)
                try await awaited { engine.stopQuarantinedExecution(id: id, completion: $0) }
                return .json(.ok, [:])
            case (.POST, "/quarantine/release"):
                let id = try await execution(of: request)
                try await awaited { engine.releaseExecution(id: id, completion: $0) }
                return .json(.ok, [:])
            default: return .json(.notFound, ["message": "There is no such request."])
            }
        } catch {
            let status = APIFailure(error).status
            return .json(
                HTTPResponseStatus(statusCode: status),
                ["type": .string(error.code.rawValue), "message": .string(error.message)])
        }
    }

    private func list() async throws(ServiceError) -> JSONValue {
        ["executions": .array(try await quarantined().map(\.json))]
    }

    private func quarantined() async throws(ServiceError) -> [QuarantinedExecution] {
        try await awaited { engine.quarantinedExecutions($0) }
    }

    /// The id of the execution in quarantine that the request names, by its ARN or its id.
    private func execution(of request: HTTPRequest) async throws(ServiceError) -> Int64 {
        let body = (try? JSONValue.parse(Array(request.body.readableBytesView))) ?? .null
        guard let name = body["execution"]?.stringValue else {
            throw ServiceError(.validationException, "\"execution\" must be an ARN or an id.")
        }
        let found = try await quarantined().first { $0.isNamed(name) }
        guard let found else {
            throw ServiceError(.executionDoesNotExist, "No execution '\(name)' is in quarantine.")
        }
        return found.record.execution
    }
}

extension QuarantinedExecution {
    package func isNamed(_ name: String) -> Bool { name == arn || name == String(record.execution) }

    /// `date` in seconds since 1970.
    package var json: JSONValue {
        [
            "id": .string(String(record.execution)), "executionArn": arn.map { .string($0) } ?? .null,
            "date": .int(Int(record.date.milliseconds / 1000)), "reason": .string(record.reason.rawValue),
            "details": .string(record.details),
        ]
    }
}

extension HTTPAnswer {
    fileprivate static func json(_ status: HTTPResponseStatus, _ body: JSONValue) -> HTTPAnswer {
        .text(status, body.text, type: "application/json")
    }
}
