// What is wrong with the files of config/iam, and what to write instead.

/// One finding in a file of the identity configuration.
package struct IdentityProblem: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case malformedFile = "MalformedIdentityFile"
        case malformedPolicy = "MalformedPolicyDocument"
        case noSuchPolicy = "NoSuchManagedPolicy"
        case duplicate = "EntityAlreadyExists"
    }

    package var code: Code
    package var file: String
    /// A JSON path into the file: `$.Policies[0].PolicyDocument.Statement[0].Effect`.
    package var path: String
    package var cause: String
    package var hint: String
}

extension IdentityProblem: CustomStringConvertible {
    package var description: String { "\(file): \(path): \(cause). \(hint)" }
}

/// Every finding in a folder of identity files; one at most for each role, user and policy.
package struct IdentityProblems: Error, Sendable, Equatable, CustomStringConvertible {
    package var problems: [IdentityProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
