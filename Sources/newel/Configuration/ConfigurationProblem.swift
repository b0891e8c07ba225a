// What is wrong with the configuration, where, and what to write instead.

/// One finding.
struct Finding: Error, Sendable, Equatable {
    enum Severity: String, Sendable {
        case error
        case warning
    }

    var severity = Severity.error
    /// A file, `the environment` or `the command line`.
    var file: String
    /// `12:5`, `$.Policies[0]`, `/States/A/Next`, or a setting's key; empty for a file as a whole.
    var place: String
    var cause: String
    /// What to do; may be empty.
    var fix: String
}

extension Finding: CustomStringConvertible {
    var description: String {
        let where_ = place.isEmpty ? file : "\(file):\(place)"
        let sentence = cause.hasSuffix(".") || fix.isEmpty ? cause : cause + "."
        return "\(where_): \(severity.rawValue): \(sentence)\(fix.isEmpty ? "" : " \(fix)")"
    }
}

/// Every finding of a check; thrown when one of them is an error.
struct Findings: Error, Sendable, Equatable, CustomStringConvertible {
    var list: [Finding]

    var description: String { list.map(\.description).joined(separator: "\n") }
}
