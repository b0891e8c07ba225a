// Calls of functions at an endpoint that speaks the Lambda Invoke API.

import Core
import Dispatch
import Engine
import Functions
import Integrations
import JSON
import Outbound

/// `POST /2015-03-31/functions/{name}/invocations`. A call is made once: trying again is the state's Retry.
final class LambdaClient: Sendable {
    private let client: OutboundClient
    private let invokeTimeoutMilliseconds: Int

    /// Responses up to so many bytes are read on the event loop.
    private static let smallResponse = 1 << 16
    private static let reading = DispatchQueue(label: "newel.lambda-responses")

    init(_ configuration: FunctionsConfiguration, signer: RequestSigner?) {
        var settings = OutboundClient.Settings()
        settings.connections = configuration.maxConnections
        settings.connectTimeoutMilliseconds = configuration.connectTimeoutSeconds * 1000
        settings.maximumResponseBytes = Limits.Functions.maximumResponseBytes
        settings.signer = signer
        client = OutboundClient(settings)
        invokeTimeoutMilliseconds = configuration.invokeTimeoutMilliseconds
    }

    /// Starts the call. `completion` gets the response on an event loop, or `nil` when the call was cancelled.
    func invoke(
        _ invocation: FunctionInvocation, for request: TaskRequest, requestID: String, at url: String,
        completion: @escaping @Sendable (Result<OutboundResponse, OutboundFailure>?) -> Void
    ) -> OutboundCall? {
        let http = Self.request(invocation, traceID: request.traceID, requestID: requestID)
        return client.send(http, to: Endpoint(url), milliseconds: milliseconds(request)) { result in
            let size = (try? result.get())?.body.count ?? 0
            if size <= Self.smallResponse { return completion(Self.response(result, requestID, url)) }
            // The event loops serve clients as well: reading a large response takes too long for them.
            Self.reading.async { completion(Self.response(result, requestID, url)) }
        }
    }

    private static func response(
        _ result: Result<OutboundHTTPResponse, OutboundError>, _ requestID: String, _ url: String
    ) -> Result<OutboundResponse, OutboundFailure>? {
        switch result {
        case .success(let response):
            .success(
                OutboundResponse(
                    status: response.status, headers: response.headers,
                    text: String(decoding: response.body, as: UTF8.self)))
        case .failure(.cancelled): nil
        case .failure(.responseTooLarge): .success(tooLarge(requestID))
        case .failure(let error): .failure(OutboundFailure(error, url: url))
        }
    }

    /// The state's own time limit is the engine's; this one only has to end later.
    private func milliseconds(_ request: TaskRequest) -> Int {
        let seconds = request.timeoutSeconds.map { min($0, 1_000_000) + 5 }
        return min(invokeTimeoutMilliseconds, seconds.map { $0 * 1000 } ?? invokeTimeoutMilliseconds)
    }

    private static func request(
        _ invocation: FunctionInvocation, traceID: String, requestID: String
    ) -> OutboundHTTPRequest {
        let name = FunctionName(invocation.function).name
        var target = "/2015-03-31/functions/\(Endpoint.encoded(name))/invocations"
        if let qualifier = invocation.qualifier { target += "?Qualifier=\(Endpoint.encoded(qualifier))" }
        var headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "X-Amz-Invocation-Type", value: invocation.invocationType.rawValue),
            (name: "X-Amzn-Trace-Id", value: traceID),
            // The SDKs send one id for a call and all its repetitions under this name.
            (name: "amz-sdk-invocation-id", value: requestID),
        ]
        if let context = invocation.clientContext { headers.append((name: "X-Amz-Client-Context", value: context)) }
        if let logType = invocation.logType { headers.append((name: "X-Amz-Log-Type", value: logType)) }
        return OutboundHTTPRequest(
            target: target, headers: headers, body: Array((invocation.payload?.text ?? "").utf8))
    }

    /// What Lambda itself responds for a response beyond its limit.
    private static func tooLarge(_ requestID: String) -> OutboundResponse {
        .ofFunction(
            requestID, errorType: "Function.ResponseSizeTooLarge",
            message: "Response payload size exceeded maximum allowed payload size "
                + "(\(Limits.Functions.maximumResponseBytes) bytes).")
    }
}
