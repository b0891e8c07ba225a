// Calls of functions behind an endpoint that speaks the Lambda Invoke API.

import AsyncHTTPClient
import Core
import Dispatch
import Glibc
import Identity
import JSON
import NIOCore
import NIOHTTP1

/// `POST /2015-03-31/functions/{name}/invocations`, over a bounded pool of connections. A call is made once: trying
/// again is the state's Retry.
final class LambdaClient: Sendable {
    private let configuration: FunctionsConfiguration
    private let client: HTTPClient

    /// Answers up to so many bytes are read on the event loop.
    private static let smallAnswer = 1 << 16
    private static let reading = DispatchQueue(label: "newel.lambda-answers")

    init(_ configuration: FunctionsConfiguration) {
        self.configuration = configuration
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .seconds(Int64(configuration.connectTimeoutSeconds))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.maxConnections
        // Otherwise a refused connection is tried again until the deadline.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.refuseImpossibleStatuses()
        settings.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    // The client insists on being shut down.
    deinit { client.shutdown { _ in } }

    /// Starts the call. `completion` gets the outcome on an event loop, or `nil` when the call was cancelled.
    func invoke(
        _ call: FunctionCall, at endpoint: String, completion: @escaping @Sendable (TaskOutcome?) -> Void
    ) -> HTTPClient.Task<HTTPClient.Response>? {
        do {
            let request = try request(call, endpoint)
            // Not the client's async functions: their deadline ends with the response's head.
            let task = client.execute(
                request: request,
                delegate: ResponseAccumulator(request: request, maxBodySize: Limits.Functions.maximumResponseBytes),
                // On one loop the request's end leaves with its body. From two, a server that answers the body and
                // hangs up before the end is written stops the process (async-http-client 1.37, releaseConnection).
                eventLoop: .delegateAndChannel(on: client.eventLoopGroup.next()),
                deadline: deadline(call.request))
            task.futureResult.whenComplete { result in
                let size = (try? result.get())?.body?.readableBytes ?? 0
                if size <= Self.smallAnswer { return completion(Self.outcome(result, call, endpoint)) }
                // The event loops serve clients as well: reading a large answer takes too long for them.
                Self.reading.async { completion(Self.outcome(result, call, endpoint)) }
            }
            return task
        } catch {
            completion(LambdaFailure.client("\(endpoint): \(error)"))
            return nil
        }
    }

    private static func outcome(
        _ result: Result<HTTPClient.Response, any Error>, _ call: FunctionCall, _ endpoint: String
    ) -> TaskOutcome? {
        switch result {
        case .success(let response):
            InvokeAnswer(
                status: Int(response.status.code), headers: response.headers.map { (name: $0.name, value: $0.value) },
                payload: response.body.map { String(buffer: $0) } ?? ""
            ).outcome(of: call)
        case .failure(is ResponseAccumulator.ResponseTooBigError): tooLarge(call)
        case .failure(let error): outcome(error, endpoint)
        }
    }

    /// The state's own clock is the engine's; this one only has to stop later.
    private func deadline(_ request: TaskRequest) -> NIODeadline {
        let longest = configuration.invokeTimeoutMilliseconds
        let seconds = request.timeoutSeconds.map { min($0, 1_000_000) + 5 }
        return .now() + .milliseconds(Int64(min(longest, seconds.map { $0 * 1000 } ?? longest)))
    }

    private func request(_ call: FunctionCall, _ endpoint: String) throws -> HTTPClient.Request {
        let url = Endpoint(endpoint)
        let name = FunctionName(call.function).name
        var target = "\(url.path)/2015-03-31/functions/\(Endpoint.encoded(name))/invocations"
        if let qualifier = call.qualifier { target += "?Qualifier=\(Endpoint.encoded(qualifier))" }
        var headers = [
            (name: "Host", value: url.authority), (name: "Content-Type", value: "application/json"),
            (name: "X-Amz-Invocation-Type", value: call.invocationType),
            (name: "X-Amzn-Trace-Id", value: call.request.traceID),
            // The SDKs send one id for a call and all its repetitions under this name.
            (name: "amz-sdk-invocation-id", value: call.request.requestID),
        ]
        if let context = call.clientContext { headers.append((name: "X-Amz-Client-Context", value: context)) }
        if let logType = call.logType { headers.append((name: "X-Amz-Log-Type", value: logType)) }
        let body = Array(call.payload.utf8)
        if let signer = configuration.signer {
            headers = signer(SigV4.Request(method: "POST", target: target, headers: headers, body: body)).headers
        }
        return try HTTPClient.Request(
            url: "\(url.origin)\(target)", method: .POST, headers: HTTPHeaders(headers.map { ($0.name, $0.value) }),
            body: .bytes(body))
    }

    /// What Lambda itself answers for a response beyond its limit.
    private static func tooLarge(_ call: FunctionCall) -> TaskOutcome {
        var answer = InvokeAnswer(requestID: call.request.requestID)
        answer.fail(
            type: "Function.ResponseSizeTooLarge",
            message: "Response payload size exceeded maximum allowed payload size "
                + "(\(Limits.Functions.maximumResponseBytes) bytes).")
        return answer.outcome(of: call)
    }

    private static func outcome(_ error: any Error, _ endpoint: String) -> TaskOutcome? {
        let authority = Endpoint(endpoint).authority
        guard let known = error as? HTTPClientError else {
            return LambdaFailure.client(reason(error, authority))
        }
        switch known {
        case .cancelled: return nil
        case .deadlineExceeded, .readTimeout: return LambdaFailure.timeout
        case .connectTimeout, .getConnectionFromPoolTimeout:
            return LambdaFailure.client("Connect to \(authority) failed: connect timed out")
        case .remoteConnectionClosed: return LambdaFailure.client("\(authority) failed to respond")
        default: return LambdaFailure.client(known.shortDescription)
        }
    }
}

extension LambdaClient {
    /// What went wrong below HTTP, in the words of Java's client where it has some.
    private static func reason(_ error: any Error, _ authority: String) -> String {
        switch error {
        case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode):
            "\(authority) failed to respond: \(String(cString: strerror(error.errnoCode)))"
        case let error as IOError:
            "Connect to \(authority) failed: \(String(cString: strerror(error.errnoCode)))"
        case let error as HTTPParserError: "\(authority): \(error)"
        default: "Connect to \(authority) failed: \(error)"
        }
    }
}

/// A base URL taken apart.
struct Endpoint {
    /// `http://host:port`
    var origin: String
    /// `host:port`
    var authority: String
    /// Without a trailing slash; empty for none.
    var path: String

    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        authority = parts.count > 2 ? parts[2] : ""
        origin = "\(parts[0])//\(authority)"
        let rest = parts.count > 3 ? "/" + parts[3] : ""
        path = rest.hasSuffix("/") ? String(rest.dropLast()) : rest
    }

    /// Percent-encoded but for RFC 3986's unreserved characters.
    static func encoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return result
    }
}
