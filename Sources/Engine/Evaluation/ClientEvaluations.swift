// Evaluations that a client waits for (TestState, checks of definitions, mapping templates), off the threads that
// answer clients.

import Core
import Synchronization

/// Runs evaluations on lanes of their own. What needs the full budget gets one of two places; beyond that, and beyond
/// `waitingLimit` evaluations that wait, callers get ThrottlingException.
package final class ClientEvaluations: Sendable {
    private let lanes: EvaluationLanes
    private let full = Atomic(0)
    private let crashRecord: CrashRecord?

    init(crashRecord: CrashRecord?, executor: any LaneExecutor) {
        self.crashRecord = crashRecord
        lanes = EvaluationLanes(2..<5, executor: executor)
    }

    /// Returns what `quick` returns, or if that is `nil`, what `full` returns. Throws ThrottlingException.
    package func run<Value: Sendable>(
        quick: @escaping @Sendable () -> Value?, full: @escaping @Sendable () -> Value
    ) async throws(ServiceError) -> Value {
        guard lanes.waiting < Limits.Evaluation.maximumWaitingEvaluations else { throw .throttled }
        let value = await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
            lanes.submit(.short, key: 0) { [self] lane in
                continuation.resume(returning: evaluate(lane, quick, full))
            }
        }
        guard let value else { throw .throttled }
        return value
    }

    /// The same for what has no cheaper way.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws(ServiceError) -> Value {
        try await run(quick: body, full: body)
    }

    private func evaluate<Value>(
        _ lane: Int, _ quick: @Sendable () -> Value?, _ full: @Sendable () -> Value
    ) -> Value? {
        let slot = crashRecord?.slot(.clientEvaluation, lane)
        slot?.begin(0)
        defer { slot?.end() }
        if let value = quick() { return value }
        guard self.full.wrappingAdd(1, ordering: .relaxed).newValue <= Limits.Evaluation.maximumFullEvaluations else {
            self.full.wrappingSubtract(1, ordering: .relaxed)
            return nil
        }
        defer { self.full.wrappingSubtract(1, ordering: .relaxed) }
        return full()
    }

    func stop() { lanes.stop() }
}

extension ServiceError {
    /// More is asked for at once than is done; SDKs wait and try again.
    package static let throttled = ServiceError(.throttlingException, "Rate exceeded")
}
