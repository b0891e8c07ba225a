// `arn:aws:states:::aws-sdk:sfn:…`: tasks that call the API of this very server (integrations.md §3, §5).

import Core
import Engine
import Identity
import JSON
import NIOCore
package import States
import Synchronization
package import Workers

/// Runs the tasks that call Step Functions itself, without a connection; all others go to the runner behind it.
package final class StepFunctionsTasks: TaskRunner {
    private let others: any TaskRunner
    private let state = Mutex(State())

    private struct State {
        var dispatcher: APIDispatcher?
        /// Calls that are out: a worker's poll ends when its task no longer counts.
        var calls: [TaskID: Departure] = [:]
        /// What came before the dispatcher was there.
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
        let departure = Departure()
        let perform: @Sendable (APIDispatcher) -> Void = { [self] dispatcher in
            call.perform(dispatcher, departure) { outcome in
                _ = self.state.withLock { $0.calls.removeValue(forKey: request.id) }
                completion(outcome)
            }
        }
        let dispatcher = state.withLock { state in
            state.calls[request.id] = departure
            if state.dispatcher == nil { state.waiting.append(perform) }
            return state.dispatcher
        }
        if let dispatcher { perform(dispatcher) }
    }

    package func cancel(_ id: TaskID) {
        guard let departure = state.withLock({ $0.calls.removeValue(forKey: id) }) else { return others.cancel(id) }
        departure.gone()
    }
}

/// One such task: the operation and its input in the API's own names.
struct StepFunctionsCall: Sendable {
    var operation: String
    var input: JSONObject
    var requestID: String
    /// The account and region of the execution that calls.
    var scope: Scope

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
        let parameters = (try? JSONValue.parse(request.input))?.objectValue ?? [:]
        input = Self.wire(parameters, ConstraintTable.members[operation] ?? [])
    }

    /// When `departure` has gone by the time of the answer, what the answer carries has not reached anybody.
    func perform(
        _ dispatcher: APIDispatcher, _ departure: Departure, _ completion: @escaping @Sendable (TaskOutcome) -> Void
    ) {
        let body = ByteBuffer(string: JSONValue.object(input).text)
        dispatcher.call(
            // The policies of execution roles are not enforced yet.
            operation: operation, body: body, scope: scope, caller: .daemon, requestID: requestID, departure: departure
        ) { answer in
            answer.sent?(!departure.hasGone)
            completion(outcome(answer))
        }
    }

    // MARK: - Names

    /// The members of an input under their names on the wire, which begin with a small letter. What is to be a string
    /// and is given as JSON becomes its text; null is as good as nothing.
    private static func wire(_ parameters: JSONObject, _ members: [Member]) -> JSONObject {
        var input = JSONObject()
        for member in members {
            guard let value = parameters[member.name.capitalizedFirst], !value.isNull else { continue }
            input[member.name] = wire(value, member.shape)
        }
        return input
    }

    private static func wire(_ value: JSONValue, _ shape: Shape) -> JSONValue {
        switch (shape, value) {
        case (.string, .object), (.string, .array): .string(value.text)
        case (.structure(_, let members), .object(let object)): .object(wire(object, members))
        case (.list(let element, _), .array(let values)): .array(values.map { wire($0, element) })
        default: value
        }
    }

    // MARK: - The answer

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

    /// A value as the SDK gives it: members begin with a capital, times are ISO 8601.
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
