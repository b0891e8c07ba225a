// `arn:aws:states:::states:startExecution`: a task that the engine does itself (integrations.md).

import JSON
import States
import Workers

extension Engine {
    /// Whether the task is the engine's own; then `done` is told its outcome.
    func runOwn(_ invocation: TaskInvocation, _ done: @escaping @Sendable (TaskOutcome) -> Void) -> Bool {
        guard invocation.scheduled.resource == TaskResource.startExecution.arn else { return false }
        let parameters = invocation.scheduled.input.value
        let given = parameters["Name"]?.stringValue
        // Let out again after a crash, the task must not start a second execution: the name follows from the attempt.
        let name = given ?? invocation.uuid
        let request = StartExecution(
            stateMachineARN: parameters["StateMachineArn"]?.stringValue ?? "", name: name,
            input: parameters["Input"].map { $0.stringValue ?? $0.text })
        startExecution(request) { result in
            switch result {
            case .success(let started): done(.succeeded(output: Self.answer(started, name).text))
            case .failure(let error) where error.code == .executionAlreadyExists && given == nil:
                // The earlier delivery started it, and it has ended since; when it started nobody asks.
                let arn = request.stateMachineARN.replacing(":stateMachine:", with: ":execution:") + ":" + name
                done(.succeeded(output: Self.answer(StartedExecution(arn: arn, startDate: .now), name).text))
            case .failure(let error): done(Self.outcome(error, name))
            }
        }
        return true
    }

    /// The response in the optimized integration's envelope; `StartDate` in milliseconds since 1970.
    private static func answer(_ started: StartedExecution, _ requestID: String) -> JSONValue {
        let type = "application/x-amz-json-1.0"
        return [
            "ExecutionArn": .string(started.arn),
            "SdkHttpMetadata": [
                "AllHttpHeaders": ["x-amzn-RequestId": [.string(requestID)], "Content-Type": [.string(type)]],
                "HttpHeaders": ["x-amzn-RequestId": .string(requestID), "Content-Type": .string(type)],
                "HttpStatusCode": 200,
            ],
            "SdkResponseMetadata": ["RequestId": .string(requestID)],
            "StartDate": .int(Int(started.startDate.milliseconds)),
        ]
    }

    /// The exception in the words of the Java SDK that AWS calls itself with.
    private static func outcome(_ error: ServiceError, _ requestID: String) -> TaskOutcome {
        let code = error.code.rawValue
        let name = code.hasSuffix("Exception") ? code : code + "Exception"
        let status = error.code == .internalFailure || error.code == .serviceUnavailable ? 500 : 400
        let details = "Service: AWSStepFunctions; Status Code: \(status); Error Code: \(code)"
        return .failed(
            error: "StepFunctions.\(name)",
            cause: "\(error.message) (\(details); Request ID: \(requestID); Proxy: null)")
    }
}
