// Why a path could not be read or has no value, in Jayway's words where it has some.

/// A path that is not well formed, or that could not be applied to the document.
package struct JSONPathError: Error, Sendable, Equatable {
    package enum Code: Sendable {
        /// The text is no path; `offset` says where.
        case syntax
        /// The path names something that is not there (Jayway's PathNotFoundException).
        case notFound
        /// A step cannot be applied to what it meets: an index to a text, `['a','b']` before another step.
        case invalid
        /// The input that the path starts at is null.
        case nullInput
        /// A step of a Reference Path cannot be applied (States.ReferencePathConflict).
        case conflict
        /// The evaluation budget is exhausted; `exceeded` says which part of it.
        case budget
        /// The path starts at a variable that has no value.
        case undefinedVariable
    }

    package var code: Code
    /// Jayway's sentence, as Step Functions quotes it after `Invalid path '…' : `; the whole cause with the codes
    /// `.nullInput` and `.conflict`.
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

    /// A path that a definition writes and that starts at an input of null, `$` alone included (language.md §10.1).
    static let nullInput = JSONPathError(
        code: .nullInput, message: "Unable to apply Path transformation to null or empty input.")
}
