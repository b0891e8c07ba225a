// Several that may answer, one that waits.

import Synchronization

/// Calls its completion with the first value; later ones have no effect.
final class FirstValue<Value: Sendable>: Sendable {
    private let completion: Mutex<(@Sendable (Value) -> Void)?>

    init(_ completion: @escaping @Sendable (Value) -> Void) { self.completion = Mutex(completion) }

    /// Returns whether the value was the first.
    @discardableResult
    func give(_ value: Value) -> Bool {
        let completion = completion.withLock { completion in
            defer { completion = nil }
            return completion
        }
        completion?(value)
        return completion != nil
    }
}
