// All kinds of records, in switches that the compiler checks for completeness.
//
// A new kind is a file of Records/ and its lines here. A switch, not an existential: the interpreter makes, applies and
// encodes a record for each step.

import JSON

/// Which kind of record follows in a stored row. Never reuse a number.
enum RecordTag: UInt8 {
    case executionStarted = 1
    case executionSucceeded = 2
    case executionFailed = 3
    case executionAborted = 4
    case executionTimedOut = 5
    case stateEntered = 6
    case stateExited = 7
    case taskScheduled = 8
    case taskStarted = 9
    case taskSucceeded = 10
    case taskFailed = 11
    case taskTimedOut = 12
    case stateAborted = 13
    case parallelStateStarted = 14
    case parallelStateSucceeded = 15
    case parallelStateFailed = 16
    /// A state's exit that assigns variables; without any it is `stateExited`.
    case stateExitedAssigning = 17
    case mapStateStarted = 18
    case mapStateSucceeded = 19
    case mapStateFailed = 20
    case mapIterationStarted = 21
    case mapIterationSucceeded = 22
    case mapIterationFailed = 23
    case mapIterationAborted = 24
    case evaluationFailed = 25
    case executionRedriven = 26
    case activityStarted = 27
    case taskSubmitted = 28
    case taskSubmitFailed = 29
    /// The start of an execution that another one has started; of any other it is `executionStarted`.
    case executionStartedNested = 30
}

/// The body of a record.
package enum RecordKind: Sendable, Equatable {
    indirect case executionStarted(ExecutionStarted)
    case executionSucceeded(ExecutionSucceeded)
    case executionFailed(ExecutionFailed)
    case executionAborted(ExecutionAborted)
    case executionTimedOut(ExecutionTimedOut)
    indirect case executionRedriven(ExecutionRedriven)
    case stateEntered(StateEntered)
    case stateExited(StateExited)
    case stateAborted(StateAborted)
    indirect case taskScheduled(TaskScheduled)
    case taskStarted(TaskStarted)
    case activityStarted(ActivityStarted)
    case taskSubmitted(TaskSubmitted)
    case taskSubmitFailed(TaskSubmitFailed)
    case taskSucceeded(TaskSucceeded)
    case taskFailed(TaskFailed)
    case taskTimedOut(TaskTimedOut)
    case parallelStateStarted(ParallelStateStarted)
    case parallelStateSucceeded(ParallelStateSucceeded)
    case parallelStateFailed(ParallelStateFailed)
    indirect case mapStateStarted(MapStateStarted)
    case mapStateSucceeded(MapStateSucceeded)
    case mapStateFailed(MapStateFailed)
    case mapIterationStarted(MapIterationStarted)
    case mapIterationSucceeded(MapIterationSucceeded)
    case mapIterationFailed(MapIterationFailed)
    case mapIterationAborted(MapIterationAborted)
    indirect case evaluationFailed(EvaluationFailed)
}

extension RecordKind {
    /// Size of the payload that the record holds, in bytes.
    package var payloadBytes: Int {
        switch self {
        case .executionStarted(let body): body.payloadBytes
        case .executionSucceeded(let body): body.payloadBytes
        case .executionFailed(let body): body.payloadBytes
        case .executionAborted(let body): body.payloadBytes
        case .executionTimedOut(let body): body.payloadBytes
        case .executionRedriven(let body): body.payloadBytes
        case .stateEntered(let body): body.payloadBytes
        case .stateExited(let body): body.payloadBytes
        case .stateAborted(let body): body.payloadBytes
        case .taskScheduled(let body): body.payloadBytes
        case .taskStarted(let body): body.payloadBytes
        case .activityStarted(let body): body.payloadBytes
        case .taskSubmitted(let body): body.payloadBytes
        case .taskSubmitFailed(let body): body.payloadBytes
        case .taskSucceeded(let body): body.payloadBytes
        case .taskFailed(let body): body.payloadBytes
        case .taskTimedOut(let body): body.payloadBytes
        case .parallelStateStarted(let body): body.payloadBytes
        case .parallelStateSucceeded(let body): body.payloadBytes
        case .parallelStateFailed(let body): body.payloadBytes
        case .mapStateStarted(let body): body.payloadBytes
        case .mapStateSucceeded(let body): body.payloadBytes
        case .mapStateFailed(let body): body.payloadBytes
        case .mapIterationStarted(let body): body.payloadBytes
        case .mapIterationSucceeded(let body): body.payloadBytes
        case .mapIterationFailed(let body): body.payloadBytes
        case .mapIterationAborted(let body): body.payloadBytes
        case .evaluationFailed(let body): body.payloadBytes
        }
    }

