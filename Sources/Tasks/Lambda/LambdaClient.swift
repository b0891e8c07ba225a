// Calls of functions at an endpoint that speaks the Lambda Invoke API.

import Core
import Dispatch
import Engine
import Functions
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

    /// Starts the call. `completion` gets the outcome on an event loop, or `nil` when the call was cancelled.
    func invoke(
        _ call: FunctionCall, at url: String, completion: @escaping @Sendable (TaskOutcome?) -> Void
    ) -> OutboundCall? {
        let endpoint = Endpoint(url)
        return client.send(request(call), to: endpoint, milliseconds: milliseconds(call.request)) { result in
            let size = (try? result.get())?.body.count ?? 0
            if size <= Self.smallResponse { return completion(Self.outcome(result, call, url)) }
            // The event loops serve clients as well: reading a large response takes too long for them.
            Self.reading.async { completion(Self.outcome(result, call, url)) }
        }
    }

    private static func outcome(
        _ result: Result<OutboundResponse, OutboundError>, _ call: FunctionCall, _ url: String
    ) -> TaskOutcome? {
        switch result {
        case .success(let response):
            InvokeAnswer(
                status: response.status, headers: response.headers,
                payload: String(decoding: response.body, as: UTF8.self)
            ).outcome(of: call)
        case .failure(.cancelled): nil
        case .failure(.deadlineExceeded): LambdaFailure.timeout
        case .failure(.responseTooLarge): tooLarge(call)
        case .failure(let error): LambdaFailure.client(error, url)
        }
    }

    /// The state's own time limit is the engine's; this one only has to end later.
    private func milliseconds(_ request: TaskRequest) -> Int {
        let seconds = request.timeoutSeconds.map { min($0, 1_000_000) + 5 }
        return min(invokeTimeoutMilliseconds, seconds.map { $0 * 1000 } ?? invokeTimeoutMilliseconds)
    }

    private func request(_ call: FunctionCall) -> OutboundRequest {
        let name = FunctionName(call.function).name
        var target = "/2015-03-31/functions/\(Endpoint.encoded(name))/invocations"
        if let qualifier = call.qualifier { target += "?Qualifier=\(Endpoint.encoded(qualifier))" }
        var headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "X-Amz-Invocation-Type", value: call.invocationType),
            (name: "X-Amzn-Trace-Id", value: call.request.traceID),
            // The SDKs send one id for a call and all its repetitions under this name.
            (name: "amz-sdk-invocation-id", value: call.request.requestID),
        ]
        if let context = call.clientContext { headers.append((name: "X-Amz-Client-Context", value: context)) }
        if let logType = call.logType { headers.append((name: "X-Amz-Log-Type", value: logType)) }
        return OutboundRequest(target: target, headers: headers, body: Array(call.payload.utf8))
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
}
