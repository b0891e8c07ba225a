// The core of the house: a function from an execution and a stimulus to events and effects.

package import Core
import Expressions
import JSON

/// What one call of `advance` did.
package struct Advance: Sendable, Equatable {
    /// In order of their ids, already applied to the execution.
    package var events: [JournalRecord] = []
    /// To be carried out once the events are safe.
    package var effects: [Effect] = []
    /// How much payload the events hold.
    package var payloadBytes = 0
    /// Steps that the evaluations took.
    package var steps = 0
    /// A state needs more than its budget: call `advance` with `.wake` and more patience, on an evaluation thread.
    package var needsPatience = false
    /// With `needsPatience`: the events end in the middle of a state. They are to be stored together with those of the
    /// next call, and what caused them is to be confirmed after that.
    package var isMidState = false
    /// With `needsPatience`: outputs of a Map are to be read from the store first, see `Execution.storedOutputs`.
    package var needsOutputs = false
    /// The steps of this call are used up; whether something is left is `execution.hasWork`.
    package var isCutOff = false
}

/// Moves an execution as far as it can go without the outside world, or until the events of `limits.turn.events`, the
/// bytes of `limits.turn.payloadBytes` or the steps of `limits.evaluation.quickSteps` have been used. Whether
/// something is left is `execution.hasWork`.
///
/// Without `runs` it takes the stimulus and enters no state.
///
/// No clock, no chance, no I/O: the same arguments give the same answer. What goes wrong in a workflow is an event.
package func advance(
    _ execution: inout Execution, _ stimulus: Stimulus, machine: StateMachine, now: Timestamp,
    surroundings: Surroundings = Surroundings(), limits: Limits = Limits(), patience: Patience = .full,
    runs: Bool = true
) -> Advance {
    var interpreter = Interpreter(
        execution: execution, machine: machine, now: now, surroundings: surroundings, limits: limits,
        patience: patience)
    // The caller's copy is given up while the interpreter works on it, so that nothing is copied on write.
    execution = Execution(execution.identity)
    interpreter.take(stimulus)
    if runs { interpreter.run() }
    execution = interpreter.execution
    interpreter.advance.steps = interpreter.spentSteps
    return interpreter.advance
}

extension Execution {
    /// Whether `advance` has something to do without any new stimulus but `.proceed`.
    package var hasWork: Bool {
        if pendingCatch != nil { return true }
        return status == .running && runnable.contains { frames[$0].map { isRunnable($0) } ?? false }
    }
}

/// One call of `advance` at work. The rules of each state type are in extensions, a file each.
struct Interpreter {
    var execution: Execution
    let machine: StateMachine
    let now: Timestamp
    let surroundings: Surroundings
    let limits: Limits
    let patience: Patience
    /// What is left for the evaluations of the state at work.
    var budget: EvaluationBudget
    /// Steps that the evaluations of this call have taken.
    var spentSteps = 0
    var advance = Advance()
    /// What the evaluators of this call draw from. Seeded by the execution and by how far it has come.
    var chance: Chance
    /// The token of the task that is being scheduled: `Task.Token` of the context object.
    var taskToken: String?
    /// Set while a state is tested.
    var probe: StateProbe?

    init(
        execution: Execution, machine: StateMachine, now: Timestamp, surroundings: Surroundings, limits: Limits,
        patience: Patience
    ) {
        self.surroundings = surroundings
        self.patience = patience
        budget = EvaluationBudget(steps: 0, bytes: 0)
        self.execution = execution
        self.execution.clockOffset = surroundings.clockOffset
        self.machine = machine
        self.now = now
        self.limits = limits
        chance = Interpreter.chance(seed: execution.started?.seed ?? 0, execution)
    }

    private static func chance(seed: UInt64, _ execution: Execution) -> Chance {
        // The number of the event is spread over all bits first: draws of neighbouring events must not overlap.
        var spread = Chance(seed: UInt64(execution.lastEventID))
        return Chance(seed: seed ^ spread.next())
    }

