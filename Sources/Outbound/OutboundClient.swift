// The HTTP client of everything that calls another service.

import AsyncHTTPClient
import Core
import Glibc
package import Identity
import NIOCore
import NIOHTTP1

/// Adds the headers that prove who calls.
package typealias RequestSigner = @Sendable (SigV4.Request) -> SigV4.Request

/// Calls services over HTTP/1.1 with a bounded pool of connections. A call is made once: trying again is for the
/// caller to decide. Redirects are not followed.
package final class OutboundClient: Sendable {
    package struct Settings: Sendable {
        /// Connections to one host.
        package var connections = Limits.Outbound.connections
        package var connectTimeoutMilliseconds = Limits.Outbound.connectTimeoutMilliseconds
        package var maximumResponseBytes = Limits.Outbound.maximumResponseBytes
        /// `nil` sends requests unsigned.
        package var signer: RequestSigner?

        package init() {}
    }

    private let client: HTTPClient
    private let settings: Settings

    package init(_ settings: Settings) {
        self.settings = settings
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .milliseconds(Int64(settings.connectTimeoutMilliseconds))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.connections
        // Otherwise a refused connection is tried again until the deadline.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.refuseImpossibleStatuses()
        configuration.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    // The client insists on being shut down.
    deinit { client.shutdown { _ in } }

    /// Starts the call, which ends after `milliseconds` at the latest. `completion` runs once on an event loop and must
    /// not block it, or before this returns where there is nothing to send; the result is `nil` then.
    @discardableResult
    package func send(
        _ request: OutboundHTTPRequest, to endpoint: Endpoint, milliseconds: Int,
        completion: @escaping @Sendable (Result<OutboundHTTPResponse, OutboundError>) -> Void
    ) -> OutboundCall? {
        let made: HTTPClient.Request
        guard endpoint.hasValidPort else {
            completion(.failure(.invalidRequest("the port is not from 1 to 65535")))
            return nil
        }
        do {
            made = try self.request(request, endpoint)
        } catch {
            completion(.failure(.invalidRequest("\(error)")))
            return nil
        }
        // Not the client's async functions: their deadline ends with the response's head.
        let task = client.execute(
            request: made, delegate: ResponseAccumulator(request: made, maxBodySize: settings.maximumResponseBytes),
            // On one loop the request's end leaves with its body. From two, a server that answers the body and hangs
            // up before the end is written stops the process (async-http-client 1.37, releaseConnection).
            eventLoop: .delegateAndChannel(on: client.eventLoopGroup.next()),
            deadline: .now() + .milliseconds(Int64(milliseconds)))
        task.futureResult.whenComplete { completion($0.map(OutboundHTTPResponse.init).mapError(OutboundError.init)) }
        return OutboundCall(task: task)
    }

    /// The response, once it has come.
    package func send(
        _ request: OutboundHTTPRequest, to endpoint: Endpoint, milliseconds: Int
    ) async throws(OutboundError) -> OutboundHTTPResponse {
        let result = await withCheckedContinuation { continuation in
            send(request, to: endpoint, milliseconds: milliseconds) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private func request(_ request: OutboundHTTPRequest, _ endpoint: Endpoint) throws -> HTTPClient.Request {
        let target = endpoint.path + request.target
        var headers = [(name: "Host", value: endpoint.authority)] + request.headers
        if let signer = settings.signer {
            headers =
                signer(SigV4.Request(method: request.method, target: target, headers: headers, body: request.body))
                .headers
        }
        return try HTTPClient.Request(
            url: "\(endpoint.origin)\(target)", method: HTTPMethod(rawValue: request.method),
            headers: HTTPHeaders(headers.map { ($0.name, $0.value) }),
            body: request.body.isEmpty ? nil : .bytes(request.body))
    }
}

/// A call in flight.
package struct OutboundCall: Sendable {
    fileprivate let task: HTTPClient.Task<HTTPClient.Response>

    /// Ends it with `OutboundError.cancelled`, unless it has ended.
    package func cancel() { task.cancel() }

    /// Runs `body` once the call has ended, at once where it already has.
    package func whenEnded(_ body: @escaping @Sendable () -> Void) {
        task.futureResult.whenComplete { _ in body() }
    }
}

extension OutboundHTTPResponse {
    fileprivate init(_ response: HTTPClient.Response) {
        self.init(
            status: Int(response.status.code), headers: response.headers.map { (name: $0.name, value: $0.value) },
            body: response.body.map { Array($0.readableBytesView) } ?? [])
    }
}

extension OutboundError {
    fileprivate init(_ error: any Error) {
        switch error {
        case is ResponseAccumulator.ResponseTooBigError: self = .responseTooLarge
        case let error as HTTPClientError: self.init(error)
        case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode):
            self = .connectionClosed(reason: String(cString: strerror(error.errnoCode)))
        case let error as IOError: self = .connectFailed(reason: String(cString: strerror(error.errnoCode)))
        case let error as HTTPParserError: self = .malformedResponse("\(error)")
        default: self = .connectFailed(reason: "\(error)")
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .cancelled: self = .cancelled
        case .deadlineExceeded, .readTimeout: self = .deadlineExceeded
        case .connectTimeout, .getConnectionFromPoolTimeout: self = .connectTimeout
        case .remoteConnectionClosed: self = .connectionClosed(reason: nil)
        default: self = .other(error.shortDescription)
        }
    }
}
