// A turn in the making.

import Core
import JSON
import States
import Storage

/// Names differ when their bytes do, as in the store; Swift's strings are equal when they look the same.
struct NameKey: Hashable {
    var machine: Int64
    var name: String

    static func == (left: NameKey, right: NameKey) -> Bool {
        left.machine == right.machine && left.name.hasSameUnits(as: right.name)
    }
}

/// A turn in the making.
struct TurnPlan: ~Copyable {
    let surroundings: Surroundings
    /// The time by the wall clock, for dates that people see.
    let wall: Timestamp
    var turn = Turn()
    var live: [Int64: LiveExecution] = [:]
    var order: [Int64] = []
    private var seen: Set<Int64> = []
    var names: [NameKey: Int64] = [:]
    /// Executions whose open tasks are to be let out again, with what the store knows of those.
    var redelivered: [Int64: [OpenTaskRecord]] = [:]
    /// Inputs for executions whose events are in the middle of a state: they wait for its end.
    var laterInputs: [Int64: [ShardInput]] = [:]
    var heldBack: [Int64: HeldBack] = [:]
    /// Executions that have closed and that tasks wait for.
    var closedJobs: [Int64] = []
    /// Messages that the turn has taken.
    var consumed: Set<Int64> = []
    private(set) var events = 0
    private(set) var steps = 0
    private(set) var payloadBytes = 0

    init(surroundings: Surroundings, wall: Timestamp, inputs: Int) {
        self.surroundings = surroundings
        self.wall = wall
        live.reserveCapacity(inputs)
        seen.reserveCapacity(inputs)
        order.reserveCapacity(inputs)
        turn.changes.reserveCapacity(inputs)
        turn.replies.reserveCapacity(inputs)
    }

    /// The time by the engine's clock.
    var now: Timestamp { wall.adding(milliseconds: -surroundings.clockOffset) }

    /// Whether the turn has done as much as it may.
    func isFull(_ limits: Limits) -> Bool {
        events >= limits.turn.maximumEvents || payloadBytes >= limits.turn.maximumPayloadBytes
            || steps >= limits.evaluation.quickSteps
    }

    mutating func count(_ advance: Advance) {
        events += advance.events.count
        payloadBytes += advance.payloadBytes
        steps += advance.steps
    }

    /// Counts an execution that the turn has read from the store, and holds to its end.
    mutating func count(loaded bytes: Int) { payloadBytes += bytes }

    /// Takes out what the turn has noted since `mark`, to be confirmed with the rest of the execution's state.
    mutating func holdBack(_ execution: Int64, _ input: ShardInput, since mark: Mark) {
        var held = heldBack[execution] ?? HeldBack()
        held.causes.append(input)
        held.replies += turn.replies[mark.replies...]
        held.effects += turn.effects[mark.effects...]
        held.changes += turn.changes[mark.changes...]
        turn.replies.removeSubrange(mark.replies...)
        turn.effects.removeSubrange(mark.effects...)
        turn.changes.removeSubrange(mark.changes...)
        heldBack[execution] = held
    }

    mutating func restore(_ held: HeldBack) {
        turn.replies += held.replies
        turn.effects += held.effects
        turn.changes += held.changes
    }

    struct Mark {
        var replies: Int
        var effects: Int
        var changes: Int
    }

    var mark: Mark { Mark(replies: turn.replies.count, effects: turn.effects.count, changes: turn.changes.count) }

    /// Replies to a caller, if there is one, once the turn is committed.
    mutating func reply(_ reply: Reply, to caller: ReplyTo?, isRepeated: Bool = false) {
        guard let caller else { return }
        turn.replies.append(TurnReply(to: caller, reply: reply, isRepeated: isRepeated))
    }

    /// The attempt's outcome is dealt with, also where it came too late to change anything.
    mutating func settle(_ execution: Int64, _ stimulus: Stimulus) {
        guard let task = stimulus.task else { return }
        turn.effects.append(.settled(execution: execution, scheduledEvent: task))
    }

    mutating func settle(_ task: TaskID) {
        turn.effects.append(.settled(execution: task.execution, scheduledEvent: task.scheduledEvent))
    }

    mutating func put(_ execution: consuming LiveExecution) {
        let id = execution.record.id
        live[id] = execution
        if seen.insert(id).inserted { order.append(id) }
    }

    /// An input that met an error of the store while reading: its caller is told, the rest of the turn goes on.
    mutating func fault(_ input: ShardInput, _ error: StoreError) {
        switch input {
        case .start, .stop, .redrive, .report, .wake, .release:
            reply(.rejected(error.asServiceError), to: input.replyTo)
        case .redeliver(_, let caller), .readMessages(_, let caller):
            if error.code == .corrupt {
                // The execution cannot be read and is left as it is.
                reply(.rejected(error.asServiceError), to: caller, isRepeated: true)
            } else {
                turn.again.append(input)
            }
        case .outcome(let execution, let stimulus):
            if error.code == .corrupt { settle(execution, stimulus) } else { turn.again.append(input) }
        case .proceed, .startChild, .stopJob, .message: if error.code != .corrupt { turn.again.append(input) }
        case .delivered, .ping, .advanced, .dismissWaiters: break
        }
        turn.readFaults.append(error)
    }
}
