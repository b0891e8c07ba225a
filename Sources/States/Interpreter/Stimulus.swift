// What can happen to an execution from outside.

package import Core
package import JSON
import Expressions

/// One input of `advance`.
package enum Stimulus: Sendable, Equatable {
    /// `depth`: how many executions have started one another before this one.
    case start(input: Payload, roleARN: String, seed: UInt64, depth: Int = 0)
    /// A task's outcome; `task` is the id of its Scheduled event, which names the attempt. An outcome of an attempt
    /// that is no longer open changes nothing.
    case taskSucceeded(task: Int, output: Payload)
    case taskFailed(task: Int, Failure)
    /// A worker takes an activity's task.
    case activityStarted(task: Int, workerName: String?)
    /// The action of a `.sync` or `.waitForTaskToken` task has answered.
    case taskSubmitted(task: Int, output: Payload)
    case taskSubmitFailed(task: Int, Failure)
    /// The task's worker is alive: its heartbeat clock begins anew. No event.
    case taskHeartbeat(task: Int)
    /// Time has passed: whatever is due by now is done.
    case wake
    case stop(Failure)
    /// A closed execution that did not succeed goes on where it failed.
    case redrive(clientToken: String?)
    /// Go on where the turn's budget cut off.
    case proceed

    /// Whether the stimulus ends the execution, whatever it is doing.
    var closes: Bool { if case .stop = self { true } else { false } }

    /// The attempt whose outcome this is, or that has answered: nothing is out for it any more.
    package var task: Int? {
        switch self {
        case .taskSucceeded(let task, _), .taskFailed(let task, _), .taskSubmitted(let task, _),
            .taskSubmitFailed(let task, _):
            task
        case .start, .activityStarted, .taskHeartbeat, .wake, .stop, .redrive, .proceed: nil
        }
    }
}

/// What is to be done outside once the events are safe.
package enum Effect: Sendable, Equatable {
    case runTask(TaskInvocation)
    /// The attempt no longer counts: timed out, aborted, or the execution has closed. With `hasJob` the action has
    /// begun something that goes on by itself and is to be stopped (`.sync`).
    case cancelTask(scheduledEvent: Int, hasJob: Bool)
    /// The attempt has its outcome: nothing is to be let out again for it.
    case taskDone(scheduledEvent: Int)
    case closed
}

/// One attempt at a task, ready to be let out.
package struct TaskInvocation: Sendable, Equatable {
    package var execution: Int64
    package var executionARN: String
    /// Id of the Scheduled event: with `execution` it names the attempt for ever.
    package var scheduledEvent: Int
    package var scheduled: TaskScheduled
    package var progress: Frame.OpenTask.Progress
    /// It may have been let out before, by a process that has ended since.
    package var isRedelivery: Bool
    /// Depth of the execution: see `ExecutionStarted`.
    package var depth: Int

    package init(
        execution: Int64, executionARN: String, scheduledEvent: Int, scheduled: TaskScheduled,
        progress: Frame.OpenTask.Progress = .scheduled, isRedelivery: Bool = false, depth: Int = 0
    ) {
        self.depth = depth
        self.isRedelivery = isRedelivery
        self.progress = progress
        self.execution = execution
        self.executionARN = executionARN
        self.scheduledEvent = scheduledEvent
        self.scheduled = scheduled
    }

    package var id: TaskID { TaskID(execution: execution, scheduledEvent: scheduledEvent) }

    /// A UUID that is the attempt's own: the same each time that it is let out.
    package var uuid: String { uuid(within: 1) { _ in true } }

    /// The first that fits of `count` UUIDs of a sequence that is the attempt's own; where none does, the first.
    package func uuid(within count: Int, where fits: (String) -> Bool) -> String {
        var chance = Chance(seed: UInt64(bitPattern: execution) ^ UInt64(truncatingIfNeeded: scheduledEvent) << 48)
        let first = chance.uuid()
        var candidate = first
        for _ in 1..<max(2, count) {
            if fits(candidate) { return candidate }
            candidate = chance.uuid()
        }
        return first
    }
}
