// API Gateway's flow of a request, from the route to the response.

import Core
import JSON
import NIOCore

/// What the gateway needs of the rest of the daemon.
package struct GatewayServices: Sendable {
    /// Calls an action as a principal.
    package var callAction: @Sendable (ActionCall) async -> ActionAnswer
    /// Assumes a role for API Gateway; `sourceARN` is the method's (`arn:aws:execute-api:…`). Gives the session's ARN.
    package var assumeRole: @Sendable (_ roleARN: String, _ sourceARN: String) -> Result<String, RoleRefusal>
    package var makeRequestID: @Sendable () -> String
    /// Milliseconds since 1970.
    package var now: @Sendable () -> Int
    package var log: ExecutionLog

    package init(
        callAction: @escaping @Sendable (ActionCall) async -> ActionAnswer,
        assumeRole: @escaping @Sendable (_ roleARN: String, _ sourceARN: String) -> Result<String, RoleRefusal>,
        makeRequestID: @escaping @Sendable () -> String, now: @escaping @Sendable () -> Int,
        log: ExecutionLog = .off
    ) {
        self.callAction = callAction
        self.assumeRole = assumeRole
        self.makeRequestID = makeRequestID
        self.now = now
        self.log = log
    }
}

/// A route of the daemon's own beside the API's: it gets the request and the values of its path's parameters.
package struct NativeRoute: Sendable {
    package var verb: String
    package var path: RoutePath
    package var answer: @Sendable (MethodRequest, [String: String]) async -> MethodResponse

    package init(
        verb: String, path: RoutePath,
        answer: @escaping @Sendable (MethodRequest, [String: String]) async -> MethodResponse
    ) {
        self.verb = verb
        self.path = path
        self.answer = answer
    }
}

