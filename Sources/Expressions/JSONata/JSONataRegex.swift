// Regular expressions of expressions: JavaScript's, over PCRE2, with a limit on what a match may try.

import CPCRE2
import JSON

/// A compiled regular expression.
final class JSONataRegex: Sendable {
    let source: String
    // PCRE2 never changes compiled code: threads may match by the same one at once (pcre2api, "Multithreading").
    nonisolated(unsafe) private let code: OpaquePointer

    typealias Match = RegexSearch.Match

    private let starts: RegexSearch.Starts

    init(_ pattern: String, flags: String, at position: Int) throws(JSONataError) {
        source = pattern
        var options =
            UInt32(PCRE2_UTF) | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_BSUX
            | PCRE2_USE_OFFSET_LIMIT | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS
        if flags.contains("i") { options |= PCRE2_CASELESS }
        if flags.contains("m") { options |= PCRE2_MULTILINE }
        var number: Int32 = 0
        var offset = 0
        let bytes = Array(pattern.utf8)
        guard let code = pcre2_compile_8(bytes, bytes.count, options, &number, &offset, nil) else {
            throw JSONataError(
                code: "S0303", message: "Invalid regular expression: /\(pattern)/ (at \(offset))", position: position)
        }
        self.code = code
        starts = RegexSearch.starts(code)
    }

    deinit { pcre2_code_free_8(code) }

    /// The first match at or behind `start`, in bytes; what it takes is paid for with the evaluation's steps.
    func firstMatch(
        in text: [UInt8], from start: Int, for evaluator: JSONataEvaluator
    ) throws(JSONataError) -> Match? {
        try match(RegexSearch(code, starts, text), from: start, evaluator)
    }

    private func match(
        _ search: RegexSearch, from start: Int, _ evaluator: JSONataEvaluator
    ) throws(JSONataError) -> Match? {
        let result = try search.match(from: start) { (steps) throws(JSONataError) in
            try evaluator.charge(0, steps: steps)
        }
        switch result {
        case .found(let match): return match
        case .none: return nil
        case .tooManyTries:
            throw JSONataError(code: "U1003", message: "Regular expression evaluation limit exceeded: /\(source)/")
        }
    }

    /// All matches from the front, at most `limit`. One of nothing is an error, as in the reference.
    func matches(
        in text: [UInt8], limit: Int = .max, for evaluator: JSONataEvaluator
    ) throws(JSONataError) -> [Match] {
        let search = RegexSearch(code, starts, text)
        var found: [Match] = []
        var start = 0
        while found.count < limit, start <= text.count, let match = try match(search, from: start, evaluator) {
            if match.range.isEmpty {
                throw JSONataError(code: "D1004", message: "Regular expression matches zero length string")
            }
            try evaluator.charge(bytes: 96 + 32 * match.groups.count, steps: match.groups.count >> 4)
            found.append(match)
            start = match.range.upperBound
        }
        return found
    }
}
