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

    /// Whether a comment stands above `line` (from 1), or above the line before it where the two belong together.
    func hasReason(above line: Int) -> Bool {
        if lines[line - 1].contains("// ") { return true }
        let above = lines[max(0, line - 3)..<(line - 1)].reversed().map { $0.drop { $0 == " " } }
        return above.prefix { !$0.isEmpty }.contains { $0.hasPrefix("//") }
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
