// Task: let out with its effective input, taken back with an outcome or a timeout (language.md §4, Task).

import Core
import Expressions
package import Integrations
import JSON

extension Interpreter {
    mutating func schedule(_ frame: Frame, _ state: State, _ task: State.Task) throws(StateFailure) {
        // The id that the Scheduled event will have names the attempt before there is one.
        let id = TaskID(execution: execution.identity.id, scheduledEvent: execution.lastEventID + 1)
        if task.target.pattern != .requestResponse { taskToken = surroundings.tokens.token(of: id) }
        defer { taskToken = nil }
        let scope = scope(frame, input: try effectiveInput(frame, state))
        let timeout = try number(task.timeoutSeconds, field: "TimeoutSecondsPath", scope, frame)
        let heartbeat = try number(task.heartbeatSeconds, field: "HeartbeatSecondsPath", scope, frame)
        let role = try role(task.credentials, scope, frame)
        let input = try payload(parameters(frame, state), of: state)
        if let refusal = state.notSupported { throw .runtime(refusal) }
        try check(input, of: task)
        if case .activity(let arn) = task.target, !surroundings.activities.contains(CodeUnits(arn)) {
            throw .runtime("The activity \(arn) does not exist.")
        }
        let scheduled = TaskScheduled(
            family: task.target.family, resource: task.target.resource, input: input, timeoutSeconds: timeout,
            heartbeatSeconds: heartbeat, credentialsRoleARN: role,
            deadline: task.target.family == .activity ? nil : timeout.map { now.adding(seconds: $0) })
        let event = emit(.taskScheduled(scheduled), frame: frame.id, previous: frame.lastEvent)
        // An activity's task starts when a worker takes it.
        if scheduled.family != .activity {
            emit(.taskStarted(TaskStarted(scheduled.family)), frame: frame.id, previous: event)
        }
        guard !execution.isClosed else { return }
        advance.effects.append(
            .runTask(
                TaskInvocation(
                    execution: execution.identity.id, executionARN: execution.identity.arn, scheduledEvent: event,
                    scheduled: scheduled, depth: execution.started?.depth ?? 0)))
    }

    private mutating func role(
        _ credentials: ValueTemplate?, _ scope: PathScope, _ frame: Frame
    ) throws(StateFailure) -> String? {
        switch credentials {
        case nil: nil
        case .jsonPath(let template): try evaluate(template, scope)["RoleArn"]?.stringValue
        case .jsonata(let template):
            try evaluate(template, frame, StatesVariable(input: frame.input.value))["RoleArn"]?.stringValue
        }
    }

    private mutating func number(
        _ field: NumberField?, field name: String, _ scope: PathScope, _ frame: Frame
    ) throws(StateFailure) -> Int? {
        switch field {
        case nil: return nil
        case .value(let value): return value
        case .expression(let expression): return try integer(expression, frame)
        case .path(let path):
            try checkNull(path.path, scope.input)
            let value: JSONValue
            do throws(JSONPathError) { value = try self.value(of: path, in: scope) } catch {
                if error.code == .budget { throw exceeded(.beyondBudget) }
                throw .runtime("Invalid path '\(path.source)' : \(error.message)")
            }
            guard let seconds = value.intValue, (1...limits.language.timeoutSeconds).contains(seconds) else {
                throw .runtime(
                    "The \(name) field refers to value \"\(value.plainText)\" which is not a valid positive integer: \(path.source)"
                )
            }
            return seconds
        }
    }

    // MARK: - Outcomes

    /// The frame that waits for the attempt, `nil` when the attempt no longer counts.
    private func frame(waitingFor task: Int) -> (Frame, Frame.OpenTask)? {
        for frame in execution.frames.values {
            if case .task(let open) = frame.phase, open.scheduledEvent == task { return (frame, open) }
        }
        return nil
    }

    mutating func activityStarted(_ task: Int, _ workerName: String?) {
        guard let (frame, open) = frame(waitingFor: task), open.progress == .scheduled else { return }
        emit(
            .activityStarted(ActivityStarted(workerName: workerName)), frame: frame.id, previous: frame.lastEvent)
    }

