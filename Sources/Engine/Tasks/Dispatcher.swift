// Tasks out, outcomes in.

import JSON
package import States
import Synchronization

/// Hands tasks to the runner and puts outcomes into the shards' mailboxes. Knows what is out, so that a task that is
/// let out again while it still runs is not run twice.
package final class Dispatcher: Sendable {
    private let runner: any TaskRunner
    /// Runs what the engine does itself; `false` for everything else.
    private let own: @Sendable (TaskInvocation, @escaping @Sendable (TaskOutcome) -> Void) -> Bool
    /// Told that an attempt of the engine's own no longer counts; with `hasJob` its job is to be stopped.
    private let cancelOwn: @Sendable (TaskID, _ hasJob: Bool) -> Void
    /// Told that an execution has ended.
    private let closed: @Sendable (_ execution: Int64) -> Void
    private let out = Mutex<[TaskID: Stage]>([:])
    private let outcome: @Sendable (_ execution: Int64, Stimulus) -> Void

    /// An attempt stays known until its outcome is safe: let out again in between, it would run twice.
    private enum Stage {
        case running
        case finished
    }

    package init(
        runner: any TaskRunner,
        own: @escaping @Sendable (TaskInvocation, @escaping @Sendable (TaskOutcome) -> Void) -> Bool = { _, _ in false
        },
        cancelOwn: @escaping @Sendable (TaskID, _ hasJob: Bool) -> Void = { _, _ in },
        closed: @escaping @Sendable (_ execution: Int64) -> Void = { _ in },
        outcome: @escaping @Sendable (_ execution: Int64, Stimulus) -> Void
    ) {
        self.own = own
        self.cancelOwn = cancelOwn
        self.closed = closed
        self.runner = runner
        self.outcome = outcome
    }

    /// How many tasks are out, or have an outcome that is not safe yet.
    package var count: Int { out.withLock { $0.count } }

    package func perform(_ effect: TaskEffect) {
        switch effect {
        case .run(let invocation): run(invocation)
        case .cancel(let execution, let scheduledEvent, let hasJob):
            let id = TaskID(execution: execution, scheduledEvent: scheduledEvent)
            if out.withLock({ $0.removeValue(forKey: id) }) == .running { runner.cancel(id) }
            cancelOwn(id, hasJob)
        case .settled(let execution, let scheduledEvent):
            let id = TaskID(execution: execution, scheduledEvent: scheduledEvent)
            out.withLock { _ = $0.removeValue(forKey: id) }
        case .closed(let execution): closed(execution)
        }
    }

    private func run(_ invocation: TaskInvocation) {
        let id = TaskID(execution: invocation.execution, scheduledEvent: invocation.scheduledEvent)
        let isNew = out.withLock { out in
            if out[id] != nil { return false }
            out[id] = .running
            return true
        }
        guard isNew, !own(invocation, { self.finished(invocation, $0) }) else { return }
        let request = TaskRequest(
            id: id, executionARN: invocation.executionARN, functionARN: invocation.scheduled.resource,
            input: invocation.scheduled.input.text, timeoutSeconds: invocation.scheduled.timeoutSeconds)
        runner.run(request) { outcome in self.finished(invocation, outcome) }
    }

    private func finished(_ invocation: TaskInvocation, _ outcome: TaskOutcome) {
        let id = invocation.id
        let isAwaited = out.withLock { out in
            guard out[id] == .running else { return false }
            out[id] = .finished
            return true
        }
        guard isAwaited else {
            // Cancelled in the meantime: nobody waits for it, and what it has begun since is to be stopped.
            if invocation.scheduled.hasJob { cancelOwn(id, true) }
            return
        }
        let goesOn = invocation.scheduled.hasJob || invocation.scheduled.waitsForToken
        self.outcome(id.execution, Self.stimulus(id.scheduledEvent, outcome, goesOn: goesOn))
    }

    /// What the runner's outcome is to the execution; where the task goes on behind its action's answer, that answer.
    package static func stimulus(_ task: Int, _ outcome: TaskOutcome, goesOn: Bool = false) -> Stimulus {
        switch outcome {
        case .succeeded(let output):
            // A result that is no JSON becomes a string, as on Lambda.
            let value = (try? JSONValue.parse(output)) ?? .string(output)
            let output = Payload(value)
            return goesOn ? .taskSubmitted(task: task, output: output) : .taskSucceeded(task: task, output: output)
        case .failed(let error, let cause):
            let failure = Failure(error: error, cause: cause)
            return goesOn ? .taskSubmitFailed(task: task, failure) : .taskFailed(task: task, failure)
        }
    }
}
