// A value that is replaced as a whole while others read it.

import Synchronization

/// Holds what a reload replaces: the gateway's routes, the roles. Requests in flight finish with the value that they
/// began with.
package final class Current<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    package init(_ value: Value) { state = Mutex(value) }

    package var value: Value { state.withLock { $0 } }

    package func replace(with new: Value) { state.withLock { $0 = new } }
}
