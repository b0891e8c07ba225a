// Work with an end: its result, or nothing once its time is over.

import Synchronization

enum TimeLimit {
    /// Returns the result of the work, or `nil` after the time limit. The work is cancelled then and not awaited.
    static func run<Value: Sendable>(
        milliseconds: Int, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let gate = Gate<Value>()
        return await withCheckedContinuation { continuation in
            gate.open(continuation)
            let task = Task { gate.pass(await work()) }
            let timer = Task {
                try? await Task.sleep(for: .milliseconds(milliseconds))
                if gate.pass(nil) { task.cancel() }
            }
            gate.stop(timer)
        }
    }

    /// Lets the first result through.
    private final class Gate<Value: Sendable>: Sendable {
        private struct State {
            var continuation: CheckedContinuation<Value?, Never>?
            var timer: Task<Void, Never>?
            var isOver = false
        }

        private let state = Mutex(State())

        func open(_ continuation: CheckedContinuation<Value?, Never>) {
            state.withLock { $0.continuation = continuation }
        }

        /// The timer to stop once there is a result.
        func stop(_ timer: Task<Void, Never>) {
            let isOver = state.withLock { state in
                state.timer = timer
                return state.isOver
            }
            if isOver { timer.cancel() }
        }

        @discardableResult
        func pass(_ value: Value?) -> Bool {
            let (continuation, timer) = state.withLock { state in
                defer {
                    state.continuation = nil
                    state.isOver = true
                }
                return (state.continuation, state.timer)
            }
            guard let continuation else { return false }
            timer?.cancel()
            continuation.resume(returning: value)
            return true
        }
    }
}
