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
    var description: String { text(inColour: false) }

    func text(inColour isColoured: Bool) -> String {
        let where_ = place.isEmpty ? file : "\(file):\(place)"
        let sentence = cause.hasSuffix(".") || fix.isEmpty ? cause : cause + "."
        let kind = Colour.text(severity.rawValue, severity == .error ? .red : .yellow, isColoured)
        return "\(where_): \(kind): \(sentence)\(fix.isEmpty ? "" : " \(fix)")"
    }

    /// The line that the place begins with, 0 where it names none.
    fileprivate var line: Int { Int(place.prefix { $0.isNumber }) ?? 0 }
}

extension Array<Finding> {
    /// File by file as they come, each in the order of its lines.
    func inOrderOfLines() -> [Finding] {
        var files: [String] = []
        for finding in self where !files.contains(finding.file) { files.append(finding.file) }
        return files.flatMap { file in
            let own = filter { $0.file == file }.enumerated()
            return own.sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
        }
    }
}

/// Every finding of a check; thrown when one of them is an error.
struct Findings: Error, Sendable, Equatable, CustomStringConvertible {
    var list: [Finding]

    var description: String { list.map(\.description).joined(separator: "\n") }
}
