// Every limit of the language and of the interpreter, with its unit.

import Expressions

/// AWS's limits by default (language.md §13, quotas-pricing.md); each can be raised in the configuration.
package struct Limits: Sendable, Equatable {
    /// Input, output, state input and task result, in UTF-8 bytes.
    package var payloadBytes = 262_144
    /// How deep a payload may nest. The parser reads as deep, or a payload could not be read back.
    package var payloadDepth = 512
    /// Events of one Standard execution's history, at most `lastEvent`.
    package var historyEvents = 25_000
    /// The highest event id that the store can keep; an execution of any type fails at it.
    package static let lastEvent = 1 << 20 - 1
    /// A definition's text, in bytes.
    package var definitionBytes = 1_048_576
    /// A state's name, in characters.
    package var stateNameCharacters = 80
    /// How deep Parallel and Map may nest in a definition.
    package var nestingDepth = 64
    /// How many findings a definition gets at most.
    package var diagnostics = 1_000
    /// `Error` of a failure, in characters; what is longer is cut.
    package var errorCharacters = 256
    /// `Cause` of a failure, in characters; what is longer is cut.
    package var causeCharacters = 32_768
    /// Iterations of an inline Map that run at once, where `MaxConcurrency` does not ask for fewer.
    package var mapConcurrency = 40
    /// One variable, and all that one `Assign` assigns, in UTF-8 bytes of JSON.
    package var variableBytes = 262_144
    /// All variables of an execution that live at once, in UTF-8 bytes of JSON.
    package var allVariableBytes = 10_485_760
    /// How long an Express execution may take, in seconds.
    package var expressSeconds = 300
    /// How far ahead a Wait may point, in seconds (2^31 − 1).
    package var waitSeconds = 2_147_483_647
    /// Steps that all evaluations of one state may take, about a second.
    package var evaluationSteps = 2_000_000
    /// Steps that all evaluations of one call of `advance` may take on a shard, about 20 ms. A state that needs more is
    /// moved to an evaluation thread.
    package var quickEvaluationSteps = 40_000
    /// Steps that a state gets on an evaluation thread before it has to wait for the full number.
    package var extendedEvaluationSteps = 200_000
    /// Bytes that all evaluations of one state may use.
    package var evaluationBytes = EvaluationBudget.evaluationBytes
    /// Bytes that the evaluations of one state may use on a shard.
    package var quickEvaluationBytes = 4 << 20
    /// Outputs of all iterations of one inline Map, or of all branches of one Parallel, in UTF-8 bytes.
    package var combinedOutputBytes = 16 << 20
    /// How many executions may start one another: one that a client started is at depth 0.
    package var nestedDepth = 32
    /// Events that one execution may add in one turn before its neighbours come first.
    package var eventsPerTurn = 1_000
    /// Bytes of payload that these events may hold.
    package var payloadBytesPerTurn = 4_194_304
    /// The longest `TimeoutSeconds` and `HeartbeatSeconds`, in seconds.
    package var timeoutSeconds = 99_999_999

    package init() {}
}
