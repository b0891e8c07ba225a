// What goes wrong in a JSONata expression, in the reference's codes and words.

package import JSON

/// An error of the JSONata language: in the text of an expression (`S…`), in its evaluation (`T…`, `D…`), raised by
/// `$error` and `$assert` (`D3137`, `D3141`), or a bound that the evaluation met (`U…`).
package struct JSONataError: Error, Sendable, Equatable {
    /// The reference's code, such as `T1006`.
    package var code: String
    /// The reference's text with what it names filled in, without the code.
    package var message: String
    /// Where in the expression, in UTF-16 units from its start, behind the token at fault.
    package var position: Int
    /// The value at fault, where the text names one.
    package var value: JSONValue?
    /// The token or function at fault, where the text names one.
    package var token: String?
    /// What did not suffice, where the error is that of an exhausted `EvaluationBudget`.
    package var exceeded: EvaluationBudgetExceeded?

    package init(
        code: String, message: String, position: Int = 0, value: JSONValue? = nil, token: String? = nil,
        exceeded: EvaluationBudgetExceeded? = nil
    ) {
        self.code = code
        self.message = message
        self.position = position
        self.value = value
        self.token = token
        self.exceeded = exceeded
    }
}

extension JSONataError: CustomStringConvertible {
    package var description: String { "\(code): \(message)" }
}

extension JSONataError {
    /// The code of an error that AWS names `internal`; its message is an id.
    static let internalCode = "D0000"

    /// What AWS says of the error after the expression and its field. A bound that the evaluation met has no code there
    /// (recorded for depth and memory).
    package var sentence: String {
        if code == Self.internalCode { return "threw an internal error during evaluation. \(message)" }
        if code.hasPrefix("U") { return "threw an error during evaluation: \(message)" }
        return "threw an error during evaluation. \(code): \(message)"
    }
}
