// Bounds of definitions, payloads and executions.

extension Limits {
    /// Bounds of what a state machine and its executions may hold (language.md §13).
    package struct Language: Sendable, Equatable {
        /// Input, output, state input and task result, in UTF-8 bytes.
        package var payloadBytes = 262_144
        /// How deep a payload may nest. The parser reads as deep, or a payload could not be read back.
        package var payloadDepth = 512
        /// Events of one Standard execution's history, at most `Limits.Store.maximumEventID`.
        package var historyEvents = 25_000
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
        /// Outputs of all iterations of one inline Map, or of all branches of one Parallel, in UTF-8 bytes.
        package var combinedOutputBytes = 16 << 20
        /// What the branches and iterations of one execution may hold at once, in UTF-8 bytes: the outputs of the
        /// states that they have left last.
        package var frameBytes = 128 << 20
        /// One variable, and all that one `Assign` assigns, in UTF-8 bytes of JSON.
        package var variableBytes = 262_144
        /// All variables of an execution that live at once, in UTF-8 bytes of JSON.
        package var allVariableBytes = 10_485_760
        /// How long an Express execution may take, in seconds.
        package var expressSeconds = 300
        /// How far ahead a Wait may point, in seconds (2^31 − 1).
        package var waitSeconds = 2_147_483_647
        /// Maximum of `TimeoutSeconds` and `HeartbeatSeconds`, in seconds.
        package var timeoutSeconds = 99_999_999
        /// How many executions may start one another: one that a client started is at depth 0.
        package var nestedDepth = 32
        /// How long an execution may have been open to be redriven, in days.
        package var maximumOpenDays = 365
        /// How long after its end an execution may be redriven, in days.
        package var maximumRedrivableDays = 14

        /// What the frames of an execution may hold before each of its Maps runs one iteration at a time, in UTF-8
        /// bytes.
        package static let crowdedFrameBytes = 16 << 20
        /// Bytes of an inline Map's outputs that are held in memory. The others are read from the store when the Map
        /// ends.
        package static let maximumHeldOutputBytes = 1 << 20
        /// States and edges that the check for undefined variables visits. Each variable is a search of its own, and a
        /// definition made to that end could take long; variables beyond it are not checked.
        package static let maximumVariableCheckVisits = 1_000_000

        /// Creates AWS's quotas, and Newel's own bounds where AWS has none.
        package init() {}
    }
}
