// What comes into a shard's mailbox.

package import Core
package import States
package import Storage

/// One input of a turn. The large ones are indirect: inputs are moved from queue to queue.
package enum ShardInput: Sendable {
    indirect case start(StartCommand)
    case stop(StopCommand)
    indirect case redrive(RedriveCommand)
    /// What a worker or a callback says of a task.
    indirect case report(TaskReport)
    /// The worker that has taken an activity's task has been sent it.
    case delivered(TaskID)
    /// The job of a task that is no longer waited for has been stopped.
    case jobStopped(TaskID)
    /// A task's outcome.
    indirect case outcome(execution: Int64, stimulus: Stimulus)
    /// The execution's timer is due. `done` is told when the turn is over, and whether it was committed.
    case wake(execution: Int64, done: @Sendable (Bool) -> Void)
    /// Let the execution's open tasks out again: the process, or a commit, has failed since.
    case redeliver(execution: Int64, done: @Sendable (Bool) -> Void)
    /// The last turn's budget cut the execution off.
    case proceed(execution: Int64)
    /// A deferred execution comes back from an evaluation thread.
    indirect case advanced(SlowAdvance)
    /// The process is about to stop: who waits for the end of an execution that is nowhere else is told.
    case dismissWaiters
    /// An administrator takes an execution out of quarantine.
    case release(ReleaseCommand)
    /// Does nothing but be answered once the shard turns.
    case ping(@Sendable () -> Void)
}

extension ShardInput {
    /// The shard has stopped: whoever waits is told so. Tasks and timers go on at the next start.
    func refuse() {
        switch self {
        case .start(let command): command.reply(.failure(.shuttingDown))
        case .stop(let command): command.reply(.failure(.shuttingDown))
        case .redrive(let command): command.reply(.failure(.shuttingDown))
        case .report(let report): report.reply(.shuttingDown)
        case .wake(_, let done), .redeliver(_, let done): done(false)
        case .ping(let reply): reply()
        case .release(let command): command.reply(.shuttingDown)
        case .outcome, .delivered, .jobStopped, .proceed, .advanced, .dismissWaiters: break
        }
    }

    /// The execution that the input is for; of a start the one that it may create.
    var subject: Int64? {
        switch self {
        case .start(let command): command.id
        case .advanced(let step): step.execution
        default: execution
        }
    }

    /// The execution that the input is for; `nil` if it is for none that exists already.
    var execution: Int64? {
        switch self {
        case .stop(let command): command.execution
        case .redrive(let command): command.execution
        case .release(let command): command.execution
        case .report(let report): report.task.execution
        case .outcome(let execution, _), .wake(let execution, _), .redeliver(let execution, _), .proceed(let execution):
            execution
        case .start, .delivered, .jobStopped, .ping, .advanced, .dismissWaiters: nil
        }
    }

    /// The input as it is to be taken again after a failed commit; `nil` if the caller has been told of the failure or
    /// the store still says what is due.
    var repeated: ShardInput? {
        switch self {
        case .outcome, .delivered, .jobStopped, .proceed, .redeliver: self
        case .start, .stop, .redrive, .report, .wake, .ping, .advanced, .release, .dismissWaiters: nil
        }
    }
}

/// The end of a quarantine, asked for by an administrator.
package struct ReleaseCommand: Sendable {
    package var execution: Int64
    /// Gets `nil` once the release is stored.
    package var reply: @Sendable (ServiceError?) -> Void
}

package struct StartCommand: Sendable {
    package var entry: MachineEntry
    package var version: Int?
    package var alias: String?
    /// The id that the execution gets when it is new.
    package var id: Int64
    package var arn: String
    package var name: String
    /// The name was made for this start: nobody else can have it.
    package var nameIsFresh: Bool
    package var input: Payload
    package var seed: UInt64
    /// How many executions have started one another before this one; 0 for a start by a client.
    package var depth: Int
    package var traceHeader: String?
    /// Waits for the end of the execution, which is kept in memory alone then.
    package var waiter: SyncWaiter?
    package var reply: @Sendable (Result<StartedExecution, ServiceError>) -> Void

    package init(
        entry: MachineEntry, version: Int? = nil, alias: String? = nil, id: Int64, arn: String, name: String,
        nameIsFresh: Bool, input: Payload, seed: UInt64, depth: Int = 0,
        traceHeader: String?, waiter: SyncWaiter? = nil,
        reply: @escaping @Sendable (Result<StartedExecution, ServiceError>) -> Void
    ) {
        self.waiter = waiter
        self.depth = depth
        self.entry = entry
        self.version = version
        self.alias = alias
        self.id = id
        self.arn = arn
        self.name = name
        self.nameIsFresh = nameIsFresh
        self.input = input
        self.seed = seed
        self.traceHeader = traceHeader
        self.reply = reply
    }
}

package struct StopCommand: Sendable {
    package var execution: Int64
    package var arn: String
    package var failure: Failure
    /// Gets the stop date, also that of an execution that had ended before.
    package var reply: @Sendable (Result<Timestamp, ServiceError>) -> Void

    package init(
        execution: Int64, arn: String, failure: Failure,
        reply: @escaping @Sendable (Result<Timestamp, ServiceError>) -> Void
    ) {
        self.execution = execution
        self.arn = arn
        self.failure = failure
        self.reply = reply
    }
}

