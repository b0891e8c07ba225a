// Events of a history as the API and the execution log show them (history.md §1).

import Core
package import JSON

/// How events are shown, and what of their execution is shown with them.
package struct EventView {
    /// Without it, inputs and outputs are left out; names, errors, causes and parameters stay.
    package var showsData: Bool
    /// The region of service tasks whose resource names none.
    package var region: String
    /// The version and alias that the execution was started by.
    package var versionARN: String?
    package var aliasARN: String?

    package init(showsData: Bool, region: String, versionARN: String?, aliasARN: String?) {
        self.showsData = showsData
        self.region = region
        self.versionARN = versionARN
        self.aliasARN = aliasARN
    }
}

extension JSONObjectWriter {
    /// The members of one event.
    package mutating func event(_ event: Event, _ view: EventView) {
        timestamp("timestamp", event.timestamp)
        let type = event.kind.type
        string("type", type.head, type.tail)
        int("id", event.id)
        int("previousEventId", event.previous)
        details(event.kind, view)
    }

    private mutating func details(_ kind: Event.Kind, _ view: EventView) {
        guard let name = kind.detailsName else { return }
        object(name) { $0.details(of: kind, view) }
    }

    /// The members of `…EventDetails`.
    package mutating func details(of kind: Event.Kind, _ view: EventView) {
        let showsData = view.showsData
        switch kind {
        case .executionStarted(let started):
            if showsData { input(started.input) }
            string("roleArn", started.roleARN)
            string("stateMachineAliasArn", view.aliasARN)
            string("stateMachineVersionArn", view.versionARN)
        case .executionSucceeded(let output): if showsData { self.output(output) }
        case .executionFailed(let failure), .executionAborted(let failure), .executionTimedOut(let failure):
            self.failure(failure)
        case .stateEntered(let entered):
            string("name", entered.name)
            if showsData { input(entered.input) }
        case .stateExited(let exited):
            string("name", exited.name)
            if showsData {
                output(exited.output)
                assigned(exited.assigned)
            }
        case .mapStateStarted(let started): int("length", started.length)
        case .mapIterationStarted(let iteration, _), .mapIterationSucceeded(let iteration),
            .mapIterationFailed(let iteration), .mapIterationAborted(let iteration):
            string("name", iteration.name)
            int("index", iteration.index)
        case .taskScheduled(let scheduled): self.scheduled(scheduled, view)
        case .executionRedriven(let redriven): int("redriveCount", redriven.count)
        case .taskStarted(let family): service(family)
        case .activityStarted(let workerName): string("workerName", workerName)
        case .taskSubmitted(let family, let output), .taskSucceeded(let family, let output):
            service(family)
            if showsData { self.output(output) }
        case .taskFailed(let family, let failure), .taskTimedOut(let family, let failure),
            .taskSubmitFailed(let family, let failure):
            service(family)
            self.failure(failure)
        case .evaluationFailed(let failed):
            string("state", failed.state)
            string("location", failed.location)
            failure(failed.failure)
        case .stateAborted, .parallelStateStarted, .parallelStateSucceeded, .parallelStateFailed, .mapStateSucceeded,
            .mapStateFailed:
            break
        }
    }

    private mutating func assigned(_ variables: [AssignedVariable]) {
        guard !variables.isEmpty else { return }
        object("assignedVariables") { member in
            for variable in variables { member.string(key: variable.name, variable.value.text) }
        }
        object("assignedVariablesDetails") { $0.bool("truncated", false) }
    }

    // MARK: - Tasks