    mutating func taskSubmitted(_ task: Int, _ output: Payload) {
        guard let (frame, open) = frame(waitingFor: task), open.progress == .scheduled else { return }
        guard output.size <= limits.language.payloadBytes else {
            return taskSubmitFailed(task, .dataLimitExceeded(open.scheduled.limitName))
        }
        emit(
            .taskSubmitted(TaskSubmitted(open.scheduled.family, output: output)), frame: frame.id,
            previous: frame.lastEvent)
    }

    mutating func taskSubmitFailed(_ task: Int, _ failure: Failure) {
        guard let (frame, open) = frame(waitingFor: task), open.progress == .scheduled else { return }
        let failure = failure.cut(to: limits)
        advance.effects.append(.taskDone(scheduledEvent: task))
        let event = emit(
            .taskSubmitFailed(TaskSubmitFailed(open.scheduled.family, failure)), frame: frame.id,
            previous: frame.lastEvent)
        fail(frame.id, state(of: frame), StateFailure(failure, event: event))
    }

    mutating func taskSucceeded(_ task: Int, _ output: Payload) {
        guard let (frame, open) = frame(waitingFor: task) else { return }
        guard output.size <= limits.language.payloadBytes else {
            return taskFailed(task, .dataLimitExceeded(open.scheduled.limitName))
        }
        advance.effects.append(.taskDone(scheduledEvent: task))
        emit(
            .taskSucceeded(TaskSucceeded(open.scheduled.family, output: output)), frame: frame.id,
            previous: frame.lastEvent)
    }

    mutating func taskFailed(_ task: Int, _ failure: Failure) {
        guard let (frame, open) = frame(waitingFor: task) else { return }
        let failure = failure.cut(to: limits)
        advance.effects.append(.taskDone(scheduledEvent: task))
        let event = emit(
            .taskFailed(TaskFailed(open.scheduled.family, failure)), frame: frame.id, previous: frame.lastEvent)
        fail(frame.id, state(of: frame), StateFailure(failure, event: event))
    }

    /// A task's result becomes the state's output.
    mutating func finishTask(_ frame: Frame, _ state: State, _ result: Payload) throws(StateFailure) {
        try finish(frame, state, result: result.value)
    }

    /// TimeoutSeconds or HeartbeatSeconds have run out. Event and execution report `States.Timeout` without a cause;
    /// a missed heartbeat may also be caught by its own name.
    mutating func taskTimedOut(_ frame: Frame, _ open: Frame.OpenTask) {
        let failure = Failure(error: ErrorName.timeout)
        let event = emit(
            .taskTimedOut(TaskTimedOut(open.scheduled.family, failure)), frame: frame.id, previous: frame.lastEvent)
        advance.effects.append(open.cancellation)
        var stateFailure = StateFailure(failure, event: event)
        stateFailure.isTimeout = true
        if open.deadline.map({ $0 > now }) ?? true { stateFailure.alsoKnownAs = [ErrorName.heartbeatTimeout] }
        fail(frame.id, state(of: frame), stateFailure)
    }
}

extension Frame.OpenTask {
    var cancellation: Effect { .cancelTask(scheduledEvent: scheduledEvent, hasJob: scheduled.hasJob) }
}

extension TaskScheduled {
    /// What the task calls.
    package var target: TaskTarget {
        switch family {
        case .lambdaFunction: .function(arn: resource)
        case .activity: .activity(arn: resource)
        case .service(let service, let action):
            .integration(
                IntegrationKey(service: service, action: String(action.prefix { $0 != "." })), pattern)
        }
    }

    /// When the task is over.
    package var pattern: IntegrationPattern {
        if case .service = family { IntegrationPattern(of: resource) } else { .requestResponse }
    }

    /// Whether the action starts a job that the task waits for.
    package var hasJob: Bool { pattern.hasJob }

    /// The name by which the texts about too large results call the task.
    fileprivate var limitName: String {
        switch family {
        case .lambdaFunction, .activity: resource
        case .service(let resourceType, _): resourceType
        }
    }
}

extension TaskTarget {
    /// Which events the task writes.
    fileprivate var family: TaskFamily {
        switch self {
        case .function: .lambdaFunction
        case .activity: .activity
        case .integration(let key, let pattern):
            .service(resourceType: key.service, resource: key.action + pattern.rawValue)
        }
    }
}
