// The numbers of executions.

import Storage
import Synchronization

/// Each number (`Slot.number`) is given once in the life of a store. An execution that another one is to start gets its
/// number in the turn that stores it, and none while it is a message: a restart counts on from the rows.
package final class ExecutionNumbers: Sendable {
    private let last: Atomic<Int64>

    /// - Parameter id: the highest one of an execution in the store.
    package init(after id: Int64) { last = Atomic(Slot.number(of: id)) }

    /// How many are left.
    var left: Int64 { Slot.lastNumber - last.load(ordering: .relaxed) }

    /// The last one that was given.
    var newest: Int64 { last.load(ordering: .relaxed) }

    /// Returns the id of a new execution in that slot; `nil` where the store has had as many as it can number.
    func next(in slot: Int64) -> Int64? {
        // Numbers beyond the last one are not given, and the count does not go on without end.
        guard left > 0 else { return nil }
        let number = last.add(1, ordering: .relaxed).newValue
        return number <= Slot.lastNumber ? Slot.execution(number: number, slot: slot) : nil
    }
}

extension ServiceError {
    static let numbersEnded = unavailable("The store has given its last execution number. Use a new state folder.")
}
