// Runs Lambda functions, wherever the configuration maps them.

import Core
package import Dispatch
package import Engine
package import Functions
package import Outbound
package import States
import Synchronization

/// Runs Lambda functions: in this process or at an endpoint that speaks the Lambda Invoke API, as the configuration
/// maps them. Both forms of a Task come here: the function's ARN as Resource, and `arn:aws:states:::lambda:invoke` with
/// the call's parameters as input.
package final class FunctionRunner: TaskRunner {
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

    package func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
        do {
            let call = try FunctionCall(request)
            switch configuration.destination(
                of: call.function, qualifier: call.qualifier, inProcess: names, executionARN: request.executionARN)
            {
            case .inProcess(let name):
                guard let function = inProcess[name] else { return completion(notFound(call)) }
                pool.submit(request.id, function: name) { completion(call.run(function)) }
            case .endpoint(let endpoint): invoke(call, endpoint, completion)
            case nil: completion(notFound(call))
            }
        } catch {
            completion(.failed(error: error.type, cause: error.message))
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

    private func invoke(
        _ call: FunctionCall, _ endpoint: String, _ completion: @escaping @Sendable (TaskOutcome) -> Void
    ) {
        let function = FunctionName(call.function).name
        let id = call.request.id
        connections.submit(id, function: function) { slot in
            let finished: @Sendable (TaskOutcome?) -> Void = { outcome in
                self.calls.withLock { $0[id] = nil }
                if let outcome { completion(outcome) }
                self.connections.finish(slot, function: function)
            }
            let sent = self.client.invoke(call, at: endpoint, completion: finished)
            guard let sent else { return }
            self.calls.withLock { $0[id] = sent }
            // It may have ended before it was stored.
            sent.whenEnded { self.calls.withLock { $0[id] = nil } }
        }
    }

    private func notFound(_ call: FunctionCall) -> TaskOutcome {
        let caller = configuration.home(of: call.request.executionARN)
        let arn = FunctionName(call.function).arn(region: caller.region, account: caller.account)
        return .failed(
            error: "Lambda.ResourceNotFoundException",
            cause: SDKExceptionText.version1(
                "Function not found: \(arn)", service: "AWSLambda", status: 404, code: "ResourceNotFoundException",
                requestID: call.request.requestID))
    }
}
