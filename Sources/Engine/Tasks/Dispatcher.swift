// Tasks out, outcomes in.

import JSON
package import States
import Synchronization
package import Workers

/// Hands tasks to the runner and puts outcomes into the shards' mailboxes. Knows what is out, so that a task that is
/// let out again while it still runs is not run twice.
package final class Dispatcher: Sendable {
    private let runner: any TaskRunner
    private let out = Mutex<Set<TaskID>>([])
    private let outcome: @Sendable (_ execution: Int64, Stimulus) -> Void

    package init(
        runner: any TaskRunner, outcome: @escaping @Sendable (_ execution: Int64, Stimulus) -> Void
    ) {
        self.runner = runner
        self.outcome = outcome
    }

    /// How many tasks are out.
    package var count: Int { out.withLock { $0.count } }

    package func perform(_ effect: TaskEffect) {
        switch effect {
        case .run(let invocation): run(invocation)
        case .cancel(let execution, let scheduledEvent):
            let id = TaskID(execution: execution, scheduledEvent: scheduledEvent)
            if out.withLock({ $0.remove(id) }) != nil { runner.cancel(id) }
        }
    }

    private func run(_ invocation: TaskInvocation) {
        let id = TaskID(execution: invocation.execution, scheduledEvent: invocation.scheduledEvent)
        guard out.withLock({ $0.insert(id).inserted }) else { return }
        let request = TaskRequest(
            id: id, executionARN: invocation.executionARN, functionARN: invocation.scheduled.resource,
            input: invocation.scheduled.input.text, timeoutSeconds: invocation.scheduled.timeoutSeconds)
        runner.run(request) { outcome in self.finished(id, outcome) }
    }

    private func finished(_ id: TaskID, _ outcome: TaskOutcome) {
        // Cancelled in the meantime: nobody waits for it.
        guard out.withLock({ $0.remove(id) }) != nil else { return }
        self.outcome(id.execution, Self.stimulus(id.scheduledEvent, outcome))
    }

    package static func stimulus(_ task: Int, _ outcome: TaskOutcome) -> Stimulus {
        switch outcome {
        case .succeeded(let output):
            // A result that is no JSON becomes a string, as on Lambda.
            let value = (try? JSONValue.parse(output)) ?? .string(output)
            return .taskSucceeded(task: task, output: Payload(value))
        case .failed(let error, let cause): return .taskFailed(task: task, Failure(error: error, cause: cause))
        }
    }
}
