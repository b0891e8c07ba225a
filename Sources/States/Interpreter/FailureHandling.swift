// Retry, Catch and the way of a failure outwards (language.md §5, §6; history.md §2).

import Core
import Expressions
import JSON

extension Interpreter {
    /// A state has failed: its own Retriers and Catchers look first, then those of the states around it.
    mutating func fail(_ id: FrameID, _ state: State, _ failure: StateFailure) {
        var failure = failure
        if probe != nil { failure.needsPrefix = false }
        if failure.needsPrefix, let visit = execution.frames[id]?.state {
            let prefix =
                "An error occurred while executing the state '\(visit.name)' (entered at the event id #\(visit.enteredEvent)). "
            failure.failure.cause = prefix + (failure.failure.cause ?? "")
            failure.needsPrefix = false
        }
        failure.failure = failure.failure.cut(to: limits)
        probe?.failure = failure.failure
        recordEvaluation(id, &failure)
        guard let frame = execution.frames[id] else { return }
        var previous = failure.event ?? frame.lastEvent
        if failure.isTerminal { return close(.executionFailed(ExecutionFailed(failure.failure)), previous: previous) }
        // A Map may fail with iterations under way, in the selection of an item.
        abortChildren(of: frame, but: nil, previous: previous)
        if retry(id, state, failure, previous: previous) { return }
        if failure.isMapEvaluation { previous = emit(.mapStateFailed(MapStateFailed()), frame: id, previous: previous) }
        if !`catch`(id, state, failure) { propagate(id, failure, previous: previous) }
    }

    /// Writes the `EvaluationFailed` of a failed evaluation. Before anything has happened behind the state's Entered it
    /// points to where that points; a Wait's points to Entered itself (history.md §2).
    private mutating func recordEvaluation(_ id: FrameID, _ failure: inout StateFailure) {
        guard let evaluation = failure.evaluation, let frame = execution.frames[id], let visit = frame.state else {
            return
        }
        let isFirst = frame.lastEvent == visit.enteredEvent && visit.type != .wait
        failure.event = emit(
            .evaluationFailed(
                EvaluationFailed(state: visit.name, location: evaluation.location, failure: failure.failure)),
            frame: id, previous: isFirst ? visit.enteredPrevious : frame.lastEvent)
        failure.isMapEvaluation = visit.type == .map
        failure.evaluation = nil
    }

    // MARK: - Retry

    /// Whether a Retrier has taken the failure.
    private mutating func retry(_ id: FrameID, _ state: State, _ failure: StateFailure, previous: Int) -> Bool {
        guard let index = state.retry.firstIndex(where: { failure.matches($0.errorEquals) }),
            let used = execution.frames[id]?.state?.retries[index, default: 0]
        else { return false }
        probe?.retry = (index, nil)
        guard used < state.retry[index].maxAttempts,
            // Without an event of this turn to carry it the attempt failed before it began, in evaluating the state's
            // own fields: it would fail the same way again, so its retries count as used up.
            let last = advance.events.indices.last, advance.events[last].retry == nil
        else { return false }
        let delay = delay(state.retry[index], attempt: used + 1)
        probe?.retry = (index, Int(delay / 1000))
        let retry = JournalRecord.Retry(
            frame: id, retrier: index, at: now.adding(milliseconds: delay), previous: previous)
        advance.events[last].retry = retry
        execution.applyRetry(retry)
        return true
    }

    /// Milliseconds: Interval·Rate^(n−1), at most MaxDelay; with FULL jitter anything from 0 to that.
    private mutating func delay(_ retrier: Retrier, attempt: Int) -> Int64 {
        var seconds = Double(retrier.intervalSeconds)
        let most = Double(retrier.maxDelaySeconds ?? Int(Int32.max))
        var left = max(attempt, 1) - 1
        while left > 0, seconds > 0, seconds < most, retrier.backoffRate > 1 {
            seconds *= retrier.backoffRate
            left -= 1
        }
        let milliseconds = Int64(min(seconds, most) * 1000)
        guard retrier.jitter == .full else { return milliseconds }
        return Int64(chance.number(below: Int(milliseconds) + 1))
    }

    // MARK: - Catch

    /// Whether a Catcher has taken the failure. ResultSelector and OutputPath do not apply on this way. A Catcher whose
    /// fields need more than their budget has taken it as well: it stays in `execution.pendingCatch`.
    private mutating func `catch`(_ id: FrameID, _ state: State, _ failure: StateFailure) -> Bool {
        guard let index = state.catch.firstIndex(where: { failure.matches($0.errorEquals) }),
            let frame = execution.frames[id]
        else { return false }
        let catcher = state.catch[index]
        probe?.catchIndex = index
        do throws(StateFailure) {
            let (assigned, output) = try budgeted(isFresh: true) { (self) throws(StateFailure) in
                let assigned = try self.assigned(
                    catcher.assign, frame, input: failure.errorOutput,
                    states: StatesVariable(input: frame.input.value, errorOutput: failure.errorOutput))
                return (assigned, try self.output(of: catcher, frame, state, failure.errorOutput))
            }
            try exit(frame, state, output: output, transition: .next(catcher.next), assigned: assigned)
        } catch {
            if error.wantsPatience {
                execution.pendingCatch = PendingCatch(frame: id, failure: failure)
                advance.needsPatience = true
                advance.isMidState = true
            } else {
                fail(id, state, error.terminal)
            }
        }
        return true
    }

