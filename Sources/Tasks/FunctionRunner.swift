// Runs Lambda functions, wherever the configuration maps them.

import Core
package import Dispatch
import Engine
package import Functions
import Integrations
import JSON
package import Outbound
package import States
import Synchronization

/// Runs Lambda functions: in this process or at an endpoint that speaks the Lambda Invoke API, as the configuration
/// maps them.
package final class FunctionRunner: Sendable {
    private let configuration: FunctionsConfiguration
    private let inProcess: [String: InProcessFunction]
    private let names: Set<String>
    private let pool: WorkerPool
    /// Calls over HTTP take a place here and no thread.
    private let connections: Admission
    private let client: LambdaClient
    private let calls = Mutex<[TaskID: OutboundCall]>([:])

    /// - Parameters:
    ///   - inProcess: the functions of this process; no two of one name.
    ///   - signer: signs calls over HTTP, for an endpoint that asks who calls.
    package init(
        configuration: FunctionsConfiguration, inProcess: [InProcessFunction], signer: RequestSigner? = nil
    ) {
        self.configuration = configuration
        self.inProcess = Dictionary(uniqueKeysWithValues: inProcess.map { ($0.name, $0) })
        names = Set(self.inProcess.keys)
        let limits = configuration.limits
        let defaultLimit = configuration.defaultLimit
        pool = WorkerPool(width: configuration.width) { limits[$0] ?? defaultLimit }
        connections = Admission(width: configuration.maxConnections) { limits[$0] ?? defaultLimit }
        client = LambdaClient(configuration, signer: signer)
    }

    /// What waits and runs on the pool of this process.
    package var inProcessCounts: WorkCounts { pool.counts }
    /// What waits for a connection and what is in flight over HTTP.
    package var endpointCounts: WorkCounts { connections.counts }

    /// Calls a function for a task. `completion` is called once, unless the task is cancelled; `requestID` is the same
    /// each time that the attempt is sent.
    func invoke(
        _ invocation: FunctionInvocation, for request: TaskRequest, requestID: String,
        completion: @escaping @Sendable (Result<OutboundResponse, OutboundFailure>) -> Void
    ) {
        let destination = configuration.destination(
            of: invocation.function, qualifier: invocation.qualifier, inProcess: names,
            executionARN: request.executionARN)
        switch destination {
        case .inProcess(let name):
            guard let function = inProcess[name] else {
                return completion(.success(notFound(invocation, request)))
            }
            let context = FunctionContext(
                requestID: requestID, executionARN: request.executionARN, functionARN: invocation.function)
            pool.submit(request.id, function: name) {
                completion(.success(function.response(to: invocation, context)))
            }
        case .endpoint(let endpoint): send(invocation, request, requestID, to: endpoint, completion)
        case nil: completion(.success(notFound(invocation, request)))
        }
    }

    /// A call that waits is dropped, one that is in flight over HTTP is cut off; a function of this process runs to its
    /// end.
    package func cancel(_ id: TaskID) {
        pool.cancel(id)
        connections.cancel(id)
        calls.withLock { $0[id]?.cancel() }
    }

    /// Starts nothing more and returns how many calls still ran at the `timeout`; those over HTTP are cut off
    /// then. Tasks that did not finish are open in the store and are sent again at the next start.
    package func drain(within timeout: DispatchTimeInterval) async -> Int {
        async let inProcess = pool.drain(within: timeout)
        async let overHTTP = connections.drain(within: timeout)
        let late = await inProcess + overHTTP
        for call in calls.withLock({ $0.values.map { $0 } }) { call.cancel() }
        return late
    }

    private func send(
        _ invocation: FunctionInvocation, _ request: TaskRequest, _ requestID: String, to endpoint: String,
        _ completion: @escaping @Sendable (Result<OutboundResponse, OutboundFailure>) -> Void
    ) {
        let function = FunctionName(invocation.function).name
        let id = request.id
        connections.submit(id, function: function) { slot in
            let sent = self.client.invoke(invocation, for: request, requestID: requestID, at: endpoint) { result in
                self.calls.withLock { $0[id] = nil }
                if let result { completion(result) }
                self.connections.finish(slot, function: function)
            }
            guard let sent else { return }
            self.calls.withLock { $0[id] = sent }
            // It may have ended before it was stored.
            sent.whenEnded { self.calls.withLock { $0[id] = nil } }
        }
    }

    /// As Lambda responds for a function that it does not have.
    private func notFound(_ invocation: FunctionInvocation, _ request: TaskRequest) -> OutboundResponse {
        let caller = configuration.home(of: request.executionARN)
        let arn = FunctionName(invocation.function).arn(region: caller.region, account: caller.account)
        return OutboundResponse(
            status: 404, headers: [("x-amzn-ErrorType", "ResourceNotFoundException")],
            value: ["Message": .string("Function not found: \(arn)")])
    }
}