    mutating func take(_ stimulus: Stimulus) {
        if let pending = execution.pendingCatch {
            execution.pendingCatch = nil
            if !stimulus.closes { resume(pending) }
            if advance.needsPatience { return }
        }
        if case .start(let input, let roleARN, let seed, let depth) = stimulus {
            guard execution.status == .created else { return }
            chance = Interpreter.chance(seed: seed, execution)
            let deadline = machine.timeoutSeconds.map { now.adding(seconds: $0) }
            emit(
                .executionStarted(
                    ExecutionStarted(input: input, roleARN: roleARN, deadline: deadline, seed: seed, depth: depth)),
                frame: 0, previous: 0)
        }
        if case .redrive(let clientToken) = stimulus { return redrive(clientToken) }
        guard execution.status == .running else { return }
        switch stimulus {
        case .start, .proceed, .redrive: break
        case .taskSucceeded(let task, let output): taskSucceeded(task, output)
        case .taskFailed(let task, let failure): taskFailed(task, failure)
        case .activityStarted(let task, let workerName): activityStarted(task, workerName)
        case .taskSubmitted(let task, let output): taskSubmitted(task, output)
        case .taskSubmitFailed(let task, let failure): taskSubmitFailed(task, failure)
        case .taskHeartbeat(let task): execution.heard(of: task, at: now)
        case .wake: wake()
        case .stop(let failure): close(.executionAborted(ExecutionAborted(failure)), previous: 0)
        }
    }

    /// Goes on from frame to frame. The budget cuts only where a frame is about to enter a state, so that a state's
    /// failure always has the state's events in the same turn.
    mutating func run() {
        execution.parseInput()
        while !hasStopped, execution.status == .running, probe?.hasExited != true, let frame = execution.takeRunnable()
        {
            if isOverBudget, frame.isAtBoundary {
                execution.runnable.append(frame.id)
                return
            }
            guard frame.input.isParsed else {
                // Taken again with its value: frames are large, and a second one here would be copied for every state.
                _ = parsed(frame)
                execution.runnable.append(frame.id)
                continue
            }
            step(frame)
        }
    }

    /// Whether this call can do no more.
    var hasStopped: Bool { advance.needsPatience || advance.isCutOff }

    var isOverBudget: Bool {
        advance.events.count >= limits.turn.events || advance.payloadBytes >= limits.turn.payloadBytes
            || spentSteps >= limits.evaluation.quickSteps
    }

    /// The frame with its input parsed, and the execution's input parsed as well. Texts from the store would be parsed
    /// again by each expression.
    mutating func parsed(_ frame: Frame) -> Frame {
        execution.parseInput()
        guard !frame.input.isParsed else { return frame }
        var frame = frame
        frame.input = frame.input.withValue
        execution.frames[frame.id]?.input = frame.input
        return frame
    }

    private mutating func step(_ frame: Frame) {
        switch frame.phase {
        case .entering(let name): enter(frame, name)
        case .working: attempt(frame) { (self, state) throws(StateFailure) in try self.work(frame, state) }
        case .result(let result):
            attempt(frame) { (self, state) throws(StateFailure) in try self.finishTask(frame, state, result) }
        case .parallel(let children, _, _):
            attempt(frame) { (self, state) throws(StateFailure) in try self.finishParallel(frame, state, children) }
        case .map: attempt(frame) { (self, state) throws(StateFailure) in try self.iterate(frame, state) }
        case .waiting, .task, .retrying, .ended: break
        }
    }

    private mutating func attempt(
        _ frame: Frame, _ body: (inout Interpreter, State) throws(StateFailure) -> Void
    ) {
        let state = state(of: frame)
        do throws(StateFailure) {
            try budgeted { (self) throws(StateFailure) in try body(&self, state) }
        } catch {
            guard error.wantsPatience else { return fail(frame.id, state, error) }
            // Nothing has been written of it, so that it can begin again.
            execution.runnable.append(frame.id)
            deferState(error)
        }
    }

    /// Ends the call because of a failure that `wantsPatience`.
    mutating func deferState(_ failure: StateFailure) {
        if failure.isCutOff { advance.isCutOff = true } else { advance.needsPatience = true }
    }

    private mutating func enter(_ frame: Frame, _ name: String?) {
        if surroundings.deletedMachines.contains(CodeUnits(execution.identity.machineARN)) {
            let cause = "State machine \(execution.identity.machineName) has been deleted"
            let failure = Failure(error: ErrorName.runtime, cause: cause)
            return close(.executionFailed(ExecutionFailed(failure)), previous: frame.lastEvent)
        }
        let name = name ?? graph(of: frame).startAt
        guard let state = machine.states[name] else { preconditionFailure("no state \(name) in the definition") }
        if case .wait(let wait) = state.body {
            enterWait(frame, state, wait)
        } else {
            emitEntered(frame, state)
        }
    }

    func emitEntered(
        _ frame: Frame, _ state: State, waitUntil: Timestamp? = nil, waitsForDate: Bool = false
    ) -> RecordKind {
        .stateEntered(
            StateEntered(
                type: state.type, name: state.name, input: frame.input, waitUntil: waitUntil,
                waitsForDate: waitsForDate))
    }

    private mutating func emitEntered(_ frame: Frame, _ state: State) {
        emit(emitEntered(frame, state), frame: frame.id, previous: frame.lastEvent)
        if let probe { execution.frames[frame.id]?.state?.retries = probe.presetRetries }
    }