    /// Evaluates the fields of a Catcher that has matched in an earlier call.
    mutating func resume(_ pending: PendingCatch) {
        guard let frame = execution.frames[pending.frame] else { return }
        _ = `catch`(pending.frame, state(of: frame), pending.failure)
    }

    private mutating func output(
        of catcher: Catcher, _ frame: Frame, _ state: State, _ errorOutput: JSONValue
    ) throws(StateFailure) -> JSONValue {
        guard state.jsonata != nil else { return try place(errorOutput, catcher.resultPath, in: frame.input) }
        guard let template = catcher.output else { return errorOutput }
        return try evaluate(template, frame, StatesVariable(input: frame.input.value, errorOutput: errorOutput))
    }

    // MARK: - Outwards

    private mutating func propagate(_ id: FrameID, _ failure: StateFailure, previous: Int) {
        guard let parent = execution.frames[id]?.parent?.frame, let outer = execution.frames[parent] else {
            close(.executionFailed(ExecutionFailed(failure.failure)), previous: previous)
            return
        }
        abort(outer, failed: id, previous: previous)
        let state = state(of: outer)
        execution.frames[parent]?.lastEvent = previous
        if retry(parent, state, failure, previous: previous) { return }
        let isMap = outer.phase == .map
        let failed = emit(
            isMap ? .mapStateFailed(MapStateFailed()) : .parallelStateFailed(ParallelStateFailed()), frame: parent,
            previous: previous)
        if !`catch`(parent, state, failure) { propagate(parent, failure, previous: failed) }
    }

    /// Cuts off what still runs in a Parallel or Map: one leaf `…StateAborted` for each, the failing frame's own task
    /// first, and in a Map `MapIterationFailed` and `MapIterationAborted` before them (history.md §2).
    private mutating func abort(_ outer: Frame, failed: FrameID, previous: Int) {
        if let frame = execution.frames[failed] {
            if let iteration = iteration(of: frame) {
                emit(.mapIterationFailed(MapIterationFailed(iteration)), frame: failed, previous: previous)
            }
            if case .task = frame.phase {
                emit(.stateAborted(StateAborted(.task)), frame: failed, previous: previous)
            }
        }
        abortChildren(of: outer, but: failed, previous: previous)
    }

    private mutating func abortChildren(of outer: Frame, but failed: FrameID?, previous: Int) {
        if case .parallel(let children, _, _) = outer.phase {
            for child in children where child != failed { abort(child, previous: previous) }
        }
        guard let name = outer.state?.name else { return }
        for (index, child) in execution.maps[outer.id]?.runningInOrder ?? [] where child != failed {
            emit(
                .mapIterationAborted(MapIterationAborted(MapIteration(name: name, index: index))), frame: child,
                previous: previous)
            abort(child, previous: previous)
        }
    }

    private mutating func abort(_ id: FrameID, previous: Int) {
        guard let frame = execution.frames[id], let visit = frame.state else { return }
        switch frame.phase {
        case .ended: return
        case .task(let task):
            advance.effects.append(task.cancellation)
            emit(.stateAborted(StateAborted(visit.type)), frame: id, previous: previous)
        case .parallel, .map:
            abortChildren(of: frame, but: nil, previous: previous)
            emit(.stateAborted(StateAborted(visit.type)), frame: id, previous: previous)
        case .waiting, .retrying, .working, .result:
            emit(.stateAborted(StateAborted(visit.type)), frame: id, previous: previous)
        case .entering: return
        }
    }
}

/// A failure that a Catcher has matched, between two calls of `advance`.
struct PendingCatch: Sendable {
    var frame: FrameID
    var failure: StateFailure
}

extension StateFailure {
    /// Whether a Retrier or Catcher with these names takes the failure. `States.TaskFailed` matches everything but
    /// timeouts (language.md §5).
    func matches(_ errorEquals: [String]) -> Bool {
        errorEquals.contains { pattern in
            switch pattern {
            case ErrorName.all: true
            case ErrorName.taskFailed: !names.contains(ErrorName.timeout)
            default: names.contains { $0.hasSameUnits(as: pattern) }
            }
        }
    }

    var terminal: StateFailure {
        var copy = self
        copy.isTerminal = true
        return copy
    }
}

extension Failure {
    /// `error` and `cause` cut to the lengths that AWS keeps (history.md §1).
    func cut(to limits: Limits) -> Failure {
        Failure(
            error: error.map { $0.cut(to: limits.language.errorCharacters) },
            cause: cause.map { $0.cut(to: limits.language.causeCharacters) })
    }
}

extension String {
    /// By code points: a Swift `Character` may be of any length.
    fileprivate func cut(to count: Int) -> String {
        utf8.count > count ? String(unicodeScalars.prefix(count)) : self
    }
}
