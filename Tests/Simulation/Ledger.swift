// What the clients of a world have been told, kept apart from the engine.

import Integrations
import Core
import Engine
import Expressions
import States
import Storage
import Synchronization

/// Survives every crash: what is in it was promised.
final class Ledger: Sendable {
    private let state = Mutex(State())

    private struct State {
        var accepted: [String: String] = [:]
        var order: [String] = []
        var stopped: [String: Timestamp] = [:]
        var violations: [String] = []
        var crashes = 0
        var failedCommits = 0
        var lastOutcome: (TaskID, TaskOutcome)?
    }

    var crashes: Int {
        get { state.withLock { $0.crashes } }
        set { state.withLock { $0.crashes = newValue } }
    }

    var failedCommits: Int {
        get { state.withLock { $0.failedCommits } }
        set { state.withLock { $0.failedCommits = newValue } }
    }

    var lastOutcome: (TaskID, TaskOutcome)? {
        get { state.withLock { $0.lastOutcome } }
        set { state.withLock { $0.lastOutcome = newValue } }
    }

    /// Executions whose start was answered, with the input of the first answer.
    var accepted: [String: String] { state.withLock { $0.accepted } }

    /// Executions that are known to have ended, with the stop date that a client was told.
    var stopped: [String: Timestamp] { state.withLock { $0.stopped } }

    var violations: [String] { state.withLock { $0.violations } }

    /// A start was answered; a second answer for the same name is for the same input.
    func accepted(_ arn: String, input: String) {
        state.withLock { state in
            if let known = state.accepted[arn] {
                if known != input { state.violations.append("\(arn) was accepted with \(known) and with \(input)") }
            } else {
                state.accepted[arn] = input
                state.order.append(arn)
            }
        }
    }

    /// A stop was answered; every answer has the same date.
    func stopped(_ arn: String, at date: Timestamp) {
        state.withLock { state in
            if let known = state.stopped.updateValue(date, forKey: arn), known != date {
                state.violations.append("\(arn) was stopped at \(known) and at \(date)")
            }
        }
    }

    func violate(_ text: String) { state.withLock { $0.violations.append(text) } }

    func anyAccepted(_ chance: inout Chance) -> String? {
        let pick = chance.next()
        return state.withLock { $0.order.isEmpty ? nil : $0.order[Int(pick % UInt64($0.order.count))] }
    }

    /// Whether the store has the task's Scheduled event.
    func isStored(_ id: TaskID, _ store: MemoryStore) -> Bool {
        guard let record = try? store.execution(id: id.execution) else { return false }
        return record.lastEventID >= id.scheduledEvent
    }
}
