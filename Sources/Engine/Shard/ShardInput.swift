// What comes into a shard's mailbox.

package import JSON
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
    /// A task starts an execution.
    indirect case startChild(ChildStart)
    /// A task with a job is no longer waited for: the job is to be stopped.
    case stopJob(TaskID)
    /// A message that a commit has stored.
    indirect case message(Message)
    /// Take the stored messages with ids above `after`. The reply comes when the last of them has been read.
    case readMessages(after: Int64, ReplyTo?)
    /// A task's outcome.
    indirect case outcome(execution: Int64, stimulus: Stimulus)
    /// The execution's timer is due. The reply comes when the turn is over: `done` if it was committed.
    case wake(execution: Int64, ReplyTo?)
    /// Dispatch the execution's open tasks again: the process, or a commit, has failed since.
    case redeliver(execution: Int64, ReplyTo?)
    /// The last turn's budget cut the execution off.
    case proceed(execution: Int64)
    /// A deferred execution comes back from an evaluation thread.
    indirect case advanced(SlowAdvance)
    /// The process is about to stop: who waits for the end of an execution that is nowhere else is told.
    case dismissWaiters
    /// An administrator takes an execution out of quarantine.
    case release(ReleaseCommand)
    /// Does nothing but have a reply once the shard turns.
    case ping(ReplyTo)
}

extension ShardInput {
    /// Who waits for the reply.
    var replyTo: ReplyTo? {
        switch self {
        case .start(let command): command.replyTo
        case .stop(let command): command.replyTo
        case .redrive(let command): command.replyTo
        case .report(let report): report.replyTo
        case .release(let command): command.replyTo
        case .wake(_, let replyTo), .redeliver(_, let replyTo), .readMessages(_, let replyTo): replyTo
        case .ping(let replyTo): replyTo
        case .outcome, .delivered, .startChild, .stopJob, .message, .proceed, .advanced, .dismissWaiters: nil
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
        case .startChild(let start): start.parent.execution
        case .message(let message): message.body.receiver
        case .start, .delivered, .stopJob, .readMessages, .ping, .advanced, .dismissWaiters: nil
        }
    }

    /// The input as it is to be taken again after a failed commit; `nil` if the caller has been told of the failure or
    /// the store still says what is due.
    var repeated: ShardInput? {
        switch self {
        case .outcome, .delivered, .stopJob, .readMessages, .proceed, .redeliver: return self
        case .startChild(var start):
            start.isRepeated = true
            return .startChild(start)
        // Whether a message has been taken, the store says: `readMessages` follows each failed commit.
        case .start, .stop, .redrive, .report, .message, .wake, .ping, .advanced, .release, .dismissWaiters: return nil
        }
    }
}

/// The end of a quarantine, asked for by an administrator.
package struct ReleaseCommand: Sendable {
    package var execution: Int64
    package var replyTo: ReplyTo?
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
    /// The caller waits for the end of the execution, which is kept in memory only.
    package var isSynchronous: Bool
    package var replyTo: ReplyTo?

    package init(
        entry: MachineEntry, version: Int? = nil, alias: String? = nil, id: Int64, arn: String, name: String,
        nameIsFresh: Bool, input: Payload, seed: UInt64, depth: Int = 0,
        traceHeader: String?, isSynchronous: Bool = false, replyTo: ReplyTo?
    ) {
        self.isSynchronous = isSynchronous
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
        self.replyTo = replyTo
    }
}

package struct StopCommand: Sendable {
    package var execution: Int64
    package var arn: String
    package var failure: Failure
    package var replyTo: ReplyTo?

    package init(execution: Int64, arn: String, failure: Failure, replyTo: ReplyTo?) {
        self.execution = execution
        self.arn = arn
        self.failure = failure
        self.replyTo = replyTo
    }
}

/// RedriveExecution, its rules about time and machine checked.
package struct RedriveCommand: Sendable {
    package var execution: Int64
    package var clientToken: String?
    package var replyTo: ReplyTo?
}

/// What a worker or a callback says of a task: an outcome, a heartbeat, or that a worker takes it.
package struct TaskReport: Sendable {
    package var task: TaskID
    package var stimulus: Stimulus
    /// The account and region of the reporter; `nil` for the engine itself.
    package var scope: Scope?
    /// The reply is `InvalidToken` for a task of another scope, `TaskTimedOut` when the task is no longer open.
    package var replyTo: ReplyTo?

    package init(task: TaskID, stimulus: Stimulus, scope: Scope?, replyTo: ReplyTo?) {
        self.task = task
        self.stimulus = stimulus
        self.scope = scope
        self.replyTo = replyTo
    }
}

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
    package var events: [JournalRecord]
}

package struct StartedExecution: Sendable, Equatable {
    package var arn: String
    package var startDate: Timestamp
}

extension ShardInput {
    /// The kinds, for the metrics.
    enum Kind: Int, CaseIterable, Sendable {
        case start, nestedStart, stop, redrive, report, delivered, stopJob, message, readMessages, outcome, timer
        case redeliver, proceed, advanced, dismissWaiters, release, ping
    }

    var kind: Kind {
        switch self {
        case .start(let command): command.depth == 0 ? .start : .nestedStart
        case .stop: .stop
        case .redrive: .redrive
        case .report: .report
        case .delivered: .delivered
        case .startChild: .nestedStart
        case .stopJob: .stopJob
        case .message: .message
        case .readMessages: .readMessages
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
    /// Given once the changes are stored.
    var replies: [TurnReply] = []
    /// Executions that are no longer in quarantine once the changes are stored.
    var released: [Int64] = []
    package var effects: [TaskEffect] = []
    /// Executions that the turn changed.
    var touched: [Int64] = []
    /// Executions that the budget cut off.
    var unfinished: [Int64] = []
    /// Inputs for the next turn, once the changes are stored.
    var continuations: [ShardInput] = []
    /// Messages that the turn stores, to be delivered after that.
    package var sent: [Message] = []
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
    /// With `hasJob` the row of the task stays until `ShardInput.stopJob`.
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