    /// The event that the history shows.
    package var history: HistoryForm {
        switch self {
        case .executionStarted(let body): body.history
        case .executionSucceeded(let body): body.history
        case .executionFailed(let body): body.history
        case .executionAborted(let body): body.history
        case .executionTimedOut(let body): body.history
        case .executionRedriven(let body): body.history
        case .stateEntered(let body): body.history
        case .stateExited(let body): body.history
        case .stateAborted(let body): body.history
        case .taskScheduled(let body): body.history
        case .taskStarted(let body): body.history
        case .activityStarted(let body): body.history
        case .taskSubmitted(let body): body.history
        case .taskSubmitFailed(let body): body.history
        case .taskSucceeded(let body): body.history
        case .taskFailed(let body): body.history
        case .taskTimedOut(let body): body.history
        case .parallelStateStarted(let body): body.history
        case .parallelStateSucceeded(let body): body.history
        case .parallelStateFailed(let body): body.history
        case .mapStateStarted(let body): body.history
        case .mapStateSucceeded(let body): body.history
        case .mapStateFailed(let body): body.history
        case .mapIterationStarted(let body): body.history
        case .mapIterationSucceeded(let body): body.history
        case .mapIterationFailed(let body): body.history
        case .mapIterationAborted(let body): body.history
        case .evaluationFailed(let body): body.history
        }
    }

