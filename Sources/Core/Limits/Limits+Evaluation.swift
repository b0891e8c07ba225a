// Bounds of evaluations, in steps and bytes.

extension Limits {
    /// Bounds of the evaluations of paths, intrinsic functions and JSONata. `EvaluationBudget` says what a step is.
    package struct Evaluation: Sendable, Equatable {
        /// Steps that all evaluations of one state may take, about a second.
        package var steps = 2_000_000
        /// Steps that all evaluations of one call of `advance` may take on a shard, about 20 ms. A state that needs
        /// more is moved to an evaluation thread.
        package var quickSteps = 40_000
        /// Steps that a state gets on an evaluation thread before it has to wait for the full number.
        package var extendedSteps = 200_000
        /// Bytes that all evaluations of one state may use.
        package var bytes = maximumBytes
        /// Bytes that the evaluations of one state may use on a shard.
        package var quickBytes = 4 << 20

        /// Bytes that one evaluation may use where its caller sets no bound: 64 MiB.
        package static let maximumBytes = 64 << 20
        /// Bytes of a document that an error message quotes, at least: more than a cause may hold.
        package static let maximumQuotedBytes = 131_072
        /// Evaluations for clients that run at once with the full budget. Together with those of executions they may
        /// use 256 MiB.
        package static let maximumFullEvaluations = 2
        /// Evaluations for clients that wait for a thread. A client beyond that gets ThrottlingException.
        package static let maximumWaitingEvaluations = 256

        /// Creates the defaults of the engine.
        package init() {}
    }
}

extension Limits.Evaluation {
    /// Bounds of JSONPath and of reference paths.
    package enum JSONPath {
        /// Steps of one evaluation whose caller has no budget of its own. A document of 256 KiB, the most that Step
        /// Functions carries, holds up to 131,072 nodes: `$..x` over it has to succeed.
        package static let maximumSteps = 500_000
        /// Segments of a path: they bound what one evaluation has to follow.
        package static let maximumSegments = 1_000
        /// Segments of a path that lead to many nodes. Evaluation is recursive in them.
        package static let maximumBranches = 100
        /// Steps of a reference path. Setting a value takes one call for each.
        package static let maximumReferenceSteps = 512
        /// How often PCRE2 may try within one match of a filter's regular expression.
        package static let maximumPatternTries = 16_777_216
        /// Memory that backtracking in such a match may take, in KiB.
        package static let maximumPatternHeapKiB: UInt32 = 8_192
    }

    /// Bounds of intrinsic functions (language.md §11).
    package enum Intrinsics {
        /// How deep calls may nest on AWS.
        package static let maximumLevels = 10
        /// Bytes of a text that a function makes: far above a payload's 256 KiB, and an end to texts that grow in each
        /// of ten nested calls.
        package static let maximumTextBytes = 8 << 20
        /// Elements of the result of `States.ArrayRange` on AWS.
        package static let maximumRangeElements = 1_000
        /// UTF-16 units of a text for Base64 or Hash on AWS.
        package static let maximumHashedCharacters = 10_000
    }

    /// Bounds of JSONata (language.md §12).
    package enum JSONata {
        /// Steps of one evaluation whose caller has no budget of its own, about a minute.
        package static let maximumSteps = 100_000_000
        /// How deep the text of an expression may nest.
        package static let maximumTextDepth = 400
        /// Levels of an expression's tree.
        package static let maximumTreeHeight = 1_000
        /// Levels of a value. Everything that walks over a value, its release included, takes some of the stack for
        /// each.
        package static let maximumValueLevels = 1_000
        /// Operands and operators of an expression. Each takes up to 1 KB while the text is read, 300 bytes afterwards.
        package static let maximumParts = 50_000
        /// Operands and operators of all expressions that are kept compiled, about 100 MB of memory.
        package static let maximumCompiledParts = 300_000
        /// How deep calls of functions may nest on AWS.
        package static let maximumCallDepth = 100
        /// How deep calls of functions may nest in the reference dialect.
        package static let maximumReferenceCallDepth = 100_000
        /// Bytes of strings and arrays that an evaluation may make on AWS, as AWS counts them.
        package static let maximumMemoryBytes = 6_990_263
        /// The same in the reference dialect: 256 MiB.
        package static let maximumReferenceMemoryBytes = 256 << 20
        /// Bytes of the thread's stack that an evaluation for AWS may use. A thread has 2 MB at the least.
        package static let maximumStackBytes: UInt = 1_700_000
        /// The same in the reference dialect, which runs on the command line and in tests alone, where a stack has the
        /// usual 8 MB.
        package static let maximumReferenceStackBytes: UInt = 6_000_000
        /// Numbers of a range `[a..b]`, and elements that a function of the library makes of a count.
        package static let maximumRangeElements = 10_000_000
        /// Characters that a picture may ask for: its widths are numbers that anybody can write.
        package static let maximumPictureCharacters = 1_000_000
        /// Thousands of a roman number, which has an M for each. A larger one is written in decimal (F&O 3.1, 4.6.1).
        package static let maximumRomanThousands = 10_000
    }

    /// Bounds of searches by regular expression: of JSONata, mapping templates and models of request bodies.
    package enum Regex {
        /// How often a match that begins at one place may try again.
        package static let maximumTries: UInt32 = 262_144
        /// Memory that backtracking may take, in KiB.
        package static let maximumHeapKiB: UInt32 = 4_096
    }
}
