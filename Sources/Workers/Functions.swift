// Functions of every kind behind the one seam to the engine.

package import Dispatch

/// Runs Lambda functions: in this process or behind an endpoint that speaks the Lambda Invoke API, as the configuration
/// maps them.
package final class Functions: TaskRunner {
    private let configuration: FunctionsConfiguration
    private let inProcess: [String: InProcessFunction]
    private let names: Set<String>
    private let pool: WorkerPool

    /// - Parameter inProcess: the functions of this process; no two of one name.
    package init(configuration: FunctionsConfiguration, inProcess: [InProcessFunction]) {
        self.configuration = configuration
        self.inProcess = Dictionary(uniqueKeysWithValues: inProcess.map { ($0.name, $0) })
        names = Set(self.inProcess.keys)
        let limits = configuration.limits
        let defaultLimit = configuration.defaultLimit
        pool = WorkerPool(width: configuration.width) { limits[$0] ?? defaultLimit }
    }

    /// What waits and runs on the pool of this process.
    package var inProcessCounts: WorkCounts { pool.counts }

    package func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void) {
        let call = FunctionCall(request)
        switch configuration.destination(of: call.function, inProcess: names) {
        case .inProcess(let name):
            guard let function = inProcess[name] else { return completion(notFound(call)) }
            pool.submit(request.id, function: name) { completion(call.run(function)) }
        case .endpoint, nil:
            completion(notFound(call))
        }
    }

    package func cancel(_ id: TaskID) {
        pool.cancel(id)
    }

    /// Starts nothing more and returns how many calls still ran when `patience` was over.
    package func drain(within patience: DispatchTimeInterval) async -> Int {
        await pool.drain(within: patience)
    }

    private func notFound(_ call: FunctionCall) -> TaskOutcome {
        let arn = FunctionName(call.function).arn(region: configuration.region, account: configuration.account)
        return .failed(
            error: "Lambda.ResourceNotFoundException",
            cause: LambdaFailure.cause(
                message: "Function not found: \(arn)", status: 404, code: "ResourceNotFoundException",
                requestID: call.requestID))
    }
}
