// One file of the tree, as the rules see it.

struct SourceFile {
    /// From the root of the package: `Sources/JSON/JSONValue.swift`.
    var path: String
    var lines: [String]
    /// Empty for what is not Swift.
    var tokens: [Token]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        tokens = path.hasSuffix(".swift") ? SwiftTokens(text).tokens : []
    }

    private var parts: [Substring] { path.split(separator: "/") }

    /// `JSON` of `Sources/JSON/JSONValue.swift`, `nil` for a file in no target.
    var target: String? { parts.count > 2 && ["Sources", "Tests"].contains(parts[0]) ? String(parts[1]) : nil }

    var isSource: Bool { path.hasPrefix("Sources/") }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// Whether the line above `line` (from 1) is a comment, or `line` ends in one.
    func hasReason(above line: Int) -> Bool {
        if lines[line - 1].contains("// ") { return true }
        guard line >= 2 else { return false }
        return lines[line - 2].drop { $0 == " " }.hasPrefix("//")
    }

    func token(_ index: Int) -> Token? { tokens.indices.contains(index) ? tokens[index] : nil }
}

/// A rule that a file breaks.
struct Finding: CustomStringConvertible, Equatable {
    var path: String
    var line: Int
    var text: String

    var description: String { "\(path):\(line): \(text)" }
}
