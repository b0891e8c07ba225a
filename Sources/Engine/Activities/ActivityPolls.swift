// GetActivityTask: a worker waits for a task without a thread of its own (api.md §4).

package import States
import Storage

/// A task on its way to a worker.
package struct ActivityTask: Sendable {
    package var id: TaskID
    package var token: String
    /// JSON text.
    package var input: String
}

extension Engine {
    /// Waits for a task of an activity. `reply` gets it when its start is safe, `nil` when none has come in time, or
    /// ActivityDoesNotExist, ActivityWorkerLimitExceeded. Of a task that `reply` got the engine is to be told by
    /// `activityTaskSent` whether it has reached the worker.
    ///
    /// Gives a number by which the wait can be given up, where there is one.
    package func pollActivity(
        arn: String, workerName: String?,
        reply: @escaping @Sendable (Result<ActivityTask?, ServiceError>) -> Void
    ) -> Int? {
        do throws(ServiceError) {
            try checkRunning()
            // The catalog's own text: thousands who wait share it.
            let arn = try describeActivity(arn: arn).arn
            return queues.poll(arn: arn, workerName: workerName, reply: reply)
        } catch {
            reply(.failure(error))
            return nil
        }
    }

    /// The worker has gone: no task is to be wasted on it.
    package func giveUpPoll(_ number: Int) { queues.giveUp(number) }

    /// Whether a task has been sent to the worker that took it. One that has not is given to the next.
    package func activityTaskSent(_ task: ActivityTask, reached: Bool) {
        queues.sent(task.id, reached: reached)
        if reached { post(.delivered(task.id), to: task.id.execution) }
    }

    /// Ends all waits: the process is about to stop.
    package func dismissPollers() { queues.close(.shuttingDown) }
}