/// Answers requests by an API's methods and by native routes.
package struct GatewayHandler: Sendable {
    private enum Target: Sendable {
        case method(GatewayMethod)
        case native(NativeRoute)
    }

    let stage: GatewayStage
    let services: GatewayServices
    private let metrics: GatewayMetrics
    private let responses: [String: GatewayResponse]
    private var routes = RouteTable<Target>()

    /// An API's method wins over a native route of the same verb and path.
    package init(api: GatewayAPI, stage: GatewayStage, native: [NativeRoute] = [], services: GatewayServices) {
        self.stage = stage
        self.services = services
        metrics = GatewayMetrics()
        responses = api.responses
        for method in api.methods { _ = routes.add(method.verb, method.path, .method(method)) }
        for route in native { _ = routes.add(route.verb, route.path, .native(route)) }
    }

    /// Answers a request. It never fails: what goes wrong is an answer too.
    package func handle(_ request: MethodRequest) async -> MethodResponse {
        let match = path(of: request).flatMap { routes.match(request.method, $0) }
        if case .native(let route)? = match?.target { return await route.answer(request, match?.parameters ?? [:]) }
        var method: GatewayMethod?
        if case .method(let found)? = match?.target { method = found }
        var exchange = exchange(request, method, match?.parameters ?? [:])
        var response: MethodResponse
        do throws(GatewayFailure) {
            guard let method else { throw GatewayFailure(.missingAuthenticationToken) }
            response = try await respond(method, &exchange)
        } catch {
            if let reason = error.reason {
                services.log.error(exchange.requestID, exchange.redaction.redacted(reason))
            }
            metrics.rejected(error.type)
            response = error.response(responses, exchange)
        }
        response.set("x-amzn-RequestId", exchange.requestID)
        response.set("x-amz-apigw-id", exchange.context["extendedRequestId"]?.stringValue ?? "")
        services.log.info(exchange.requestID, "Method completed with status: \(response.status)")
        return response
    }

    /// The answer to a request whose body is larger than the listener takes: the request was not read.
    package func tooLarge() -> MethodResponse {
        let exchange = exchange(MethodRequest(method: "", path: ""), nil, [:])
        metrics.rejected(.requestTooLarge)
        var response = GatewayFailure(.requestTooLarge).response(responses, exchange)
        response.set("x-amzn-RequestId", exchange.requestID)
        response.set("x-amz-apigw-id", exchange.context["extendedRequestId"]?.stringValue ?? "")
        return response
    }

    /// The path below the base path; `nil` outside of it.
    private func path(of request: MethodRequest) -> String? {
        guard !stage.basePath.isEmpty else { return request.path }
        guard request.path.hasPrefix(stage.basePath) else { return nil }
        let rest = request.path.dropFirst(stage.basePath.count)
        return rest.isEmpty ? "/" : rest.hasPrefix("/") ? String(rest) : nil
    }

    private func exchange(
        _ request: MethodRequest, _ method: GatewayMethod?, _ parameters: [String: String]
    ) -> Exchange {
        let requestID = services.makeRequestID()
        let milliseconds = services.now()
        let context = GatewayContext.make(
            request, stage: stage, resourcePath: method?.path.text, requestID: requestID,
            extendedID: TraceHeader.extendedID(requestID), milliseconds: milliseconds)
        let parameters = RequestParameters(request, path: parameters)
        return Exchange(
            request: request, stage: stage, parameters: parameters, context: context, requestID: requestID,
            traceHeader: request.header("X-Amzn-Trace-Id") ?? TraceHeader.make(requestID, milliseconds),
            redaction: services.log.level == .off ? Redaction() : Redaction(parameters))
    }

    // MARK: - The way of a request

    private func respond(_ method: GatewayMethod, _ exchange: inout Exchange) async throws(GatewayFailure)
        -> MethodResponse
    {
        logRequest(exchange)
        guard exchange.request.body.count <= Limits.Gateway.maximumBodyBytes else {
            throw GatewayFailure(.requestTooLarge)
        }
        try method.validator.check(exchange.request, exchange.parameters)
        let body = try requestBody(method.integration, &exchange)
        if case .mock = method.integration.kind {
            exchange.answer = try Self.mockAnswer(body)
        } else {
            exchange.answer = try await call(method, body, exchange)
            exchange.noteRepetition()
        }
        var response = try self.response(method, &exchange)
        if method.integration.kind != .mock { response.set("X-Amzn-Trace-Id", exchange.traceHeader) }
        services.log.info(exchange.requestID, "Successfully completed execution")
        return response
    }

    private func logRequest(_ exchange: Exchange) {
        let log = services.log
        guard log.level == .info else { return }
        let request = exchange.request
        let id = exchange.requestID
        log.info(id, "Starting execution for request: \(id)")
        log.info(id, "HTTP Method: \(request.method), Resource Path: \(request.path)")
        let redaction = exchange.redaction
        log.info(id, redaction.redacted("Method request path: \(ExecutionLog.map(exchange.parameters.path))"))
        log.info(id, "Method request query string: \(redaction.query(exchange.parameters.singleQuery))")
        log.info(id, "Method request headers: \(redaction.headers(exchange.parameters.singleHeaders))")
        log.info(id, "Method request body before transformations: \(redaction.body(request.body))")
    }

    /// The session's principal calls the action, within the integration's time.
    private func call(
        _ method: GatewayMethod, _ body: [UInt8], _ exchange: Exchange
    ) async throws(GatewayFailure) -> ActionAnswer {
        guard case .states(let action) = method.integration.kind else { throw .configuration("No action to call") }
        let principal: String
        switch services.assumeRole(stage.expand(method.integration.credentials ?? ""), sourceARN(method, exchange)) {
        case .success(let session): principal = session
        case .failure(let refusal):
            throw .configuration("API Gateway does not have permission to assume the provided role. \(refusal.text)")
        }
        let call = ActionCall(
            operation: stage.expand(action), body: body, principal: principal, requestID: exchange.requestID,
            traceHeader: exchange.traceHeader)
        let start = services.now()
        let began = NIODeadline.now()
        defer { metrics.called(since: began) }
        services.log.info(
            exchange.requestID, "Endpoint request body after transformations: \(exchange.redaction.body(body))")
        let perform = services.callAction
        let answer = await TimeLimit.run(milliseconds: method.integration.timeoutMilliseconds) { await perform(call) }
        guard let answer else {
            throw GatewayFailure(
                .integrationTimeout,
                reason: "Execution failed due to a timeout error after \(method.integration.timeoutMilliseconds) ms")
        }
        services.log.info(
            exchange.requestID,
            "Received response. Status: \(answer.status), Integration latency: \(services.now() - start) ms")
        services.log.info(
            exchange.requestID,
            "Endpoint response body before transformations: \(exchange.redaction.body(answer.body))")
        return answer
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/resource`.
    private func sourceARN(_ method: GatewayMethod, _ exchange: Exchange) -> String {
        "arn:aws:execute-api:\(stage.region):\(stage.accountID):\(stage.apiID)/\(stage.name)/\(exchange.request.method)"
            + method.path.text
    }
}