/// RedriveExecution, its rules about time and machine checked.
package struct RedriveCommand: Sendable {
    package var execution: Int64
    package var clientToken: String?
    /// Gets the redrive date; that of the earlier redrive when the client's token is one that is known.
    package var reply: @Sendable (Result<Timestamp, ServiceError>) -> Void
}

/// What a worker or a callback says of a task: an outcome, a heartbeat, or that a worker takes it.
package struct TaskReport: Sendable {
    package var task: TaskID
    package var stimulus: Stimulus
    /// The account and region of the reporter; `nil` for the engine itself.
    package var scope: Scope?
    /// Gets `nil` once the report is safe; `InvalidToken` for a task of another scope; `TaskTimedOut`
    /// when nobody waits for the task any more.
    package var reply: @Sendable (ServiceError?) -> Void

    package init(
        task: TaskID, stimulus: Stimulus, scope: Scope?, reply: @escaping @Sendable (ServiceError?) -> Void
    ) {
        self.task = task
        self.stimulus = stimulus
        self.scope = scope
        self.reply = reply
    }
}

/// Told how an execution that nobody else can ask for has ended, or that it never will.
package typealias SyncWaiter = @Sendable (Result<SyncExecution, ServiceError>) -> Void

/// An execution that has ended, as StartSyncExecution answers it.
package struct SyncExecution: Sendable {
    package var arn: String
    package var name: String
    package var entry: MachineEntry
    package var input: Payload
    package var startDate: Timestamp
    package var stopDate: Timestamp
    package var outcome: Execution.Status
    package var traceHeader: String?
}

/// Events that a turn has made of an execution whose machine wants them logged.
package struct LoggedEvents: Sendable {
    package var entry: MachineEntry
    package var executionARN: String
    /// Of the execution, with those of these events.
    package var redriveCount: Int
    /// What the execution was started by.
    package var version: Int?
    package var alias: String?
    package var events: [Event]
}

package struct StartedExecution: Sendable, Equatable {
    package var arn: String
    package var startDate: Timestamp
}

extension ShardInput {
    /// The kinds, for the metrics.
    enum Kind: Int, CaseIterable, Sendable {
        case start, nestedStart, stop, redrive, report, delivered, jobStopped, outcome, timer, redeliver, proceed
        case advanced, dismissWaiters, release, ping
    }

    var kind: Kind {
        switch self {
        case .start(let command): command.depth == 0 ? .start : .nestedStart
        case .stop: .stop
        case .redrive: .redrive
        case .report: .report
        case .delivered: .delivered
        case .jobStopped: .jobStopped
        case .outcome: .outcome
        case .wake: .timer
        case .redeliver: .redeliver
        case .proceed: .proceed
        case .advanced: .advanced
        case .dismissWaiters: .dismissWaiters
        case .release: .release
        case .ping: .ping
        }
    }
}

/// What a turn wants written and what it does afterwards: state first, effects after.
package struct Turn: Sendable {
    package var changes: [Change] = []
    /// Called with `nil` once the changes are safe, with the error if they are not.
    var replies: [@Sendable (StoreError?) -> Void] = []
    package var effects: [TaskEffect] = []
    /// Executions that the turn changed.
    var touched: [Int64] = []
    /// Executions that the budget cut off.
    var unfinished: [Int64] = []
    /// Inputs that met a passing fault of the store and are to be taken again.
    package var again: [ShardInput] = []
    /// What could not be read from the store, for the log.
    package var readFaults: [StoreError] = []
    /// Inputs beyond the turn's budget, not taken at all: the next turn's first.
    package var postponed: [ShardInput] = []
    /// The earliest new timer.
    package var wakeAt: Timestamp?
    /// Timers of executions that the store does not know.
    package var wakesInMemory: [(execution: Int64, at: Timestamp)] = []
    package var logged: [LoggedEvents] = []
    /// How many executions the turn has started.
    var started = (standard: 0, express: 0)
    /// Starts that were refused.
    var rejected: [(type: MachineType, error: ServiceError)] = []
    /// States entered, in the order of `StateType.allCases`.
    var transitions = [Int](repeating: 0, count: StateType.allCases.count)
    package var closed = ClosedExecutions()
    /// Executions that continue on an evaluation thread once the changes are safe.
    package var slow: [SlowAdvance] = []
    /// Executions that the turn has put into quarantine.
    package var quarantined: [QuarantineRecord] = []

    package var isEmpty: Bool { changes.isEmpty }
}

/// What the dispatcher is to do.
package enum TaskEffect: Sendable, Equatable {
    case run(TaskInvocation)
    /// With `hasJob` the row of the task stays until `ShardInput.jobStopped`.
    case cancel(execution: Int64, scheduledEvent: Int, hasJob: Bool)
    /// The attempt's outcome has been dealt with.
    case settled(execution: Int64, scheduledEvent: Int)
    /// The execution has ended.
    case closed(execution: Int64)

    var execution: Int64 {
        switch self {
        case .run(let invocation): invocation.execution
        case .cancel(let execution, _, _), .settled(let execution, _), .closed(let execution): execution
        }
    }
}
