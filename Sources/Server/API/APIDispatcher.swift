// From an operation's name and body to its answer; knows nothing of HTTP, so that the front door calls it too.

package import Core
package import Engine
package import Identity
import JSON
package import NIOCore
import NIOHTTP1
import States

/// Decides whether a caller may do what it asks; the text of the refusal, `nil` when it may (`Decision.message`).
package typealias Authorizer = @Sendable (_ principal: Principal, _ permission: Permission) -> String?

/// The Step Functions API: finds the operation, checks its input, asks whether the caller may, and performs it.
package struct APIDispatcher: Sendable {
    package let engine: Engine
    private let pageTokens: PageTokens
    let requestIDs: APIRequestIDs
    private let authorize: Authorizer?
    private let throttle: Throttle?
    private let logGroups: LogGroupLookup?
    private let clock: @Sendable () -> Timestamp

    /// Without `authorize` every caller may do everything, without `throttle` as often as he likes; without `logGroups`
    /// any log group is taken as there.
    package init(
        engine: Engine, pageTokens: PageTokens, authorize: Authorizer? = nil, throttle: Throttle? = nil,
        logGroups: LogGroupLookup? = nil,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.engine = engine
        self.pageTokens = pageTokens
        self.authorize = authorize
        self.throttle = throttle
        self.logGroups = logGroups
        self.clock = clock
        requestIDs = APIRequestIDs()
    }

    /// Performs an operation and gives its answer, errors included. The account's root (`principal` `nil`) may do all.
    /// `scope` is whose resources there are for the request: the configured account's and region's where it is `nil`.
    package func call(
        operation: String, body: ByteBuffer, scope: Scope? = nil, principal: Principal? = nil,
        traceHeader: String? = nil, requestID: String? = nil
    ) async -> APIAnswer {
        await withCheckedContinuation { continuation in
            call(
                operation: operation, body: body, scope: scope, principal: principal, traceHeader: traceHeader,
                requestID: requestID
            ) { continuation.resume(returning: $0) }
        }
    }

    /// The same without a task of its own: StartExecution goes from here to the shard and back without one, and
    /// GetActivityTask waits without one, until `departure` says that the client has gone. The answer's `sent` is to
    /// be called once it has been sent, or could not be.
    package func call(
        operation name: String, body: ByteBuffer, scope: Scope? = nil, principal: Principal? = nil,
        traceHeader: String? = nil, requestID: String? = nil, departure: Departure? = nil,
        reply: @escaping @Sendable (APIAnswer) -> Void
    ) {
        let requestID = requestID ?? requestIDs.make()
        let scope = scope ?? engine.configuration.scope
        let now = clock()
        do throws(APIFailure) {
            guard let operation = APIOperation.all[name], let members = ConstraintTable.members[name] else {
                throw Self.unknownOperation
            }
            try throttle?.check(name, scope, now: now)
            let input = try Self.input(body)
            try RequestCheck.check(input, against: members, limits: engine.configuration.limits)
            try checkPermission(principal, name, input, scope)
            let call = APICall(
                operation: name, input: input, engine: engine, scope: scope, pageTokens: pageTokens,
                logGroups: logGroups, now: now, traceHeader: traceHeader)
            if let body = try call.answerToForeign() {
                return reply(APIAnswer(status: 200, body: body, requestID: requestID))
            }
            if name == "StartExecution" { return start(call, requestID, reply) }
            if name == "GetActivityTask", let departure { return poll(call, departure, reply) }
            perform(operation, call, requestID, reply)
        } catch {
            reply(APIAnswer(error, requestID: requestID))
        }
    }

    private func perform(
        _ operation: APIOperation, _ call: APICall, _ requestID: String,
        _ reply: @escaping @Sendable (APIAnswer) -> Void
    ) {
        Task {
            do throws(APIFailure) {
                reply(APIAnswer(status: 200, body: try await operation.perform(call), requestID: requestID))
            } catch {
                reply(APIAnswer(error, requestID: requestID))
            }
        }
    }

    private func start(_ call: APICall, _ requestID: String, _ reply: @escaping @Sendable (APIAnswer) -> Void) {
        engine.startExecution(call.startExecution) { result in
            switch result {
            case .success(let started):
                reply(APIAnswer(status: 200, body: started.body, requestID: requestID))
            case .failure(let error): reply(APIAnswer(APIFailure(error), requestID: requestID))
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

    private func checkPermission(
        _ principal: Principal?, _ operation: String, _ input: JSONObject, _ scope: Scope
    ) throws(APIFailure) {
        guard let principal, let authorize else { return }
        let needed = Permission.needed(
            forStates: operation, input: .object(input), account: scope.account, region: scope.region,
            partition: scope.partition)
        for permission in needed {
            if let refusal = authorize(principal, permission) { throw .accessDenied(refusal) }
        }
    }

    /// AWS answers 404 and no message.
    static let unknownOperation = APIFailure(type: "UnknownOperationException", status: 404)
}
