// The work and memory that evaluations may use, in every language.

import Core

/// Steps and bytes that evaluations may still use. Paths, intrinsic functions, JSONata, Choice rules and mapping
/// templates all draw from it, so that a state is bounded whatever its language.
///
/// A step is about half a microsecond of a release build: a node visited, an element made, or 64 bytes of text
/// compared, searched or copied. Bytes are those of values made on the way, counted before they are allocated.
package struct EvaluationBudget: Sendable, Equatable {
    package var steps: Int
    package var bytes: Int

    package init(steps: Int, bytes: Int = Limits.Evaluation.maximumBytes) {
        self.steps = steps
        self.bytes = bytes
    }

    /// No bound on steps, and the bytes of one evaluation.
    package static var unbounded: EvaluationBudget { EvaluationBudget(steps: .max) }

    /// Takes `count` steps, which must not be negative. Throws once fewer are left; what is left is gone then.
    @inline(__always)
    package mutating func charge(steps count: Int = 1) throws(EvaluationBudgetExceeded) {
        guard count <= steps else {
            steps = 0
            throw .steps
        }
        steps &-= count
    }

    /// Takes the steps of work on `bytes` bytes of text: one step for each 64, and one at least.
    package mutating func charge(textBytes bytes: Int) throws(EvaluationBudgetExceeded) {
        try charge(steps: 1 + bytes >> 6)
    }

    /// Takes `count` bytes, to be called before they are allocated. Throws if fewer are left.
    package mutating func charge(bytes count: Int) throws(EvaluationBudgetExceeded) {
        guard count <= bytes else { throw .bytes }
        bytes &-= count
    }
}

/// Which part of an `EvaluationBudget` did not suffice.
package enum EvaluationBudgetExceeded: Error, Sendable, Equatable {
    case steps
    case bytes

    /// A sentence for the cause of a failure.
    package var message: String {
        switch self {
        case .steps: "The evaluation takes too many steps"
        case .bytes: "The evaluation takes too much memory"
        }
    }
}
