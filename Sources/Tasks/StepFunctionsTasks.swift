// `arn:aws:states:::aws-sdk:sfn:…`: tasks that call the API of this very server (integrations.md §3, §5).

package import API
import Core
package import Engine
import HTTPServer
import Identity
import JSON
import NIOCore
package import States
import Synchronization

/// Runs the tasks that call Step Functions itself, without a connection; all others go to `others`.
package final class StepFunctionsTasks: TaskRunner {
    private let others: any TaskRunner
    private let state = Mutex(State())

    private struct State {
        var dispatcher: APIDispatcher?
        /// Calls in flight: a worker's poll ends when its task is cancelled.
        var calls: [TaskID: ClientConnection] = [:]
        /// Tasks that came before `connect`.
        var waiting: [@Sendable (APIDispatcher) -> Void] = []
    }

    package init(others: any TaskRunner) { self.others = others }

    /// Names the API that is called; tasks that came before go to it now.
    package func connect(_ dispatcher: APIDispatcher) {
        let waiting = state.withLock { state in
            state.dispatcher = dispatcher
            defer { state.waiting = [] }
            return state.waiting
        }
        for call in waiting { call(dispatcher) }
    }

    package func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
        guard let call = StepFunctionsCall(request) else { return others.run(request, completion: completion) }
        let connection = ClientConnection()
        let perform: @Sendable (APIDispatcher) -> Void = { [self] dispatcher in
            call.perform(dispatcher, connection) { outcome in
                _ = self.state.withLock { $0.calls.removeValue(forKey: request.id) }
                completion(outcome)
            }
        }
        let dispatcher = state.withLock { state in
            state.calls[request.id] = connection
            if state.dispatcher == nil { state.waiting.append(perform) }
            return state.dispatcher
        }
        if let dispatcher { perform(dispatcher) }
    }

    package func cancel(_ id: TaskID) {
        guard let connection = state.withLock({ $0.calls.removeValue(forKey: id) }) else { return others.cancel(id) }
        connection.close()
    }
}

/// One such task: the operation and its input in the API's own names.
struct StepFunctionsCall: Sendable {
    var operation: String
    var input: JSONObject
    var requestID: String
    /// The account and region of the execution that calls.
    var scope: Scope
    /// The depth of an execution that the call starts.
    var depth: Int

    private static let prefix = "arn:aws:states:::aws-sdk:sfn:"

    /// `nil` for a task that is none of these.
    init?(_ request: TaskRequest) {
        guard request.functionARN.hasPrefix(Self.prefix), let scope = Scope(ofARN: request.executionARN) else {
            return nil
        }
        let action = request.functionARN.dropFirst(Self.prefix.count).prefix { $0 != "." }
        operation = action.capitalizedFirst
        requestID = request.requestID
        self.scope = scope
        depth = request.depth + 1
        let parameters = (try? JSONValue.parse(request.input))?.objectValue ?? [:]
        input = SDKParameters.input(of: operation, parameters)
    }

    /// What the response carries counts as not delivered if `connection` is closed by then.
    func perform(
        _ dispatcher: APIDispatcher, _ connection: ClientConnection,
        _ completion: @escaping @Sendable (TaskOutcome) -> Void
    ) {
        let body = ByteBuffer(string: JSONValue.object(input).text)
        dispatcher.call(
            // The policies of execution roles are not enforced yet.
            operation: operation, body: body, scope: scope, caller: .daemon, requestID: requestID,
            connection: connection, depth: depth
        ) { answer in
            answer.sent?(!connection.isClosed)
            completion(outcome(answer))
        }
    }

    // MARK: - Response

    private func outcome(_ answer: APIAnswer) -> TaskOutcome {
        let body = (try? JSONValue.parse(Array(answer.body.readableBytesView))) ?? [:]
        guard answer.status == 200 else { return failure(answer, body) }
        return .succeeded(output: Self.sdk(body, under: nil).text)
    }

    /// The exception in the words of the Java SDK, version 2.
    private func failure(_ answer: APIAnswer, _ body: JSONValue) -> TaskOutcome {
        let code = answer.errorType ?? "SfnException"
        let message = body["message"]?.stringValue ?? body["Message"]?.stringValue ?? ""
        return .failed(
            error: "Sfn." + (code.hasSuffix("Exception") ? code : code + "Exception"),
            cause: SDKExceptionText.version2(message, service: "Sfn", status: answer.status, requestID: requestID))
    }

    /// Members whose own members have names of the user's.
    private static let maps: Set<String> = ["assignedVariables", "variableReferences"]

    /// A value as the SDK returns it: members begin with a capital, times are ISO 8601.
    private static func sdk(_ value: JSONValue, under name: String?) -> JSONValue {
        switch value {
        case .object(let object):
            var members = JSONObject()
            for (key, member) in object {
                let isUsers = name.map { maps.contains($0) } ?? false
                members[isUsers ? key : key.capitalizedFirst] = sdk(member, under: key)
            }
            return .object(members)
        case .array(let elements): return .array(elements.map { sdk($0, under: name) })
        case .number:
            guard let name, name == "timestamp" || name.hasSuffix("Date"), let seconds = value.doubleValue else {
                return value
            }
            return .string(Timestamp(milliseconds: Int64((seconds * 1000).rounded())).iso8601)
        default: return value
        }
    }
}

extension StringProtocol {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