    /// Does an entered state's work, or does it again after a retry.
    private mutating func work(_ frame: Frame, _ state: State) throws(StateFailure) {
        switch state.body {
        case .pass(let result): try pass(frame, state, result)
        case .task(let task): try schedule(frame, state, task)
        case .choice(let choice): try choose(frame, state, choice)
        // Entered with its end already known; working only in a store of an earlier version.
        case .wait(let wait):
            _ = try waitEnd(frame, state, wait)
            throw .runtime("The end of the wait was not known when the state was entered.")
        case .succeed: try succeed(frame, state)
        case .fail(let failure): try fail(frame, state, failure)
        case .parallel(let branches): try startParallel(frame, state, branches)
        case .map(let map): try startMap(frame, state, map)
        case .unsupported:
            throw .runtime(state.notSupported ?? "The state '\(state.name)' is not supported yet")
        }
    }

    // MARK: - Lookup

    func state(of frame: Frame) -> State {
        guard let name = frame.state?.name, let state = machine.states[name] else {
            preconditionFailure("a frame at work has no state of the definition")
        }
        return state
    }

    /// The states among which a frame moves.
    private func graph(of frame: Frame) -> StateGraph {
        guard let parent = frame.parent else { return machine.top }
        switch (execution.frames[parent.frame]?.state?.name).flatMap({ machine.states[$0]?.body }) {
        case .parallel(let branches)?: return branches[parent.index]
        case .map(let map)?: return map.processor
        default: preconditionFailure("a frame without its Parallel or Map")
        }
    }

    // MARK: - Events

    /// What the next event is stamped with: a history never runs backwards, even when the clock is set back. Timers
    /// count from `now` all the same, or a clock that was wrong for a moment would put them off for years.
    var eventTime: Timestamp { max(wallTime, execution.lastEventTime) }

    var wallTime: Timestamp { now.adding(milliseconds: surroundings.clockOffset) }

    /// Makes the next event, applies it and gives its id. The last event that the history may hold is a failure
    /// (history.md §2, 25,000 cap); nothing follows a terminal event.
    @discardableResult
    mutating func emit(_ kind: RecordKind, frame: FrameID, previous: Int) -> Int {
        guard !execution.isClosed || kind.isRedrive else { return execution.lastEventID }
        var kind = kind
        var previous = previous
        if execution.lastEventID + 1 >= limits.language.historyEvents, !kind.isTerminal {
            let cause = "The execution reached the maximum number of history events (\(limits.language.historyEvents))."
            kind = .executionFailed(ExecutionFailed(Failure(error: ErrorName.runtime, cause: cause)))
            previous = execution.lastEventID
        }
        if kind.isTerminal { cancelOpenTasks() }
        let event = JournalRecord(
            id: execution.lastEventID + 1, previous: previous, timestamp: eventTime, frame: frame, kind: kind)
        execution.apply(event)
        advance.events.append(event)
        advance.payloadBytes += kind.payloadBytes
        if kind.isTerminal { advance.effects.append(.closed) }
        return event.id
    }

    mutating func close(_ kind: RecordKind, previous: Int) { emit(kind, frame: 0, previous: previous) }

    private mutating func cancelOpenTasks() {
        for task in execution.openTasks { advance.effects.append(task.cancellation) }
    }

    /// Leaves the state, and closes the execution when that was its last.
    mutating func exit(
        _ frame: Frame, _ state: State, output: JSONValue, transition: Transition? = nil,
        assigned: [AssignedVariable] = []
    ) throws(StateFailure) {
        let output = try payload(output, of: state)
        if (transition ?? state.transition) == .end { try checkCombinedOutput(frame, output) }
        try checkFrames(frame, output, state)
        guard let previous = execution.frames[frame.id]?.lastEvent else { return }
        let transition = transition ?? state.transition
        let exited = emit(
            .stateExited(
                StateExited(
                    type: state.type, name: state.name, output: output, transition: transition, assigned: assigned)),
            frame: frame.id, previous: previous)
        if let probe {
            probe.hasExited = true
            probe.variables = execution.frames[frame.id]?.variables ?? [:]
        }
        guard transition == .end else { return }
        if frame.id == 0 {
            close(.executionSucceeded(ExecutionSucceeded(output: output)), previous: exited)
        } else if let iteration = iteration(of: frame) {
            emit(.mapIterationSucceeded(MapIterationSucceeded(iteration)), frame: frame.id, previous: exited)
        }
    }
}

extension Frame {
    /// Whether a turn may be cut off before the frame goes on.
    fileprivate var isAtBoundary: Bool {
        switch phase {
        case .entering, .map: true
        default: false
        }
    }
}
