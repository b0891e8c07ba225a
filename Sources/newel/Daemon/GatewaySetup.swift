// Makes the gateway of a configuration: roles, actions, the recipe move's own routes.

import API
import Core
import Engine
import Foundation
import Functions
import Gateway
import Identity
import JSON
import Logging
import NIOCore
import RecipeMove
import States
import System

struct GatewaySetup: Sendable {
    let configuration: Configuration
    let dispatcher: APIDispatcher
    let identity: Current<IdentityCatalog>
    let recipeMove: RecipeMove?
    let logger: Logger

    /// The gateway of the configured routes; without routes every request is answered that there is no such method.
    func make() -> GatewayHandler {
        // Inspection has read the same file without an error.
        make(configuration.gateway.flatMap { Inspection.routes($0.openAPI).api } ?? .empty)
    }

    func make(_ api: GatewayAPI) -> GatewayHandler {
        let scope = configuration.engine.scope
        let settings = configuration.gateway
        let stage = GatewayStage(
            accountID: scope.account, region: scope.region, name: settings?.stage ?? "default",
            variables: JSONObject((settings?.stageVariables ?? [:]).map { ($0.key, JSONValue.string($0.value)) }))
        let isNative = settings?.nativeRoutes ?? false
        return GatewayHandler(api: api, stage: stage, native: isNative ? nativeRoutes : [], services: services)
    }

    // MARK: - Actions and roles

    private var services: GatewayServices {
        let (dispatcher, identity, logger) = (dispatcher, identity, logger)
        let folder = configuration.identityFolder
        return GatewayServices(
            callAction: { call in await Self.perform(call, dispatcher, identity.value) },
            assumeRole: { role, source in
                let catalog = identity.value
                var context = RequestContext()
                context.setTime(Int(Timestamp.now.milliseconds / 1000))
                return catalog.assume(
                    role: role, by: "apigateway.amazonaws.com", sourceARN: source, sourceAccount: catalog.account,
                    context: context
                ).map(\.arn).mapError { refusal in
                    var hint = refusal.hint
                    if refusal.cause == .noSuchRole {
                        hint += folder.map { " Add a file with it to \($0)." } ?? " Set identity.folder."
                    }
                    logger.warning(
                        "A route's role cannot be assumed", metadata: ["role": "\(role)", "hint": "\(hint)"])
                    return RoleRefusal(text: "\(refusal.message) \(hint)")
                }
            },
            makeRequestID: { UUID().uuidString.lowercased() }, now: { Int(Timestamp.now.milliseconds) }, log: log)
    }

    /// Calls the API's dispatcher as the session of the role.
    private static func perform(
        _ call: ActionCall, _ dispatcher: APIDispatcher, _ catalog: IdentityCatalog
    ) async -> ActionAnswer {
        let answer = await dispatcher.call(
            operation: call.operation, body: ByteBuffer(bytes: call.body),
            scope: dispatcher.engine.configuration.scope, caller: .principal(catalog.session(arn: call.principal)),
            traceHeader: call.traceHeader, requestID: call.requestID)
        let headers = answer.headers.map { (name: $0.name, value: $0.value) }
        guard let failure = answer.failure else {
            return ActionAnswer(status: answer.status, headers: headers, body: Array(answer.body.readableBytesView))
        }
        var repeated: RepeatedStart?
        if call.operation == "StartExecution", failure.type == "ExecutionAlreadyExists" {
            repeated = await repeatedStart(call, failure, dispatcher)
        }
        return ActionAnswer(
            status: answer.status, headers: headers, body: Array(failure.qualifiedBody.readableBytesView),
            repeated: repeated)
    }

    /// The execution that has the name already, where it was started with the same input.
    private static func repeatedStart(
        _ call: ActionCall, _ failure: APIFailure, _ dispatcher: APIDispatcher
    ) async -> RepeatedStart? {
        // Execution Already Exists: 'ARN'
        guard let arn = failure.message?.split(separator: "'").dropFirst().first.map(String.init),
            let wanted = try? JSONValue.parse(call.body)
        else { return nil }
        let described = await dispatcher.call(
            operation: "DescribeExecution",
            body: ByteBuffer(string: JSONValue.object(["executionArn": .string(arn)]).text),
            scope: dispatcher.engine.configuration.scope, caller: .daemon)
        guard let execution = try? JSONValue.parse(Array(described.body.readableBytesView)),
            let input = execution["input"]?.stringValue, input == wanted["input"]?.stringValue ?? "{}",
            let startDate = execution["startDate"]?.numberValue
        else { return nil }
        return RepeatedStart(arn: arn, startDate: startDate)
    }

    private var log: ExecutionLog {
        guard let settings = configuration.gateway, settings.executionLog != .off else { return .off }
        let logger = logger
        return ExecutionLog(level: settings.executionLog == .info ? .info : .error) { requestID, line in
            logger.info("(\(requestID)) \(line)")
        }
    }

    // MARK: - The recipe move's own routes

    private var nativeRoutes: [NativeRoute] {
        guard let recipeMove else { return [] }
        return [
            route("/recipes/{id}") { _, path in try recipeMove.recipe(path["id"] ?? "") },
            route("/users/{id}") { _, path in try recipeMove.user(path["id"] ?? "") },
            route("/search") { request, _ in
                try recipeMove.search(request.queryValue("q") ?? "")
            },
        ].compactMap { $0 }
    }

    /// Answers what `body` gives, 404 for `nil`.
    private func route(
        _ path: String,
        _ body: @escaping @Sendable (MethodRequest, [String: String]) throws -> JSONValue?
    ) -> NativeRoute? {
        guard let path = RoutePath(path) else { return nil }
        let queue = RouteQueue()
        return NativeRoute(verb: "GET", path: path) { [logger] request, parameters in
            do {
                let found = try await queue.run { try body(request, parameters) }
                return found.map { MethodResponse(status: 200, json: $0) }
                    ?? MethodResponse(status: 404, json: ["message": "Not Found"])
            } catch let error as FunctionError {
                let status = error.type == "Search.Rejected" ? 400 : 503
                return MethodResponse(status: status, json: ["message": .string(error.message)])
            } catch is RouteQueue.Full {
                return MethodResponse(status: 503, json: ["message": "Too many requests wait for this route"])
            } catch let error as DatabaseError where error.isBusy {
                return MethodResponse(status: 503, json: ["message": "Another process holds the recipes' database"])
            } catch {
                logger.error("A route failed", metadata: ["path": "\(path.text)", "error": "\(error)"])
                return MethodResponse(status: 500, json: ["message": "Internal server error"])
            }
        }
    }
}

extension MethodRequest {
    /// The first value of a query parameter, decoded.
    fileprivate func queryValue(_ name: String) -> String? {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.first.map(String.init)?.removingPercentEncoding == name else { continue }
            return parts.count > 1
                ? parts[1].replacing("+", with: " ").removingPercentEncoding ?? String(parts[1]) : ""
        }
        return nil
    }
}

extension IdentityCatalog {
    /// The principal of `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. A role that is gone has no policies left.
    fileprivate func session(arn: String) -> Principal {
        let parts = arn.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let name = parts.count > 1 ? parts[1] : ""
        let session = parts.count > 2 ? parts[2] : ""
        let role = roles[name]
        return Principal(
            kind: .assumedRole(role: name, path: role?.path ?? "/", session: session), account: account,
            partition: partition, userID: "\(role?.id ?? ""):\(session)", tags: role?.tags ?? [:])
    }
}
