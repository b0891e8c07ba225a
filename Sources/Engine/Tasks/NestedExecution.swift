// `arn:aws:states:::states:startExecution`, also `.sync`, `.sync:2` and `.waitForTaskToken`: a task that the engine
// does itself (integrations.md §4, states:startExecution).

import Core
import JSON
import States
import Storage

/// What the Parameters of a `startExecution` name.
struct NestedExecution {
    var request: StartExecution
    /// The client has chosen the name.
    var hasOwnName: Bool

    init(_ parameters: JSONValue, attempt: TaskInvocation) {
        let given = parameters["Name"]?.stringValue
        hasOwnName = given != nil
        let input = parameters["Input"].flatMap { $0.isNull ? nil : $0.stringValue ?? $0.text }
        request = StartExecution(
            stateMachineARN: parameters["StateMachineArn"]?.stringValue ?? "",
            // Let out again after a crash, the task must not start a second execution: the name follows from the
            // attempt.
            name: given ?? attempt.uuid, input: input)
        request.depth = attempt.depth + 1
    }

    /// The ARN that the execution has, or would have.
    var arn: String {
        guard let machine = try? ResourceARN(request.stateMachineARN, types: ["stateMachine"]) else { return "" }
        return "\(machine.prefix):execution:\(machine.parts[0]):\(request.name ?? "")"
    }
}

extension Engine {
    /// Whether the task is the engine's own; then `done` is told what the action answers.
    func runOwn(_ invocation: TaskInvocation, _ done: @escaping @Sendable (TaskOutcome) -> Void) -> Bool {
        if invocation.scheduled.family == .activity {
            queues.offer(invocation)
            return true
        }
        guard case .service("states", let action) = invocation.scheduled.family, action.hasPrefix("startExecution")
        else { return false }
        let nested = NestedExecution(invocation.scheduled.input.value, attempt: invocation)
        let machine = nested.request.stateMachineARN
        if invocation.progress == .submitted {
            watch(nested.arn, for: invocation)
        } else if let refusal = refusedRole(invocation) {
            done(.failed(error: "States.TaskFailed", cause: refusal))
        } else if Self.isForeign(machine, to: invocation) {
            done(Self.outcome(.stateMachineDoesNotExist(machine), invocation.uuid))
        } else if invocation.scheduled.hasJob, isExpress(nested.request.stateMachineARN) {
            done(Self.outcome(.expressIsNotWaitedFor, invocation.uuid))
        } else {
            start(nested, for: invocation, done)
        }
        return true
    }

    /// Why the task may not act as the role of another account that its Credentials name, `nil` where it may.
    private func refusedRole(_ invocation: TaskInvocation) -> String? {
        guard let role = invocation.scheduled.credentialsRoleARN, let mayAssume = configuration.mayAssume,
            let execution = try? ResourceARN(invocation.executionARN, types: ["execution", "express"])
        else { return nil }
        let account = ARN.fields(execution.text)[4]
        let fields = ARN.fields(role)
        guard fields.count > 4, fields[4] != account else { return nil }
        let machine = try? lookUp("\(execution.prefix):stateMachine:\(execution.parts[0])")
        let own = machine?.newest.revision.roleARN ?? "arn:\(fields[1]):iam::\(account):root"
        if mayAssume(role, own) { return nil }
        return "The role \(own) is not authorized to assume the task state's role, \(role)."
    }

    /// Whether the machine is of another region than the execution, or of another account than the one that the task
    /// acts in: the execution's own, or that of the role in its Credentials.
    private static func isForeign(_ machineARN: String, to invocation: TaskInvocation) -> Bool {
        guard let machine = try? ResourceARN(machineARN, types: ["stateMachine"]) else { return false }
        let own = ARN.fields(invocation.executionARN)
        let actsAs = invocation.scheduled.credentialsRoleARN.map(ARN.fields) ?? own
        guard own.count > 4, actsAs.count > 4 else { return false }
        let fields = ARN.fields(machine.text)
        return fields[3] != own[3] || fields[4] != actsAs[4]
    }

    private func isExpress(_ machineARN: String) -> Bool { (try? lookUp(machineARN).newest.type) == .express }

    private func start(
        _ nested: NestedExecution, for invocation: TaskInvocation, _ done: @escaping @Sendable (TaskOutcome) -> Void
    ) {
        let maximum = configuration.limits.language.nestedDepth
        guard nested.request.depth <= maximum else { return done(Self.tooDeep(maximum)) }
        startExecution(nested.request, isNested: true) { [self] result in
            switch result {
            case .success(let started):
                done(.succeeded(output: Self.answer(started, invocation.uuid).text))
                if invocation.scheduled.hasJob { watch(started.arn, for: invocation) }
            case .failure(let error)
            where error.code == .executionAlreadyExists && (!nested.hasOwnName || invocation.isRedelivery):
                // The earlier delivery started it, and it has ended since; when it started nobody asks.
                let started = StartedExecution(arn: nested.arn, startDate: clock())
                done(.succeeded(output: Self.answer(started, invocation.uuid).text))
                if invocation.scheduled.hasJob { watch(started.arn, for: invocation) }
            case .failure(let error): done(Self.outcome(error, invocation.uuid))
            }
        }
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

    private static func tooDeep(_ most: Int) -> TaskOutcome {
        .failed(error: "StepFunctions.ExecutionLimitExceeded", cause: ServiceError.nestedTooDeep(most).message)
    }

    /// The exception in the words of the Java SDK that AWS calls itself with.
    private static func outcome(_ error: ServiceError, _ requestID: String) -> TaskOutcome {
        let code = error.code.rawValue
        let name = code.hasSuffix("Exception") ? code : code + "Exception"
        let status = error.code == .internalFailure || error.code == .serviceUnavailable ? 500 : 400
        return .failed(
            error: "StepFunctions.\(name)",
            cause: SDKExceptionText.version1(
                error.message, service: "AWSStepFunctions", status: status, code: code, requestID: requestID))
    }
}

extension ServiceError {
    static func nestedTooDeep(_ most: Int) -> ServiceError {
        ServiceError(
            .executionLimitExceeded,
            "Executions that start one another may be \(most) deep (limits.nestedDepth).")
    }

    fileprivate static let expressIsNotWaitedFor = ServiceError(
        .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
}
