// GetActivityTask: waits up to a minute for a task.

import Engine
import HTTPServer
import JSON
import NIOCore

extension APIOperation {
    /// Waits on a task of its own; who waits over HTTP goes through `APIDispatcher.poll`, which needs none.
    static let getActivityTask = APIOperation("GetActivityTask") { call throws(APIFailure) in
        let result = await withCheckedContinuation { continuation in
            _ = call.pollActivity { continuation.resume(returning: $0) }
        }
        let task = try service { () throws(ServiceError) in try result.get() }
        if let task { call.engine.activityTaskSent(task, reached: true) }
        return task.body
    }
}

extension APICall {
    /// See `Engine.pollActivity`.
    func pollActivity(_ reply: @escaping @Sendable (Result<ActivityTask?, ServiceError>) -> Void) -> Int? {
        engine.pollActivity(arn: required("activityArn"), workerName: string("workerName"), reply: reply)
    }
}

extension APIDispatcher {
    /// Answers when there is a task or the time is over. A worker that leaves meanwhile is forgotten, and a task that
    /// does not reach its worker is given to the next.
    func poll(
        _ call: APICall, _ connection: ClientConnection, _ reply: @escaping @Sendable (APIAnswer) -> Void
    ) {
        let engine = engine
        let requestIDs = requestIDs
        let number = call.pollActivity { result in
            // Created lazily: most polls wait for a minute and never need it.
            let requestID = requestIDs.make()
            switch result {
            case .success(let task):
                var answer = APIAnswer(status: 200, body: task.body, requestID: requestID)
                if let task { answer.sent = { engine.activityTaskSent(task, reached: $0) } }
                reply(answer)
            case .failure(let error): reply(failure(APIFailure(error), call.operation, requestID))
            }
        }
        if let number { connection.whenClosed { engine.giveUpPoll(number) } }
    }
}

extension ActivityTask? {
    /// Without a task the answer has no members (api.md §3, Activities & callbacks).
    fileprivate var body: ByteBuffer {
        JSONObjectWriter.body { writer in
            writer.string("taskToken", self?.token)
            writer.string("input", self?.input)
        }
    }
}
