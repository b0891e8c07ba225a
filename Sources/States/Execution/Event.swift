// The events of a history (history.md), and what the fold needs beside what AWS shows.

package import Core

/// A frame is one strand of control within an execution: the execution itself (0), a branch of a Parallel, an iteration
/// of a Map. Frames are numbered in the order in which events open them.
package typealias FrameID = Int

/// One event of a history. `id` counts from 1 without gaps over the whole execution; `previous` is what AWS shows as
/// `previousEventId`, 0 for roots.
package struct Event: Sendable, Equatable {
    package var id: Int
    package var previous: Int
    package var timestamp: Timestamp
    /// The strand that the event belongs to. Not shown by AWS.
    package var frame: FrameID
    package var kind: Kind
    /// Set on the last event of a failed attempt when a Retrier has matched. Not shown by AWS, which records nothing
    /// between attempts.
    package var retry: Retry?

    package init(
        id: Int, previous: Int, timestamp: Timestamp, frame: FrameID, kind: Kind, retry: Retry? = nil
    ) {
        self.id = id
        self.previous = previous
        self.timestamp = timestamp
        self.frame = frame
        self.kind = kind
        self.retry = retry
    }

    package enum Kind: Sendable, Equatable {
        indirect case executionStarted(ExecutionStarted)
        case executionSucceeded(output: Payload)
        case executionFailed(Failure)
        case executionAborted(Failure)
        case executionTimedOut(Failure)
        /// The execution goes on where it failed.
        indirect case executionRedriven(ExecutionRedriven)
        case stateEntered(StateEntered)
        case stateExited(StateExited)
        indirect case taskScheduled(TaskScheduled)
        case taskStarted(TaskFamily)
        /// A worker has taken an activity's task.
        case activityStarted(workerName: String?)
        /// The action has answered; the task goes on until its job ends or its token comes back.
        case taskSubmitted(TaskFamily, output: Payload)
        case taskSubmitFailed(TaskFamily, Failure)
        case taskSucceeded(TaskFamily, output: Payload)
        case taskFailed(TaskFamily, Failure)
        case taskTimedOut(TaskFamily, Failure)
        /// `TaskStateAborted`, `WaitStateAborted`, …: the state was cut off by a sibling's failure.
        case stateAborted(StateType)
        /// `branches` and `input` are for the fold: AWS shows neither.
        case parallelStateStarted(branches: Int, input: Payload)
        case parallelStateSucceeded
        case parallelStateFailed
        indirect case mapStateStarted(MapStateStarted)
        case mapStateSucceeded
        case mapStateFailed
        /// `input` is for the fold: AWS does not show it. The event belongs to the Map's strand and opens the
        /// iteration's.
        case mapIterationStarted(MapIteration, input: Payload)
        /// These belong to the iteration's strand.
        case mapIterationSucceeded(MapIteration)
        case mapIterationFailed(MapIteration)
        case mapIterationAborted(MapIteration)
        /// A JSONata expression could not be evaluated, or gave what its field cannot take.
        indirect case evaluationFailed(EvaluationFailed)
    }

    /// A Retrier matched: the state of `frame` runs again at `at`.
    package struct Retry: Sendable, Equatable {
        package var frame: FrameID
        /// Index of the Retrier in the state's `Retry`.
        package var retrier: Int
        package var at: Timestamp
        /// The failing event, to which the next attempt points back.
        package var previous: Int

        package init(frame: FrameID, retrier: Int, at: Timestamp, previous: Int) {
            self.frame = frame
            self.retrier = retrier
            self.at = at
            self.previous = previous
        }
    }
}

package struct ExecutionStarted: Sendable, Equatable {
    package var input: Payload
    package var roleARN: String
    /// End of the machine's `TimeoutSeconds`. Not shown by AWS.
    package var deadline: Timestamp?
    /// Seed of everything that the execution leaves to chance (jitter, `States.UUID`). Not shown by AWS.
    package var seed: UInt64
    /// How many executions have started one another before this one; 0 if a client started it. Not shown by AWS.
    package var depth: Int

    package init(input: Payload, roleARN: String, deadline: Timestamp?, seed: UInt64, depth: Int = 0) {
        self.depth = depth
        self.input = input
        self.roleARN = roleARN
        self.deadline = deadline
        self.seed = seed
    }
}

