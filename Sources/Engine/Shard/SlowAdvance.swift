// The part of an execution that is done on an evaluation thread.

import JSON
package import Core
import States
package import Storage
import Synchronization

/// An execution whose next state needs more than a shard may spend on it, on its own: it may run on any thread.
package struct SlowAdvance: Sendable {
    var live: LiveExecution
    /// Which deferral it was; the shard may have taken the execution back since.
    var ticket: Int
    var surroundings: Surroundings
    var patience = Patience.extended
    let cancellation: Cancellation
    var done: Advance?
    /// The outputs of a Map could not be read.
    var failure: StoreError?

    package var execution: Int64 { live.record.id }
    var machine: Int64 { live.record.machine }
    /// Whether it may take about a second, instead of a tenth of one.
    var isLong: Bool { patience == .full }

    /// Set once nobody waits for the outcome.
    final class Cancellation: Sendable {
        private let flag = Atomic(false)

        var isCancelled: Bool { flag.load(ordering: .relaxed) }

        func cancel() { flag.store(true, ordering: .relaxed) }
    }

    package enum Outcome: Sendable {
        /// For the mailbox of the execution's shard.
        case advanced(SlowAdvance)
        /// A state needs the full budget: run this in its turn.
        case again(SlowAdvance)
        case cancelled
    }

    /// Moves the execution on by one state, at least.
    package func run(now: Timestamp, clockOffset: Int64 = 0, limits: Limits, store: any Store) -> Outcome {
        if cancellation.isCancelled { return .cancelled }
        var copy = self
        copy.surroundings.clockOffset = clockOffset
        do throws(StoreError) { try copy.live.readOutputs(store) } catch {
            copy.failure = error
            return .advanced(copy)
        }
        let done = copy.live.advance(.wake, now, copy.surroundings, limits, patience)
        if done.needsPatience, !done.needsOutputs, patience != .full {
            copy.patience = .full
            return .again(copy)
        }
        copy.done = done
        return .advanced(copy)
    }
}

extension LiveExecution {
    /// Reads the outputs of iterations that a Map needs now and that are not in memory.
    fileprivate mutating func readOutputs(_ store: any Store) throws(StoreError) {
        let wanted = execution.storedOutputs
        guard let first = wanted.first, let last = wanted.last else { return }
        let events = Set(wanted)
        var found: [Int: Payload] = [:]
        var from = first
        while from <= last {
            let rows = try store.events(execution: record.id, from: from, through: last, limit: 8)
            guard let end = rows.last?.lastID, end >= from else {
                throw StoreError(.corrupt, "execution \(record.id): event \(from) is not in the store")
            }
            for row in rows {
                for event in try row.events() where events.contains(event.id) {
                    if case .stateExited(let exited) = event.kind { found[event.id] = exited.output }
                }
            }
            from = end + 1
        }
        execution.supply(found)
    }
}
