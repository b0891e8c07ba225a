// Events of a history as the API shows them (history.md §1).

import States

extension ResponseWriter {
    /// The members of one event. Without `showsData`, inputs and outputs are left out; names, errors, causes and
    /// parameters stay. `region` is that of service tasks whose resource names none.
    mutating func event(_ event: Event, showsData: Bool, region: String) {
        timestamp("timestamp", event.timestamp)
        let type = event.kind.type
        string("type", type.head, type.tail)
        int("id", event.id)
        int("previousEventId", event.previous)
        details(event.kind, showsData: showsData, region: region)
    }

    private mutating func details(_ kind: Event.Kind, showsData: Bool, region: String) {
        switch kind {
        case .executionStarted(let started):
            object("executionStartedEventDetails") { details in
                if showsData { details.input(started.input) }
                details.string("roleArn", started.roleARN)
            }
        case .executionSucceeded(let output):
            object("executionSucceededEventDetails") { if showsData { $0.output(output) } }
        case .executionFailed(let failure): object("executionFailedEventDetails") { $0.failure(failure) }
        case .executionAborted(let failure): object("executionAbortedEventDetails") { $0.failure(failure) }
        case .executionTimedOut(let failure): object("executionTimedOutEventDetails") { $0.failure(failure) }
        case .stateEntered(let entered):
            object("stateEnteredEventDetails") { details in
                details.string("name", entered.name)
                if showsData { details.input(entered.input) }
            }
        case .stateExited(let exited):
            object("stateExitedEventDetails") { details in
                details.string("name", exited.name)
                if showsData { details.output(exited.output) }
            }
        case .taskScheduled(let scheduled): self.scheduled(scheduled, showsData: showsData, region: region)
        case .taskStarted(let family): started(family)
        case .taskSucceeded(let family, let output): succeeded(family, output, showsData: showsData)
        case .taskFailed(let family, let failure): failed(family, failure)
        case .taskTimedOut(let family, let failure): timedOut(family, failure)
        case .stateAborted, .parallelStateStarted, .parallelStateSucceeded, .parallelStateFailed: break
        }
    }

    // MARK: - Tasks

    private mutating func scheduled(_ scheduled: TaskScheduled, showsData: Bool, region: String) {
        switch scheduled.family {
        case .lambdaFunction:
            object("lambdaFunctionScheduledEventDetails") { details in
                details.string("resource", scheduled.resource)
                if showsData { details.input(scheduled.input) }
                details.int("timeoutInSeconds", scheduled.timeoutSeconds)
                details.credentials(scheduled)
            }
        case .service(let resourceType, let resource):
            object("taskScheduledEventDetails") { details in
                details.string("resourceType", resourceType)
                details.string("resource", resource)
                details.string("region", scheduled.region ?? region)
                details.string("parameters", scheduled.input.text)
                details.int("timeoutInSeconds", scheduled.timeoutSeconds)
                details.int("heartbeatInSeconds", scheduled.heartbeatSeconds)
                details.credentials(scheduled)
            }
        }
    }

    private mutating func credentials(_ scheduled: TaskScheduled) {
        guard let role = scheduled.credentialsRoleARN else { return }
        object("taskCredentials") { $0.string("roleArn", role) }
    }

    private mutating func started(_ family: TaskFamily) {
        guard case .service = family else { return }
        object("taskStartedEventDetails") { $0.service(family) }
    }

    private mutating func succeeded(_ family: TaskFamily, _ output: Payload, showsData: Bool) {
        object(family.details("taskSucceededEventDetails", "lambdaFunctionSucceededEventDetails")) { details in
            details.service(family)
            if showsData { details.output(output) }
        }
    }

    private mutating func failed(_ family: TaskFamily, _ failure: Failure) {
        object(family.details("taskFailedEventDetails", "lambdaFunctionFailedEventDetails")) { details in
            details.service(family)
            details.failure(failure)
        }
    }

    private mutating func timedOut(_ family: TaskFamily, _ failure: Failure) {
        object(family.details("taskTimedOutEventDetails", "lambdaFunctionTimedOutEventDetails")) { details in
            details.service(family)
            details.failure(failure)
        }
    }

    // MARK: - Parts

    private mutating func service(_ family: TaskFamily) {
        guard case .service(let resourceType, let resource) = family else { return }
        string("resourceType", resourceType)
        string("resource", resource)
    }

    private mutating func input(_ payload: Payload) {
        string("input", payload.text)
        object("inputDetails") { $0.bool("truncated", false) }
    }

    private mutating func output(_ payload: Payload) {
        string("output", payload.text)
        object("outputDetails") { $0.bool("truncated", false) }
    }

    private mutating func failure(_ failure: Failure) {
        string("error", failure.error)
        string("cause", failure.cause)
    }
}

extension TaskFamily {
    fileprivate func details(_ service: StaticString, _ lambda: StaticString) -> StaticString {
        if case .lambdaFunction = self { lambda } else { service }
    }
}

extension TaskScheduled {
    /// The region of the resource's ARN.
    fileprivate var region: String? {
        let fields = resource.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count > 3, !fields[3].isEmpty else { return nil }
        return String(fields[3])
    }
}

extension Event.Kind {
    /// The event's type in two parts, `Pass` and `StateEntered`.
    fileprivate var type: (head: String, tail: StaticString) {
        switch self {
        case .executionStarted: ("", "ExecutionStarted")
        case .executionSucceeded: ("", "ExecutionSucceeded")
        case .executionFailed: ("", "ExecutionFailed")
        case .executionAborted: ("", "ExecutionAborted")
        case .executionTimedOut: ("", "ExecutionTimedOut")
        case .stateEntered(let entered): (entered.type.rawValue, "StateEntered")
        case .stateExited(let exited): (exited.type.rawValue, "StateExited")
        case .taskScheduled(let scheduled): (scheduled.family.prefix, "Scheduled")
        case .taskStarted(let family): (family.prefix, "Started")
        case .taskSucceeded(let family, _): (family.prefix, "Succeeded")
        case .taskFailed(let family, _): (family.prefix, "Failed")
        case .taskTimedOut(let family, _): (family.prefix, "TimedOut")
        case .stateAborted(let type): (type.rawValue, "StateAborted")
        case .parallelStateStarted: ("", "ParallelStateStarted")
        case .parallelStateSucceeded: ("", "ParallelStateSucceeded")
        case .parallelStateFailed: ("", "ParallelStateFailed")
        }
    }
}

extension TaskFamily {
    fileprivate var prefix: String {
        if case .lambdaFunction = self { "LambdaFunction" } else { "Task" }
    }
}
