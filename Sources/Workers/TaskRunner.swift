// The one seam between the engine and what does the work.

package import JSON
package import States

/// A way of running a task: a function in this process, a function behind the Lambda Invoke API, later a function
/// process, an activity, an AWS service.
package protocol TaskRunner: Sendable {
    /// Runs one attempt and calls `completion` exactly once, from any thread, unless the attempt is cancelled. Returns
    /// at once; blocking work goes to the runner's own threads.
    func run(_ request: TaskRequest, completion: @escaping @Sendable (TaskOutcome) -> Void)
    /// The attempt no longer counts. The runner may stop it; its outcome is ignored either way.
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

    package init(id: TaskID, executionARN: String, functionARN: String, input: String, timeoutSeconds: Int?) {
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

/// A function in this process, the model of all in-process work. It runs on a thread of the worker pool and may block.
/// What it throws as `FunctionError` becomes `Error` and `Cause` as on Lambda: `errorType`, and the error payload
/// `{"errorMessage","errorType"}` as JSON text.
package struct InProcessFunction: Sendable {
    /// The function's name, the last part of its ARN.
    package var name: String
    package var body: @Sendable (_ input: JSONValue, _ context: FunctionContext) throws -> JSONValue

    package init(
        name: String, body: @escaping @Sendable (_ input: JSONValue, _ context: FunctionContext) throws -> JSONValue
    ) {
        self.name = name
        self.body = body
    }
}

package struct FunctionContext: Sendable {
    package var id: TaskID
    package var executionARN: String
    package var functionARN: String

    package init(id: TaskID, executionARN: String, functionARN: String) {
        self.id = id
        self.executionARN = executionARN
        self.functionARN = functionARN
    }
}

/// An error that a function raises on purpose: its type is what Retry and Catch match.
package struct FunctionError: Error, Sendable, Equatable {
    package var type: String
    package var message: String

    package init(type: String, message: String) {
        self.type = type
        self.message = message
    }
}