    /// Writes the members of the event's details.
    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        switch self {
        case .executionStarted(let body): body.writeDetails(to: &writer, view)
        case .executionSucceeded(let body): body.writeDetails(to: &writer, view)
        case .executionFailed(let body): body.writeDetails(to: &writer, view)
        case .executionAborted(let body): body.writeDetails(to: &writer, view)
        case .executionTimedOut(let body): body.writeDetails(to: &writer, view)
        case .executionRedriven(let body): body.writeDetails(to: &writer, view)
        case .stateEntered(let body): body.writeDetails(to: &writer, view)
        case .stateExited(let body): body.writeDetails(to: &writer, view)
        case .stateAborted(let body): body.writeDetails(to: &writer, view)
        case .taskScheduled(let body): body.writeDetails(to: &writer, view)
        case .taskStarted(let body): body.writeDetails(to: &writer, view)
        case .activityStarted(let body): body.writeDetails(to: &writer, view)
        case .taskSubmitted(let body): body.writeDetails(to: &writer, view)
        case .taskSubmitFailed(let body): body.writeDetails(to: &writer, view)
        case .taskSucceeded(let body): body.writeDetails(to: &writer, view)
        case .taskFailed(let body): body.writeDetails(to: &writer, view)
        case .taskTimedOut(let body): body.writeDetails(to: &writer, view)
        case .parallelStateStarted(let body): body.writeDetails(to: &writer, view)
        case .parallelStateSucceeded(let body): body.writeDetails(to: &writer, view)
        case .parallelStateFailed(let body): body.writeDetails(to: &writer, view)
        case .mapStateStarted(let body): body.writeDetails(to: &writer, view)
        case .mapStateSucceeded(let body): body.writeDetails(to: &writer, view)
        case .mapStateFailed(let body): body.writeDetails(to: &writer, view)
        case .mapIterationStarted(let body): body.writeDetails(to: &writer, view)
        case .mapIterationSucceeded(let body): body.writeDetails(to: &writer, view)
        case .mapIterationFailed(let body): body.writeDetails(to: &writer, view)
        case .mapIterationAborted(let body): body.writeDetails(to: &writer, view)
        case .evaluationFailed(let body): body.writeDetails(to: &writer, view)
        }
    }

    @inline(__always)
    func encode(to encoder: inout RecordEncoder) {
        switch self {
        case .executionStarted(let body): encoder.body(body)
        case .executionSucceeded(let body): encoder.body(body)
        case .executionFailed(let body): encoder.body(body)
        case .executionAborted(let body): encoder.body(body)
        case .executionTimedOut(let body): encoder.body(body)
        case .executionRedriven(let body): encoder.body(body)
        case .stateEntered(let body): encoder.body(body)
        case .stateExited(let body): encoder.body(body)
        case .stateAborted(let body): encoder.body(body)
        case .taskScheduled(let body): encoder.body(body)
        case .taskStarted(let body): encoder.body(body)
        case .activityStarted(let body): encoder.body(body)
        case .taskSubmitted(let body): encoder.body(body)
        case .taskSubmitFailed(let body): encoder.body(body)
        case .taskSucceeded(let body): encoder.body(body)
        case .taskFailed(let body): encoder.body(body)
        case .taskTimedOut(let body): encoder.body(body)
        case .parallelStateStarted(let body): encoder.body(body)
        case .parallelStateSucceeded(let body): encoder.body(body)
        case .parallelStateFailed(let body): encoder.body(body)
        case .mapStateStarted(let body): encoder.body(body)
        case .mapStateSucceeded(let body): encoder.body(body)
        case .mapStateFailed(let body): encoder.body(body)
        case .mapIterationStarted(let body): encoder.body(body)
        case .mapIterationSucceeded(let body): encoder.body(body)
        case .mapIterationFailed(let body): encoder.body(body)
        case .mapIterationAborted(let body): encoder.body(body)
        case .evaluationFailed(let body): encoder.body(body)
        }
    }

    init(_ tag: RecordTag, from decoder: inout RecordDecoder) throws(RecordCodingError) {
        switch tag {
        case .executionStarted, .executionStartedNested: self = .executionStarted(try ExecutionStarted(from: &decoder))
        case .executionSucceeded: self = .executionSucceeded(try ExecutionSucceeded(from: &decoder))
        case .executionFailed: self = .executionFailed(try ExecutionFailed(from: &decoder))
        case .executionAborted: self = .executionAborted(try ExecutionAborted(from: &decoder))
        case .executionTimedOut: self = .executionTimedOut(try ExecutionTimedOut(from: &decoder))
        case .executionRedriven: self = .executionRedriven(try ExecutionRedriven(from: &decoder))
        case .stateEntered: self = .stateEntered(try StateEntered(from: &decoder))
        case .stateExited, .stateExitedAssigning: self = .stateExited(try StateExited(from: &decoder))
        case .stateAborted: self = .stateAborted(try StateAborted(from: &decoder))
        case .taskScheduled: self = .taskScheduled(try TaskScheduled(from: &decoder))
        case .taskStarted: self = .taskStarted(try TaskStarted(from: &decoder))
        case .activityStarted: self = .activityStarted(try ActivityStarted(from: &decoder))
        case .taskSubmitted: self = .taskSubmitted(try TaskSubmitted(from: &decoder))
        case .taskSubmitFailed: self = .taskSubmitFailed(try TaskSubmitFailed(from: &decoder))
        case .taskSucceeded: self = .taskSucceeded(try TaskSucceeded(from: &decoder))
        case .taskFailed: self = .taskFailed(try TaskFailed(from: &decoder))
        case .taskTimedOut: self = .taskTimedOut(try TaskTimedOut(from: &decoder))
        case .parallelStateStarted: self = .parallelStateStarted(try ParallelStateStarted(from: &decoder))
        case .parallelStateSucceeded: self = .parallelStateSucceeded(try ParallelStateSucceeded(from: &decoder))
        case .parallelStateFailed: self = .parallelStateFailed(try ParallelStateFailed(from: &decoder))
        case .mapStateStarted: self = .mapStateStarted(try MapStateStarted(from: &decoder))
        case .mapStateSucceeded: self = .mapStateSucceeded(try MapStateSucceeded(from: &decoder))
        case .mapStateFailed: self = .mapStateFailed(try MapStateFailed(from: &decoder))
        case .mapIterationStarted: self = .mapIterationStarted(try MapIterationStarted(from: &decoder))
        case .mapIterationSucceeded: self = .mapIterationSucceeded(try MapIterationSucceeded(from: &decoder))
        case .mapIterationFailed: self = .mapIterationFailed(try MapIterationFailed(from: &decoder))
        case .mapIterationAborted: self = .mapIterationAborted(try MapIterationAborted(from: &decoder))
        case .evaluationFailed: self = .evaluationFailed(try EvaluationFailed(from: &decoder))
        }
    }

    /// The outcome of the execution that the record closes; `nil` for any other.
    package var outcome: Execution.Status? {
        switch self {
        case .executionSucceeded(let body): .succeeded(output: body.output)
        case .executionFailed(let body): .failed(body.failure)
        case .executionAborted(let body): .aborted(body.failure)
        case .executionTimedOut(let body): .timedOut(body.failure)
        case .executionStarted, .executionRedriven, .stateEntered, .stateExited, .stateAborted, .taskScheduled,
            .taskStarted, .activityStarted, .taskSubmitted, .taskSubmitFailed, .taskSucceeded, .taskFailed,
            .taskTimedOut, .parallelStateStarted, .parallelStateSucceeded, .parallelStateFailed, .mapStateStarted,
            .mapStateSucceeded, .mapStateFailed, .mapIterationStarted, .mapIterationSucceeded, .mapIterationFailed,
            .mapIterationAborted, .evaluationFailed:
            nil
        }
    }

    /// Whether the record closes the execution.
    package var isTerminal: Bool {
        switch self {
        case .executionSucceeded, .executionFailed, .executionAborted, .executionTimedOut: true
        case .executionStarted, .executionRedriven, .stateEntered, .stateExited, .stateAborted, .taskScheduled,
            .taskStarted, .activityStarted, .taskSubmitted, .taskSubmitFailed, .taskSucceeded, .taskFailed,
            .taskTimedOut, .parallelStateStarted, .parallelStateSucceeded, .parallelStateFailed, .mapStateStarted,
            .mapStateSucceeded, .mapStateFailed, .mapIterationStarted, .mapIterationSucceeded, .mapIterationFailed,
            .mapIterationAborted, .evaluationFailed:
            false
        }
    }

    var isRedrive: Bool {
        if case .executionRedriven = self { true } else { false }
    }
}

