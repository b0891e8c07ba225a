// Wait: for seconds or until a timestamp, written out or behind a reference path (language.md §4, Wait).

import Core
import Expressions
import JSON

extension Interpreter {
    /// Enters a Wait. Its end is found before the event is made, so that the event can carry it; if it cannot be found,
    /// the state is entered and fails.
    mutating func enterWait(_ frame: Frame, _ state: State, _ wait: State.Wait) {
        // Paths see the context object of this state already, not the last one's.
        var entering = frame
        entering.state = Frame.Visit(
            name: state.name, type: state.type, enteredEvent: execution.lastEventID + 1,
            enteredPrevious: frame.lastEvent, enteredAt: eventTime)
        do throws(StateFailure) {
            let end = try budgeted { (self) throws(StateFailure) in try self.waitEnd(entering, state, wait) }
            emit(
                emitEntered(frame, state, waitUntil: end, waitsForDate: wait.isForDate), frame: frame.id,
                previous: frame.lastEvent)
            let time = wait.isForDate ? wallTime : now
            if end <= time, case .waiting? = execution.frames[frame.id]?.phase { finishWait(frame.id) }
        } catch {
            if error.wantsPatience {
                execution.runnable.append(frame.id)
                return deferState(error)
            }
            emit(emitEntered(frame, state), frame: frame.id, previous: frame.lastEvent)
            if execution.status == .running { fail(frame.id, state, error) }
        }
    }

    /// The point in time at which the state is left.
    mutating func waitEnd(_ frame: Frame, _ state: State, _ wait: State.Wait) throws(StateFailure) -> Timestamp {
        let input = try effectiveInput(frame, state)
        switch wait {
        case .seconds(let seconds): return try after(seconds)
        case .timestamp(let timestamp): return try until(timestamp)
        case .secondsPath(let path): return try after(seconds(at: path, scope(frame, input: input)))
        case .timestampPath(let path): return try until(timestamp(at: path, scope(frame, input: input)))
        case .secondsExpression(let expression): return try after(integer(expression, frame))
        case .timestampExpression(let expression): return try until(timestamp(expression, frame))
        }
    }

    private mutating func timestamp(
        _ expression: JSONataExpression, _ frame: Frame
    ) throws(StateFailure) -> Timestamp {
        let text = try text(expression, frame)
        guard let timestamp = Timestamp(iso8601: text) else {
            throw .evaluation(
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \(text)",
                at: expression.field)
        }
        return timestamp
    }

    private func after(_ seconds: Int) throws(StateFailure) -> Timestamp {
        guard seconds <= limits.language.waitSeconds else { throw .runtime("Wait state delay is too long.") }
        return now.adding(seconds: seconds)
    }

    private func until(_ timestamp: Timestamp) throws(StateFailure) -> Timestamp {
        guard timestamp <= wallTime.adding(seconds: limits.language.waitSeconds) else {
            throw .runtime("Wait state delay is too long.")
        }
        return timestamp
    }

    private mutating func seconds(at path: ReferencePath, _ scope: PathScope) throws(StateFailure) -> Int {
        try checkNull(path.path, scope.input)
        guard let value = try found(path, scope) else {
            throw .runtime("The SecondsPath parameter does not reference an input value: \(path.source)")
        }
        guard let seconds = value.intValue, value.numberValue?.isIntegerText == true else {
            throw .runtime(
                "The SecondsPath parameter cannot be parsed as a long value: \(path.source) == \(value.plainText)")
        }
        guard seconds >= 0 else {
            throw .runtime("The SecondsPath parameter references a negative value: \(path.source) == \(seconds)")
        }
        return seconds
    }

    private mutating func timestamp(at path: ReferencePath, _ scope: PathScope) throws(StateFailure) -> Timestamp {
        try checkNull(path.path, scope.input)
        guard let value = try found(path, scope) else {
            throw .runtime("The TimestampPath parameter does not reference an input value: \(path.source)")
        }
        guard let timestamp = value.stringValue.flatMap({ Timestamp(iso8601: $0) }) else {
            throw .runtime(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: \(path.source) == \(value.plainText)"
            )
        }
        return timestamp
    }

    /// The value that a path leads to; `nil` if there is none.
    private mutating func found(_ path: ReferencePath, _ scope: PathScope) throws(StateFailure) -> JSONValue? {
        do throws(JSONPathError) { return try value(of: path, in: scope) } catch {
            if error.code == .budget { throw exceeded(.beyondBudget) }
            return nil
        }
    }

    /// The wait is over: the input goes on through OutputPath. A state that needs more than its budget stays in the
    /// wait, which is due at the next `.wake` as well.
    mutating func finishWait(_ id: FrameID) {
        guard let waiting = execution.frames[id] else { return }
        let frame = parsed(waiting)
        let state = state(of: frame)
        do throws(StateFailure) {
            try budgeted { (self) throws(StateFailure) in
                let input = try self.effectiveInput(frame, state)
                let assigned = try self.assigned(state.assign, frame, input: input)
                let output = try self.passedOn(frame, state, input: input)
                try self.exit(frame, state, output: output, assigned: assigned)
            }
        } catch {
            if error.wantsPatience { deferState(error) } else { fail(id, state, error) }
        }
    }
}

extension State.Wait {
    fileprivate var isForDate: Bool {
        switch self {
        case .timestamp, .timestampPath, .timestampExpression: true
        case .seconds, .secondsPath, .secondsExpression: false
        }
    }
}

extension JSONValue {
    /// A string without its quotes, anything else as JSON.
    var plainText: String { stringValue ?? text }
}
