// The interface between the engine and what runs tasks.

package import Integrations
package import JSON
package import States

/// Runs tasks: a function in this process, a function at an endpoint of the Lambda Invoke API, a call of this server's
/// own API.
package protocol TaskRunner: Sendable {
    /// Runs one attempt and calls `completion` exactly once, from any thread, unless the attempt is cancelled. Returns
    /// at once; blocking work goes to the runner's own threads.
    func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void)
    /// The attempt is superseded or its execution has ended. The runner may stop it; its outcome is ignored either way.
    func cancel(_ id: TaskID)
}

/// One attempt at a task.
package struct TaskRequest: Sendable {
    package var id: TaskID
    package var executionARN: String
    package var target: TaskTarget
    /// The effective input; for an integration its parameters.
    package var input: Payload
    /// The state's `TimeoutSeconds`, for the client's own deadline; the engine counts it on its own.
    package var timeoutSeconds: Int?
    /// How many executions have started one another before the task's own.
    package var depth: Int

    package init(
        id: TaskID, executionARN: String, target: TaskTarget, input: Payload, timeoutSeconds: Int?, depth: Int = 0
    ) {
        self.depth = depth
        self.id = id
        self.executionARN = executionARN
        self.target = target
        self.input = input
        self.timeoutSeconds = timeoutSeconds
    }
}
