// Why a path could not be read or gave nothing, in Jayway's words where it has some.

/// A path that is not well formed, or that could not be applied to the document.
package struct JSONPathError: Error, Sendable, Equatable {
    package enum Code: Sendable {
        /// The text is no path; `offset` says where.
        case syntax
        /// A definite path names a member that is not there.
        case notFound
        /// A definite path ends in an array index that the array does not reach. Step Functions gives `null` here in
        /// payload templates (its Jayway runs on Jackson's tree, where such an element reads as null): a caller that
        /// evaluates a template or an `InputPath` answers this code with `.null`.
        case indexOutOfRange
        /// A step asks an object of something else, or an array of something else.
        case typeMismatch
        /// The evaluation budget is exhausted; `exceeded` says which part of it.
        case budget
        /// The path starts at a variable that has no value.
        case undefinedVariable
        /// A function of the path (`.sum()`, …) refused its argument or does not exist.
        case function
    }

    package var code: Code
    /// Jayway's sentence, as Step Functions quotes it behind `Invalid path '…' : `.
    package var message: String
    /// Where in the path's text, in bytes from 0; 0 where the text is not at fault.
    package var offset: Int
    /// Which part of the budget did not suffice; set with the code `.budget` alone.
    package var exceeded: EvaluationBudgetExceeded?

    package init(code: Code, message: String, offset: Int = 0) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    package init(_ exceeded: EvaluationBudgetExceeded) {
        let message =
            switch exceeded {
            case .steps: "The path takes too many steps on this document"
            case .bytes: "The path builds too large a result from this document"
            }
        self.init(code: .budget, message: message)
        self.exceeded = exceeded
    }
}
