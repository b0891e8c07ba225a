// What is wrong with a policy document, where, and how to mend it.

/// A policy document that IAM would refuse with `MalformedPolicyDocument`.
package struct MalformedPolicyDocument: Error, Sendable, Equatable {
    /// The place in the document, as a JSON path: `$.Statement[0].Effect`.
    package var path: String
    /// The cause, in the words IAM uses where it has some.
    package var message: String
    /// What to write instead.
    package var hint: String
}

extension MalformedPolicyDocument: CustomStringConvertible {
    package var description: String { "MalformedPolicyDocument: \(message) at \(path). \(hint)" }
}
