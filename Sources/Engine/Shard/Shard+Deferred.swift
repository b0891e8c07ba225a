// Executions that are on an evaluation thread, and what arrives for them meanwhile.

import Core
import States
import Storage

/// An execution that is deferred: a state of it needs more than a turn may spend.
struct Deferred {
    var ticket: Int
    /// The execution as it was when it was deferred.
    var live: LiveExecution
    let cancellation: SlowAdvance.Cancellation
    /// What has arrived since, in order.
    var inputs: [ShardInput] = []
    /// What is to be confirmed with the rest of a state whose events were in the middle when it was deferred.
    var heldBack = HeldBack()
}

extension ServiceError {
    fileprivate static let isDeferred = unavailable("The execution is being evaluated.")
}

/// Replies and effects of inputs whose events are not stored yet.
struct HeldBack {
    var causes: [ShardInput] = []
    var replies: [TurnReply] = []
    var effects: [TaskEffect] = []
    var changes: [Change] = []
}

extension Shard {
    /// Takes an input for a deferred execution. A stop, and the end of the machine's TimeoutSeconds, act at once; all
    /// else waits until the execution is back.
    mutating func hold(_ input: ShardInput, of id: Int64, _ plan: inout TurnPlan, _ now: Timestamp) {
        switch input {
        case .stop: interrupt(id, by: input, &plan, now)
        case .message(let message) where message.body.isStop: interrupt(id, by: input, &plan, now)
        case .wake where deferred[id]?.live.hasTimedOut(at: now) == true: interrupt(id, by: input, &plan, now)
        case .wake(_, let caller): plan.reply(.rejected(.isDeferred), to: caller)
        case .start, .redrive, .report, .delivered, .startChild, .stopJob, .message, .readMessages, .outcome,
            .redeliver, .proceed, .advanced, .dismissWaiters, .release, .ping:
            deferred[id]?.inputs.append(input)
        }
    }

    /// Takes an execution back without what the evaluation thread makes of it.
    private mutating func interrupt(
        _ id: Int64, by input: ShardInput, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        guard let held = deferred.removeValue(forKey: id) else { return }
        held.cancellation.cancel()
        plan.put(held.live)
        plan.restore(held.heldBack)
        for input in [input] + held.inputs { take(input, &plan, now) }
    }

    mutating func deferExecution(_ live: LiveExecution, _ plan: inout TurnPlan, _ now: Timestamp) {
        lastTicket += 1
        let id = live.record.id
        let cancellation = SlowAdvance.Cancellation()
        var entry = Deferred(ticket: lastTicket, live: live, cancellation: cancellation)
        entry.inputs = plan.laterInputs.removeValue(forKey: id) ?? []
        entry.heldBack = plan.heldBack.removeValue(forKey: id) ?? HeldBack()
        deferred[id] = entry
        slowMachines.note(live.record.revision, now)
        plan.turn.slow.append(
            SlowAdvance(
                live: live, ticket: lastTicket, surroundings: plan.surroundings, cancellation: cancellation))
    }

    /// The execution is back: stores what was made of it, and takes what has waited.
    mutating func takeBack(_ step: SlowAdvance, _ plan: inout TurnPlan, _ now: Timestamp) {
        guard let held = deferred[step.execution], held.ticket == step.ticket else { return }
        deferred[step.execution] = nil
        if let failure = step.failure { return takeBackFailed(step, held, failure, &plan, now) }
        guard let done = step.done else { return }
        if !done.needsPatience { crashRecord?.completed(step.execution) }
        plan.count(done)
        plan.put(step.live)
        noteClosed(step.live, &plan)
        plan.restore(held.heldBack)
        for input in held.inputs { take(input, &plan, now) }
        guard plan.live[step.execution]?.isDeferred == false else { return }
        take(.wake(execution: step.execution, nil), &plan, now)
    }

    /// The store could not be read on the evaluation thread: a passing fault is tried again, damage is quarantined.
    private mutating func takeBackFailed(
        _ step: SlowAdvance, _ held: Deferred, _ failure: StoreError, _ plan: inout TurnPlan, _ now: Timestamp
    ) {
        plan.turn.readFaults.append(failure)
        if failure.code == .corrupt {
            quarantine(held.live.record, .damaged, failure.message, &plan, now)
            for reply in held.heldBack.replies { plan.reply(.rejected(failure.asServiceError), to: reply.to) }
            for input in held.inputs { take(input, &plan, now) }
        } else {
            plan.put(held.live)
            plan.restore(held.heldBack)
            for input in held.inputs { take(input, &plan, now) }
        }
    }

    /// What is to be taken again after a failed commit of executions that are deferred; they are read anew.
    mutating func discardDeferred(_ error: StoreError) -> TurnEnd {
        var end = TurnEnd()
        for (id, held) in deferred.sorted(by: { $0.key < $1.key }) {
            held.cancellation.cancel()
            if let waiter = held.live.waiter {
                end.replies.append(TurnReply(to: waiter, reply: .rejected(error.asServiceError)))
            }
            end.replies += held.heldBack.replies.compactMap { $0.afterFailure(error) }
            end.inputs += held.heldBack.causes.compactMap(\.repeated) + held.inputs.compactMap(\.repeated)
            for input in held.inputs where input.repeated == nil {
                if let caller = input.replyTo {
                    end.replies.append(TurnReply(to: caller, reply: .rejected(error.asServiceError)))
                }
            }
            end.inputs.append(.proceed(execution: id))
        }
        deferred = [:]
        return end
    }
}

extension LiveExecution {
    /// Whether the machine's TimeoutSeconds are over.
    fileprivate func hasTimedOut(at now: Timestamp) -> Bool { execution.started?.deadline.map { $0 <= now } ?? false }
}

/// Revisions of machines whose states needed an evaluation thread a short while ago. Their executions get less time on
/// the shard, where it would be spent in vain again.
struct SlowMachines {
    private var until: [Int64: Timestamp] = [:]
    private static let milliseconds: Int64 = 10_000

    func contains(_ revision: Int64, _ now: Timestamp) -> Bool {
        if until.isEmpty { return false }
        return until[revision].map { $0 > now } ?? false
    }

    mutating func note(_ revision: Int64, _ now: Timestamp) {
        if until.count >= Limits.Turn.maximumSlowRevisions { until = until.filter { $0.value > now } }
        if until.count < Limits.Turn.maximumSlowRevisions {
            until[revision] = now.adding(milliseconds: Self.milliseconds)
        }
    }
}
