// The interface between the engine and what runs tasks.

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

package struct TaskRequest: Sendable {
    package var id: TaskID
    package var executionARN: String
    /// The function's ARN as the definition has it, perhaps with a qualifier.
    package var functionARN: String
    /// JSON text.
    package var input: String
    /// The state's `TimeoutSeconds`, for the client's own deadline; the engine counts it on its own.
    package var timeoutSeconds: Int?
    /// How many executions have started one another before the task's own.
    package var depth: Int

    package init(
        id: TaskID, executionARN: String, functionARN: String, input: String, timeoutSeconds: Int?, depth: Int = 0
    ) {
        self.depth = depth
        self.id = id
        self.executionARN = executionARN
        self.functionARN = functionARN
        self.input = input
        self.timeoutSeconds = timeoutSeconds
    }
}

package enum TaskOutcome: Sendable, Equatable {
    /// JSON text of the result.
    case succeeded(output: String)
    case failed(error: String?, cause: String?)
}