package struct StateEntered: Sendable, Equatable {
    package var type: StateType
    package var name: String
    package var input: Payload
    /// When a Wait ends. Not shown by AWS.
    package var waitUntil: Timestamp?
    /// Whether `waitUntil` is a point of the calendar, and no number of seconds from the start of the wait.
    package var waitsForDate: Bool

    package init(
        type: StateType, name: String, input: Payload, waitUntil: Timestamp? = nil, waitsForDate: Bool = false
    ) {
        self.waitsForDate = waitsForDate
        self.type = type
        self.name = name
        self.input = input
        self.waitUntil = waitUntil
    }
}

package struct StateExited: Sendable, Equatable {
    package var type: StateType
    package var name: String
    package var output: Payload
    /// Where control goes. Not shown by AWS, where the next event tells.
    package var transition: Transition
    /// The variables that the state has assigned, in the order of the definition.
    package var assigned: [AssignedVariable]

    package init(
        type: StateType, name: String, output: Payload, transition: Transition, assigned: [AssignedVariable] = []
    ) {
        self.type = type
        self.name = name
        self.output = output
        self.transition = transition
        self.assigned = assigned
    }
}

package struct AssignedVariable: Sendable, Equatable {
    package var name: String
    package var value: Payload

    package init(name: String, value: Payload) {
        self.name = name
        self.value = value
    }
}

package struct MapStateStarted: Sendable, Equatable {
    /// How many items there are.
    package var length: Int
    /// The items, an array. Not shown by AWS.
    package var items: Payload
    /// How many iterations run at once. Not shown by AWS.
    package var concurrency: Int

    package init(length: Int, items: Payload, concurrency: Int) {
        self.length = length
        self.items = items
        self.concurrency = concurrency
    }
}

package struct EvaluationFailed: Sendable, Equatable {
    package var state: String
    /// The field, `Output/a/b[0]`; `nil` where the state's input itself is at fault.
    package var location: String?
    package var failure: Failure

    package init(state: String, location: String?, failure: Failure) {
        self.state = state
        self.location = location
        self.failure = failure
    }
}

/// Which iteration of which Map state.
package struct MapIteration: Sendable, Equatable {
    package var name: String
    package var index: Int

    package init(name: String, index: Int) {
        self.name = name
        self.index = index
    }
}

/// RedriveExecution (api.md §3, Redrive).
package struct ExecutionRedriven: Sendable, Equatable {
    /// How many redrives there have been with this one.
    package var count: Int
    /// New end of the machine's `TimeoutSeconds`. Not shown by AWS.
    package var deadline: Timestamp?
    /// The client's token, by which a repeated request is known. Not shown by AWS.
    package var clientToken: String?

    package init(count: Int, deadline: Timestamp? = nil, clientToken: String? = nil) {
        self.count = count
        self.deadline = deadline
        self.clientToken = clientToken
    }
}

/// Which family of events a task's resource writes: `LambdaFunction…`, `Activity…` or `Task…`.
package enum TaskFamily: Sendable, Equatable {
    case lambdaFunction
    case activity
    /// A service integration: `resourceType` `lambda`, `resource` `invoke`.
    case service(resourceType: String, resource: String)
}

package struct TaskScheduled: Sendable, Equatable {
    package var family: TaskFamily
    /// The ARN of the function or activity, else the whole resource.
    package var resource: String
    /// The effective input; for a service integration its `parameters`.
    package var input: Payload
    /// As the definition has them, for display.
    package var timeoutSeconds: Int?
    package var heartbeatSeconds: Int?
    package var credentialsRoleARN: String?
    /// When the attempt times out. Not shown by AWS.
    package var deadline: Timestamp?

    package init(
        family: TaskFamily, resource: String, input: Payload, timeoutSeconds: Int? = nil,
        heartbeatSeconds: Int? = nil, credentialsRoleARN: String? = nil, deadline: Timestamp? = nil
    ) {
        self.family = family
        self.resource = resource
        self.input = input
        self.timeoutSeconds = timeoutSeconds
        self.heartbeatSeconds = heartbeatSeconds
        self.credentialsRoleARN = credentialsRoleARN
        self.deadline = deadline
    }
}