    private mutating func scheduled(_ scheduled: TaskScheduled, _ view: EventView) {
        let showsData = view.showsData
        switch scheduled.family {
        case .lambdaFunction:
            string("resource", scheduled.resource)
            if showsData { input(scheduled.input) }
            int("timeoutInSeconds", scheduled.timeoutSeconds)
        case .activity:
            string("resource", scheduled.resource)
            if showsData { input(scheduled.input) }
            int("timeoutInSeconds", scheduled.timeoutSeconds)
            int("heartbeatInSeconds", scheduled.heartbeatSeconds)
        case .service:
            service(scheduled.family)
            string("region", scheduled.region ?? view.region)
            string("parameters", scheduled.input.text)
            int("timeoutInSeconds", scheduled.timeoutSeconds)
            int("heartbeatInSeconds", scheduled.heartbeatSeconds)
        }
        guard let role = scheduled.credentialsRoleARN else { return }
        object("taskCredentials") { $0.string("roleArn", role) }
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

extension Event.Kind {
    /// `executionStartedEventDetails`, …; `nil` for events that have none.
    fileprivate var detailsName: StaticString? {
        switch self {
        case .executionStarted: "executionStartedEventDetails"
        case .executionSucceeded: "executionSucceededEventDetails"
        case .executionFailed: "executionFailedEventDetails"
        case .executionAborted: "executionAbortedEventDetails"
        case .executionTimedOut: "executionTimedOutEventDetails"
        case .executionRedriven: "executionRedrivenEventDetails"
        case .stateEntered: "stateEnteredEventDetails"
        case .stateExited: "stateExitedEventDetails"
        case .mapStateStarted: "mapStateStartedEventDetails"
        case .mapIterationStarted: "mapIterationStartedEventDetails"
        case .mapIterationSucceeded: "mapIterationSucceededEventDetails"
        case .mapIterationFailed: "mapIterationFailedEventDetails"
        case .mapIterationAborted: "mapIterationAbortedEventDetails"
        case .evaluationFailed: "evaluationFailedEventDetails"
        case .taskScheduled(let scheduled):
            scheduled.family.details(
                "taskScheduledEventDetails", "lambdaFunctionScheduledEventDetails", "activityScheduledEventDetails")
        case .taskStarted(let family): family == .lambdaFunction ? nil : "taskStartedEventDetails"
        case .activityStarted: "activityStartedEventDetails"
        case .taskSubmitted: "taskSubmittedEventDetails"
        case .taskSubmitFailed: "taskSubmitFailedEventDetails"
        case .taskSucceeded(let family, _):
            family.details(
                "taskSucceededEventDetails", "lambdaFunctionSucceededEventDetails", "activitySucceededEventDetails")
        case .taskFailed(let family, _):
            family.details("taskFailedEventDetails", "lambdaFunctionFailedEventDetails", "activityFailedEventDetails")
        case .taskTimedOut(let family, _):
            family.details(
                "taskTimedOutEventDetails", "lambdaFunctionTimedOutEventDetails", "activityTimedOutEventDetails")
        case .stateAborted, .parallelStateStarted, .parallelStateSucceeded, .parallelStateFailed, .mapStateSucceeded,
            .mapStateFailed:
            nil
        }
    }
}

extension TaskFamily {
    fileprivate func details(
        _ service: StaticString, _ lambda: StaticString, _ activity: StaticString
    ) -> StaticString {
        switch self {
        case .service: service
        case .lambdaFunction: lambda
        case .activity: activity
        }
    }
}

extension TaskScheduled {
    /// The region of the resource's ARN.
    fileprivate var region: String? {
        let fields = resource.fields(by: ":", most: 6)
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
        case .executionRedriven: ("", "ExecutionRedriven")
        case .activityStarted: ("", "ActivityStarted")
        case .taskSubmitted(let family, _): (family.prefix, "Submitted")
        case .taskSubmitFailed(let family, _): (family.prefix, "SubmitFailed")
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
        case .mapStateStarted: ("", "MapStateStarted")
        case .mapStateSucceeded: ("", "MapStateSucceeded")
        case .mapStateFailed: ("", "MapStateFailed")
        case .mapIterationStarted: ("", "MapIterationStarted")
        case .mapIterationSucceeded: ("", "MapIterationSucceeded")
        case .mapIterationFailed: ("", "MapIterationFailed")
        case .mapIterationAborted: ("", "MapIterationAborted")
        case .evaluationFailed: ("", "EvaluationFailed")
        }
    }
}
