// The engine's operations as `async` functions, for tests.

package import Core
package import Engine
package import Logging
package import Storage
import System

private func awaited<Value: Sendable, Failure: Error>(
    _ body: (@escaping @Sendable (Result<Value, Failure>) -> Void) -> Void
) async throws(Failure) -> Value {
    try await withCheckedContinuation { continuation in
        body { continuation.resume(returning: $0) }
    }.get()
}

private func awaited(_ body: (@escaping @Sendable () -> Void) -> Void) async {
    await withCheckedContinuation { continuation in
        body { continuation.resume() }
    }
}

extension Engine {
    package static func open(
        store: any Store, runner: any TaskRunner, configuration: EngineConfiguration = EngineConfiguration(),
        crashRecord: CrashRecord? = nil, runtime: Runtime = .system(), logger: Logger,
        executionLog: @escaping @Sendable ([LoggedEvents]) -> Void = { _ in },
        executionsClosed: @escaping @Sendable (ClosedExecutions) -> Void = { _ in },
        fatal: @escaping @Sendable (StoreError) -> Void
    ) async throws(StoreError) -> Engine {
        try await awaited { completion in
            open(
                store: store, runner: runner, configuration: configuration, crashRecord: crashRecord, runtime: runtime,
                logger: logger, executionLog: executionLog, executionsClosed: executionsClosed, fatal: fatal,
                completion: completion)
        }
    }

    package func resume() async throws(StoreError) { try await awaited { resume($0) } }

    package func ping() async { await awaited { ping($0) } }

    package func drain() async { await awaited { drain($0) } }

    // MARK: - Executions

    package func startExecution(_ request: StartExecution) async throws(ServiceError) -> StartedExecution {
        try await awaited { startExecution(request, completion: $0) }
    }

    package func startSyncExecution(_ request: StartExecution) async throws(ServiceError) -> SyncExecution {
        try await awaited { startSyncExecution(request, completion: $0) }
    }

    package func stopExecution(arn: String, error: String?, cause: String?) async throws(ServiceError) -> Timestamp {
        try await awaited { stopExecution(arn: arn, error: error, cause: cause, completion: $0) }
    }

    package func redriveExecution(arn: String, clientToken: String?) async throws(ServiceError) -> Timestamp {
        try await awaited { redriveExecution(arn: arn, clientToken: clientToken, completion: $0) }
    }

    package func describeExecution(arn: String) async throws(ServiceError) -> ExecutionDescription {
        try await awaited { describeExecution(arn: arn, completion: $0) }
    }

    package func listExecutions(
        machineARN: String, status: ExecutionStatus?, after: ExecutionQuery.Position?, limit: Int
    ) async throws(ServiceError) -> (machine: MachineEntry, executions: [ExecutionRecord]) {
        try await awaited {
            listExecutions(machineARN: machineARN, status: status, after: after, limit: limit, completion: $0)
        }
    }

    package func executionHistory(
        arn: String, from: Int?, reverse: Bool, limit: Int
    ) async throws(ServiceError) -> HistoryPage {
        try await awaited { executionHistory(arn: arn, from: from, reverse: reverse, limit: limit, completion: $0) }
    }

    package func quarantinedExecutions() async throws(ServiceError) -> [QuarantinedExecution] {
        try await awaited { quarantinedExecutions($0) }
    }

    package func releaseExecution(id: Int64) async throws(ServiceError) {
        try await awaited { releaseExecution(id: id, completion: $0) }
    }

    // MARK: - Reports

    package func sendTaskSuccess(token: String, output: String, scope: Scope) async throws(ServiceError) {
        try await awaited { sendTaskSuccess(token: token, output: output, scope: scope, completion: $0) }
    }

    package func sendTaskFailure(
        token: String, error: String?, cause: String?, scope: Scope
    ) async throws(ServiceError) {
        try await awaited { sendTaskFailure(token: token, error: error, cause: cause, scope: scope, completion: $0) }
    }

    package func sendTaskHeartbeat(token: String, scope: Scope) async throws(ServiceError) {
        try await awaited { sendTaskHeartbeat(token: token, scope: scope, completion: $0) }
    }
}
