// SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat (api.md §3, Activities & callbacks).

package import Core
import JSON
import States

extension Engine {
    // `scope` is the caller's. A token of an execution of another account or region is invalid.

    /// Ends a task with its result, JSON text. InvalidToken, InvalidOutput, TaskTimedOut, TaskDoesNotExist.
    package func sendTaskSuccess(token: String, output: String, scope: Scope, completion: @escaping Completion<Void>) {
        report(token, scope, "success", completion) { task throws(ServiceError) in
            let payload: Payload
            do throws(JSONError) { payload = Payload(text: output, value: try JSONValue.parse(output)) } catch {
                throw ServiceError(.invalidOutput, "Invalid Output: '\(error.message)'")
            }
            return .taskSucceeded(task: task.scheduledEvent, output: payload)
        }
    }

    /// Ends a task with an error. InvalidToken, TaskTimedOut, TaskDoesNotExist.
    package func sendTaskFailure(
        token: String, error: String?, cause: String?, scope: Scope, completion: @escaping Completion<Void>
    ) {
        report(token, scope, "failure", completion) { task in
            .taskFailed(task: task.scheduledEvent, Failure(error: error, cause: cause))
        }
    }

    /// Starts a task's heartbeat clock again. InvalidToken, TaskTimedOut, TaskDoesNotExist.
    package func sendTaskHeartbeat(token: String, scope: Scope, completion: @escaping Completion<Void>) {
        report(token, scope, "heartbeat", completion) { task in .taskHeartbeat(task: task.scheduledEvent) }
    }

    private func report(
        _ token: String, _ scope: Scope, _ kind: String, _ completion: @escaping Completion<Void>,
        _ stimulus: (TaskID) throws(ServiceError) -> Stimulus
    ) {
        do throws(ServiceError) {
            try checkRunning()
            guard let task = configuration.tokens.task(of: token) else { throw .invalidToken }
            let stimulus = try stimulus(task)
            command {
                .report(TaskReport(task: task, stimulus: stimulus, scope: scope, replyTo: $0))
            } _: {
                [metrics] reply in
                metrics.reported(kind, reply.error)
                completion(reply.error.map { .failure($0) } ?? .success(()))
            }
        } catch {
            completion(.failure(error))
        }
    }
}
