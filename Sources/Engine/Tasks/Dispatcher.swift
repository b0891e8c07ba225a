// Dispatches tasks to the runner and takes their outcomes.

package import Core
package import Integrations
package import States
import Synchronization

/// Hands tasks to the runner and posts outcomes to the shards. Knows which attempts are in flight, so that one that is
/// dispatched again while it still runs is not run twice.
package final class Dispatcher: Sendable {
    private let runner: any TaskRunner
    /// Runs what the engine does itself; `false` for everything else.
    private let own: @Sendable (TaskInvocation, @escaping @Sendable (TaskOutcome) -> Void) -> Bool
    /// Called when an attempt of the engine's own is superseded or cancelled; with `hasJob` its job is to be stopped.
    private let cancelOwn: @Sendable (TaskID, _ hasJob: Bool) -> Void
    /// Called when an execution has ended.
    private let closed: @Sendable (_ execution: Int64) -> Void
    private let inFlight = Mutex<[TaskID: Attempt]>([:])
    private let metrics: TaskMetrics
    private let outcome: @Sendable (_ execution: Int64, Stimulus) -> Void
    private let clock: any WallClock

    /// An attempt stays known until its outcome is durable: dispatched again in between, it would run twice.
    private struct Attempt {
        var began: MonotonicTime
        var isFinished = false
    }

    package init(
        runner: any TaskRunner, clock: any WallClock, metrics: TaskMetrics = TaskMetrics(),
        own: @escaping @Sendable (TaskInvocation, @escaping @Sendable (TaskOutcome) -> Void) -> Bool = { _, _ in false
        },
        cancelOwn: @escaping @Sendable (TaskID, _ hasJob: Bool) -> Void = { _, _ in },
        closed: @escaping @Sendable (_ execution: Int64) -> Void = { _ in },
        outcome: @escaping @Sendable (_ execution: Int64, Stimulus) -> Void
    ) {
        self.clock = clock
        self.own = own
        self.cancelOwn = cancelOwn
        self.closed = closed
        self.runner = runner
        self.metrics = metrics
        self.outcome = outcome
    }

    /// How many attempts are in flight, or have an outcome that is not durable yet.
    package var count: Int { inFlight.withLock { $0.count } }

    package func perform(_ effect: TaskEffect) {
        switch effect {
        case .run(let invocation): run(invocation)
        case .cancel(let execution, let scheduledEvent, let hasJob):
            let id = TaskID(execution: execution, scheduledEvent: scheduledEvent)
            if inFlight.withLock({ $0.removeValue(forKey: id) })?.isFinished == false { runner.cancel(id) }
            cancelOwn(id, hasJob)
        case .settled(let execution, let scheduledEvent):
            let id = TaskID(execution: execution, scheduledEvent: scheduledEvent)
            inFlight.withLock { _ = $0.removeValue(forKey: id) }
        case .closed(let execution): closed(execution)
        }
    }

    private func run(_ invocation: TaskInvocation) {
        let id = TaskID(execution: invocation.execution, scheduledEvent: invocation.scheduledEvent)
        let began = clock.monotonic()
        let isNew = inFlight.withLock { inFlight in
            if inFlight[id] != nil { return false }
            inFlight[id] = Attempt(began: began)
            return true
        }
        if invocation.isRedelivery, isNew { metrics.redelivered(invocation.scheduled) }
        guard isNew, !own(invocation, { self.finished(invocation, $0) }) else { return }
        let request = TaskRequest(
            id: id, executionARN: invocation.executionARN, target: invocation.scheduled.target,
            input: invocation.scheduled.input, timeoutSeconds: invocation.scheduled.timeoutSeconds,
            depth: invocation.depth)
        runner.run(request) { outcome in self.finished(invocation, outcome) }
    }

    private func finished(_ invocation: TaskInvocation, _ outcome: TaskOutcome) {
        let id = invocation.id
        let began: MonotonicTime? = inFlight.withLock { inFlight in
            guard let attempt = inFlight[id], !attempt.isFinished else { return nil }
            inFlight[id]?.isFinished = true
            return attempt.began
        }
        guard let began else {
            // Cancelled in the meantime: its outcome is not used, and what it has begun since is to be stopped.
            if invocation.scheduled.hasJob { cancelOwn(id, true) }
            return
        }
        metrics.ended(invocation.scheduled, outcome, nanoseconds: clock.monotonic() - began)
        self.outcome(id.execution, Self.stimulus(id.scheduledEvent, outcome, invocation.scheduled.pattern))
    }

    /// What the runner's outcome is to the execution.
    package static func stimulus(
        _ task: Int, _ outcome: TaskOutcome, _ pattern: IntegrationPattern = .requestResponse
    ) -> Stimulus {
        switch outcome {
        case .succeeded(let output): .taskSucceeded(task: task, output: output)
        case .submitted(let output): .taskSubmitted(task: task, output: output)
        case .failed(let failure) where pattern == .requestResponse: .taskFailed(task: task, failure)
        case .failed(let failure): .taskSubmitFailed(task: task, failure)
        }
    }
}
