// Several that may answer, one that waits.

import Synchronization

/// Resumes a continuation with the first value; later ones have no effect.
final class FirstValue<Value: Sendable>: Sendable {
    private let waiting: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) { waiting = Mutex(continuation) }

    /// Returns whether the value was the first.
    @discardableResult
    func give(_ value: Value) -> Bool {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: value)
        return continuation != nil
    }
}