extension JournalRecord {
    /// Takes the record into the state.
    func apply(to execution: inout Execution) {
        switch kind {
        case .executionStarted(let body): body.apply(to: &execution, self)
        case .executionSucceeded(let body): body.apply(to: &execution, self)
        case .executionFailed(let body): body.apply(to: &execution, self)
        case .executionAborted(let body): body.apply(to: &execution, self)
        case .executionTimedOut(let body): body.apply(to: &execution, self)
        case .executionRedriven(let body): body.apply(to: &execution, self)
        case .stateEntered(let body): body.apply(to: &execution, self)
        case .stateExited(let body): body.apply(to: &execution, self)
        case .stateAborted(let body): body.apply(to: &execution, self)
        case .taskScheduled(let body): body.apply(to: &execution, self)
        case .taskStarted(let body): body.apply(to: &execution, self)
        case .activityStarted(let body): body.apply(to: &execution, self)
        case .taskSubmitted(let body): body.apply(to: &execution, self)
        case .taskSubmitFailed(let body): body.apply(to: &execution, self)
        case .taskSucceeded(let body): body.apply(to: &execution, self)
        case .taskFailed(let body): body.apply(to: &execution, self)
        case .taskTimedOut(let body): body.apply(to: &execution, self)
        case .parallelStateStarted(let body): body.apply(to: &execution, self)
        case .parallelStateSucceeded(let body): body.apply(to: &execution, self)
        case .parallelStateFailed(let body): body.apply(to: &execution, self)
        case .mapStateStarted(let body): body.apply(to: &execution, self)
        case .mapStateSucceeded(let body): body.apply(to: &execution, self)
        case .mapStateFailed(let body): body.apply(to: &execution, self)
        case .mapIterationStarted(let body): body.apply(to: &execution, self)
        case .mapIterationSucceeded(let body): body.apply(to: &execution, self)
        case .mapIterationFailed(let body): body.apply(to: &execution, self)
        case .mapIterationAborted(let body): body.apply(to: &execution, self)
        case .evaluationFailed(let body): body.apply(to: &execution, self)
        }
    }
}
