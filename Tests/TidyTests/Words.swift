// Words that prose and identifiers do not use, because the field has terms of its own.

import Foundation

enum Words {
    /// A word and the term to write instead. Patterns match whole words.
    static let banned: [(pattern: String, term: String)] = [
        ("behind", "after, below, at"), ("stands?|stood", "is, is stored"), ("told", "notified, receives"),
        ("lets? out", "dispatches"), ("(?:is|are) out", "in flight"), ("[dD]oors?", "gateway, listener"),
        ("strands?", "frame"), ("houses?", "project, system"), ("rooms?|Rooms?", "component"),
        ("nobody|whoever|somebody|someone", "the client, the caller, the worker"), ("aside", "deferred"),
        ("[pP]atience", "budget, timeout"), ("comes? to", "returns"), ("goes? on", "continues"),
        ("gives? up|giveUp", "cancels, discards"), ("heard", "heartbeat"), ("most[A-Z][a-z]+", "maximum…"),
        ("(?:is|are) gone|goes with", "is deleted, is closed"), ("gives?", "returns"), ("looks?", "reads, checks"),
        ("no longer counts", "is superseded"),
    ]

    /// Targets that are not reviewed yet. The list only becomes shorter.
    static let exempt: Set<String> = [
        "Core", "Engine", "Expressions", "Identity", "JSON", "RecipeMove", "States", "Storage", "newel",
    ]

    // The patterns are constants of this file.
    private static let expression =
        try! NSRegularExpression(pattern: "\\b(?:" + banned.map(\.pattern).joined(separator: "|") + ")\\b")

    @Sendable static func check(_ file: SourceFile) -> [Finding] {
        guard file.isSource, file.isSwift, let target = file.target, !exempt.contains(target) else { return [] }
        return file.lines.enumerated().flatMap { index, line -> [Finding] in
            let range = NSRange(line.startIndex..., in: line)
            return expression.matches(in: line, range: range).compactMap { match in
                guard let found = Range(match.range, in: line) else { return nil }
                return Finding(path: file.path, line: index + 1, text: "\"\(line[found])\": \(term(for: line[found]))")
            }
        }
    }

    private static func term(for word: Substring) -> String {
        let text = String(word)
        let entry = banned.first { text.range(of: "^(?:\($0.pattern))$", options: .regularExpression) != nil }
        return "write \(entry?.term ?? "another word")"
    }
}
