// From an operation's name and body to its response. It knows nothing of HTTP: the gateway and tasks call it too.

package import Core
package import Engine
package import HTTPServer
package import Identity
import JSON
package import Logging
import Metrics
package import NIOCore
import NIOHTTP1
import States
import System

/// The Step Functions API: finds the operation, checks its input, authorizes the caller and runs the operation.
package struct APIDispatcher: Sendable {
    package let engine: Engine
    private let pageTokens: PageTokens
    let requestIDs: APIRequestIDs
    private let identity: Current<IdentityCatalog>
    private let throttle: Throttle?
    private let logGroups: LogGroupLookup?
    private let logger: Logger
    private let repeats = RepeatLimit(clock: SystemClock())
    private let denials = Counter(
        label: MetricName.authorizationDenials.rawValue, dimensions: [("service", "states")])
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - identity: the users and roles whose policies decide.
    ///   - throttle: `nil`: calls are not limited.
    ///   - logGroups: `nil`: every log group is taken to exist.
    package init(
        engine: Engine, pageTokens: PageTokens, identity: Current<IdentityCatalog>, throttle: Throttle? = nil,
        logGroups: LogGroupLookup? = nil, logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.engine = engine
        self.pageTokens = pageTokens
        self.identity = identity
        self.throttle = throttle
        self.logGroups = logGroups
        self.logger = logger
        self.clock = clock
        requestIDs = APIRequestIDs()
    }

    /// Runs an operation and returns its response or error.
    ///
    /// Resources of accounts and regions other than those of `scope` do not exist for the call.
    package func call(
        operation: String, body: ByteBuffer, scope: Scope, caller: Caller, traceHeader: String? = nil,
        requestID: String? = nil
    ) async -> APIAnswer {
        await withCheckedContinuation { continuation in
            call(
                operation: operation, body: body, scope: scope, caller: caller, traceHeader: traceHeader,
                requestID: requestID
            ) { continuation.resume(returning: $0) }
        }
    }

    /// The same without a Swift task for StartExecution and GetActivityTask. The latter waits until `connection` says
    /// that the client has closed its connection. Call the response's `sent` once it was sent, or could not be. `depth`
    /// is that of an execution that the call starts: how many have started one another before it.
    package func call(
        operation name: String, body: ByteBuffer, scope: Scope, caller: Caller, traceHeader: String? = nil,
        requestID: String? = nil, connection: ClientConnection? = nil, depth: Int = 0,
        reply: @escaping @Sendable (APIAnswer) -> Void
    ) {
        let requestID = requestID ?? requestIDs.make()
        let now = clock()
        do throws(APIFailure) {
            guard let operation = APIOperation.all[name], let members = ConstraintTable.members[name] else {
                throw Self.unknownOperation
            }
            try throttle?.check(name, scope, now: now)
            let input = try Self.input(body)
            try RequestCheck.check(input, against: members, limits: engine.configuration.limits)
            try authorize(caller, name, input, scope, now: now)
            let call = APICall(
                operation: name, input: input, engine: engine, scope: scope, pageTokens: pageTokens,
                logGroups: logGroups, now: now, traceHeader: traceHeader, depth: depth)
            if let body = try call.answerToForeign() {
                return reply(APIAnswer(status: 200, body: body, requestID: requestID))
            }
            if name == "StartExecution" { return start(call, requestID, reply) }
            if name == "GetActivityTask", let connection { return poll(call, connection, reply) }
            perform(operation, call, requestID, reply)
        } catch {
            reply(failure(error, name, requestID))
        }
    }

    /// The response to a failed call. A fault of the daemon's own is logged with the request id that the client has:
    /// one line in ten seconds for each type of error.
    func failure(_ failure: APIFailure, _ operation: String, _ requestID: String) -> APIAnswer {
        if let cause = failure.cause, let omitted = repeats.admit(failure.type) {
            logger.error(
                "A call of the API failed",
                metadata: [
                    "operation": "\(operation)", "requestId": "\(requestID)", "error": "\(cause)",
                    "repeats": "\(omitted)",
                ])
        }
        return APIAnswer(failure, requestID: requestID)
    }

    private func perform(
        _ operation: APIOperation, _ call: APICall, _ requestID: String,
        _ reply: @escaping @Sendable (APIAnswer) -> Void
    ) {
        Task {
            do throws(APIFailure) {
                reply(APIAnswer(status: 200, body: try await operation.perform(call), requestID: requestID))
            } catch {
                reply(failure(error, call.operation, requestID))
            }
        }
    }

    private func start(_ call: APICall, _ requestID: String, _ reply: @escaping @Sendable (APIAnswer) -> Void) {
        engine.startExecution(call.startExecution) { result in
            switch result {
            case .success(let started):
                reply(APIAnswer(status: 200, body: started.body, requestID: requestID))
            case .failure(let error): reply(failure(APIFailure(error), call.operation, requestID))
            }
        }
    }

    private static func input(_ body: ByteBuffer) throws(APIFailure) -> JSONObject {
        if body.readableBytes == 0 { return JSONObject() }
        let parsed = body.withUnsafeReadableBytes { bytes -> Result<JSONValue, JSONError> in
            do throws(JSONError) { return .success(try JSONValue.parse(bytes)) } catch { return .failure(error) }
        }
        switch parsed {
        case .success(.object(let object)): return object
        case .success(.array): throw .serialization("Start of list found where not expected")
        case .success: throw .serialization("Unexpected value type in payload")
        case .failure(let error):
            var failure = APIFailure.serialization(error.message)
            failure.isForMalformedBody = true
            throw failure
        }
    }

    /// Throws AccessDeniedException.
    private func authorize(
        _ caller: Caller, _ operation: String, _ input: JSONObject, _ scope: Scope, now: Timestamp
    ) throws(APIFailure) {
        let principal: Principal
        switch caller {
        case .daemon: return
        case .root(let account):
            if account == scope.account { return }
            principal = .root(account: account, partition: scope.partition)
        case .principal(let named): principal = named
        }
        var context = RequestContext()
        context.setTime(now.seconds)
        let catalog = identity.value
        let needed = Permission.needed(
            forStates: operation, input: .object(input), account: scope.account, region: scope.region,
            partition: scope.partition)
        for permission in needed {
            // No resource of Step Functions has a policy that could allow another account.
            let decision =
                principal.account == scope.account
                ? catalog.decide(
                    AuthorizationRequest(
                        principal: principal, action: permission.action, resource: permission.resource,
                        context: context))
                : Decision(
                    verdict: .implicitDeny(.identity), caller: principal.arn, action: permission.action,
                    resource: permission.resource)
            if let refusal = decision.message {
                denials.increment()
                throw .accessDenied(refusal)
            }
        }
    }

    /// AWS answers 404 and no message.
    static let unknownOperation = APIFailure(type: "UnknownOperationException", status: 404)
}
