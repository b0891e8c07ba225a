// The names of the event types, as GetExecutionHistory gives them (history.md §1).

extension Event.Kind {
    /// `PassStateEntered`, `LambdaFunctionScheduled`, ….
    package var typeName: String {
        switch self {
        case .executionStarted: "ExecutionStarted"
        case .executionSucceeded: "ExecutionSucceeded"
        case .executionFailed: "ExecutionFailed"
        case .executionAborted: "ExecutionAborted"
        case .executionTimedOut: "ExecutionTimedOut"
        case .executionRedriven: "ExecutionRedriven"
        case .stateEntered(let entered): entered.type.rawValue + "StateEntered"
        case .stateExited(let exited): exited.type.rawValue + "StateExited"
        case .stateAborted(let type): type.rawValue + "StateAborted"
        case .taskScheduled(let scheduled): scheduled.family.prefix + "Scheduled"
        case .taskStarted(let family): family.prefix + "Started"
        case .activityStarted: "ActivityStarted"
        case .taskSubmitted(let family, _): family.prefix + "Submitted"
        case .taskSubmitFailed(let family, _): family.prefix + "SubmitFailed"
        case .taskSucceeded(let family, _): family.prefix + "Succeeded"
        case .taskFailed(let family, _): family.prefix + "Failed"
        case .taskTimedOut(let family, _): family.prefix + "TimedOut"
        case .parallelStateStarted: "ParallelStateStarted"
        case .parallelStateSucceeded: "ParallelStateSucceeded"
        case .parallelStateFailed: "ParallelStateFailed"
        case .mapStateStarted: "MapStateStarted"
        case .mapStateSucceeded: "MapStateSucceeded"
        case .mapStateFailed: "MapStateFailed"
        case .mapIterationStarted: "MapIterationStarted"
        case .mapIterationSucceeded: "MapIterationSucceeded"
        case .mapIterationFailed: "MapIterationFailed"
        case .mapIterationAborted: "MapIterationAborted"
        case .evaluationFailed: "EvaluationFailed"
        }
    }
}

extension TaskFamily {
    /// What the names of the family's events begin with.
    package var prefix: String {
        switch self {
        case .lambdaFunction: "LambdaFunction"
        case .activity: "Activity"
        case .service: "Task"
        }
    }
}
