// Why an intrinsic function could not be read or gave nothing.

/// An intrinsic function that is not well formed, or that refused its arguments.
package struct IntrinsicError: Error, Sendable, Equatable {
    package enum Code: Sendable {
        /// The text is no call of an intrinsic function; `offset` says where. Found when a definition is compiled.
        case syntax
        /// The function refused its arguments: States.IntrinsicFailure, which Retry and Catch may name.
        case failure
        /// An argument's path leads nowhere: States.Runtime.
        case argumentNotFound
        /// The budget of steps or bytes did not suffice; `exceeded` says which: States.Runtime.
        case budget
    }

    package var code: Code
    package var message: String
    /// Where in the text, in bytes from 0; 0 where the text is not at fault.
    package var offset: Int
    /// What did not suffice; set when the code is `.budget`.
    package var exceeded: EvaluationBudgetExceeded?

    package init(code: Code, message: String, offset: Int = 0, exceeded: EvaluationBudgetExceeded? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
        self.exceeded = exceeded
    }

    /// An error with the code `.budget`.
    package init(_ exceeded: EvaluationBudgetExceeded) {
        self.init(code: .budget, message: exceeded.message, exceeded: exceeded)
    }

    static func failure(_ message: String) -> IntrinsicError { IntrinsicError(code: .failure, message: message) }
}
