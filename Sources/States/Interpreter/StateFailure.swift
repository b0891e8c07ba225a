// What goes wrong within a state, before Retry and Catch have looked at it.

import Core
import JSON

/// A failure on its way to the Retriers and Catchers of the state and of those around it.
struct StateFailure: Error {
    var failure: Failure
    /// Names that `ErrorEquals` may match beside `failure.error`: a missed heartbeat is also a timeout.
    var alsoKnownAs: [String] = []
    /// `States.Runtime` and output too large: neither retried nor caught (language.md §5).
    var isTerminal = false
    /// TimeoutSeconds or HeartbeatSeconds have run out.
    var isTimeout = false
    /// An evaluation of a Map's own field has failed: the Map fails, not only an iteration.
    var isMapEvaluation = false
    /// The event that stands for the failure; the frame's newest where there is none.
    var event: Int?

    init(_ failure: Failure, event: Int? = nil) {
        self.failure = failure
        self.event = event
        isTerminal = failure.error == ErrorName.runtime
    }

    /// `States.Runtime` with the interpreter's prefix still to come (see `Interpreter.fail`).
    static func runtime(_ text: String) -> StateFailure {
        StateFailure(interpreter: ErrorName.runtime, text)
    }

    /// A failure that the interpreter raises itself: its cause gets the prefix with the state's name and event id
    /// (language.md §9).
    init(interpreter error: String, _ text: String) {
        failure = Failure(error: error, cause: text)
        isTerminal = error == ErrorName.runtime
        needsPrefix = true
    }

    /// A reference path that cannot be applied; its cause has no prefix (recorded).
    static func conflict(_ text: String) -> StateFailure {
        StateFailure(Failure(error: ErrorName.referencePathConflict, cause: text))
    }

    /// No failure at all: an evaluation needs more than it was given (`Patience`).
    var wantsPatience = false
    /// With `wantsPatience`: only because states before this one had used part of the call's steps.
    var isCutOff = false

    static var patience: StateFailure {
        var failure = StateFailure(Failure())
        failure.wantsPatience = true
        return failure
    }

    /// A JSONata evaluation failed in this field (`nil`: in none): an `EvaluationFailed` is still to be written.
    var evaluation: Evaluation?

    struct Evaluation {
        var location: String?
    }

    /// `States.QueryEvaluationError`, which Retry and Catch may take.
    static func evaluation(_ text: String, at location: String?) -> StateFailure {
        var failure = StateFailure(interpreter: ErrorName.queryEvaluationError, text)
        failure.evaluation = Evaluation(location: location)
        return failure
    }

    /// Whether the cause still lacks `An error occurred while executing the state …`.
    var needsPrefix = false

    /// A state's own output beyond the payload limit ends the execution (language.md §5).
    static func outputTooLarge(_ name: String) -> StateFailure {
        var failure = StateFailure(.dataLimitExceeded(name))
        failure.isTerminal = true
        return failure
    }

    /// A payload that could not be read back.
    static func outputTooDeep(_ name: String, _ limits: Limits) -> StateFailure {
        let cause =
            "The state/task '\(name)' returned a result that nests deeper than \(limits.language.payloadDepth) levels."
        var failure = StateFailure(Failure(error: ErrorName.dataLimitExceeded, cause: cause))
        failure.isTerminal = true
        return failure
    }

    /// What a Catcher sees. Of a timeout, whose events have no cause, AWS gives an empty one.
    var errorOutput: JSONValue {
        isTimeout ? Failure(error: failure.error, cause: failure.cause ?? "").errorOutput : failure.errorOutput
    }

    var names: [String] { [failure.error].compactMap { $0 } + alsoKnownAs }
}

extension Failure {
    /// `name` is the state for an output, the function's ARN or the resource type for a task's result
    /// (language.md §4, Task).
    static func dataLimitExceeded(_ name: String) -> Failure {
        Failure(
            error: ErrorName.dataLimitExceeded,
            cause:
                "The state/task '\(name)' returned a result with a size exceeding the maximum number of bytes service limit."
        )
    }
}
