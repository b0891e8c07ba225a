// Tasks that call the API of this very server.

import API
import Core
import Engine
import HTTPServer
import Identity
import Integrations
import JSON
import NIOCore
import States
import Synchronization

/// Calls Step Functions itself, without a connection.
final class LocalAPI: Sendable {
    private let state = Mutex(State())

    private struct State {
        var dispatcher: APIDispatcher?
        /// Calls in flight: a worker's poll ends when its task is cancelled.
        var calls: [TaskID: ClientConnection] = [:]
        /// Calls that came before `connect`.
        var waiting: [@Sendable (APIDispatcher) -> Void] = []
    }

    /// Names the API that is called; calls that came before are made now.
    func connect(_ dispatcher: APIDispatcher) {
        let waiting = state.withLock { state in
            state.dispatcher = dispatcher
            defer { state.waiting = [] }
            return state.waiting
        }
        for call in waiting { call(dispatcher) }
    }

    /// Calls an operation for a task; the members have the names of the AWS SDK for Java. `completion` gets the
    /// response in any case, which counts as not delivered if the task was cancelled by then.
    func call(
        _ operation: String, _ members: JSONObject, for request: TaskRequest, requestID: String,
        completion: @escaping @Sendable (OutboundResponse) -> Void
    ) {
        guard let scope = Scope(ofARN: request.executionARN) else { return completion(Self.outsideOfAccounts) }
        let body = ByteBuffer(string: JSONValue.object(SDKParameters.input(of: operation, members)).text)
        let connection = ClientConnection()
        let perform: @Sendable (APIDispatcher) -> Void = { [self] dispatcher in
            dispatcher.call(
                // The policies of execution roles are not enforced yet.
                operation: operation, body: body, scope: scope, caller: .daemon, requestID: requestID,
                connection: connection, depth: request.depth + 1
            ) { answer in
                answer.sent?(!connection.isClosed)
                _ = self.state.withLock { $0.calls.removeValue(forKey: request.id) }
                completion(Self.response(answer))
            }
        }
        let dispatcher = state.withLock { state in
            state.calls[request.id] = connection
            if state.dispatcher == nil { state.waiting.append(perform) }
            return state.dispatcher
        }
        if let dispatcher { perform(dispatcher) }
    }

    /// Closes the connection of a task's call. `false` where the task has none.
    func cancel(_ id: TaskID) -> Bool {
        guard let connection = state.withLock({ $0.calls.removeValue(forKey: id) }) else { return false }
        connection.close()
        return true
    }

    private static func response(_ answer: APIAnswer) -> OutboundResponse {
        OutboundResponse(
            status: answer.status, headers: answer.errorType.map { [("x-amzn-ErrorType", $0)] } ?? [],
            value: try? JSONValue.parse(Array(answer.body.readableBytesView)))
    }

    /// An execution's ARN names its account.
    private static let outsideOfAccounts = OutboundResponse(
        status: 400, headers: [("x-amzn-ErrorType", "InvalidArn")], value: ["message": "Invalid execution ARN"])
}
