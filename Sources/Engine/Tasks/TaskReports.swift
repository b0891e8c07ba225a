// SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat (api.md §3, Activities & callbacks).

package import Core
import JSON
import States

extension Engine {
    // `scope` is the caller's. A token of an execution of another account or region is invalid.

    /// Ends a task with its result, JSON text. Throws InvalidToken, InvalidOutput, TaskTimedOut, TaskDoesNotExist.
    package func sendTaskSuccess(token: String, output: String, scope: Scope) async throws(ServiceError) {
        let task = try task(of: token)
        let payload: Payload
        do throws(JSONError) { payload = Payload(text: output, value: try JSONValue.parse(output)) } catch {
            throw ServiceError(.invalidOutput, "Invalid Output: '\(error.message)'")
        }
        try await report(task, .taskSucceeded(task: task.scheduledEvent, output: payload), scope, "success")
    }

    /// Ends a task with an error. Throws InvalidToken, TaskTimedOut, TaskDoesNotExist.
    package func sendTaskFailure(
        token: String, error: String?, cause: String?, scope: Scope
    ) async throws(ServiceError) {
        let task = try task(of: token)
        try await report(
            task, .taskFailed(task: task.scheduledEvent, Failure(error: error, cause: cause)), scope, "failure")
    }

    /// Begins a task's heartbeat clock anew. Throws InvalidToken, TaskTimedOut, TaskDoesNotExist.
    package func sendTaskHeartbeat(token: String, scope: Scope) async throws(ServiceError) {
        let task = try task(of: token)
        try await report(task, .taskHeartbeat(task: task.scheduledEvent), scope, "heartbeat")
    }

    private func task(of token: String) throws(ServiceError) -> TaskID {
        try checkRunning()
        guard let task = configuration.tokens.task(of: token) else { throw .invalidToken }
        return task
    }

    private func report(
        _ task: TaskID, _ stimulus: Stimulus, _ scope: Scope, _ kind: String
    ) async throws(ServiceError) {
        let error = await reply { caller in
            .report(TaskReport(task: task, stimulus: stimulus, scope: scope, replyTo: caller))
        }.error
        metrics.reported(kind, error)
        if let error { throw error }
    }
}
