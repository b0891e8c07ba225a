// Regular expressions of expressions: JavaScript's, over PCRE2, with a limit on what a match may try.

import CPCRE2
import JSON

/// A compiled regular expression.
final class JSONataRegex: Sendable {
    let source: String
    // PCRE2 never changes compiled code: threads may match by the same one at once (pcre2api, "Multithreading").
    nonisolated(unsafe) private let code: OpaquePointer

    struct Match {
        /// In bytes of the text's UTF-8.
        var range: Range<Int>
        var groups: [Range<Int>?]
    }

    /// Where a match may begin.
    enum Starts {
        /// At the first place alone.
        case first
        /// At the first place and behind every end of a line.
        case lines
        case everywhere
    }

    private let starts: Starts

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
        var compiled: UInt32 = 0
        var first: UInt32 = 0
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_ALLOPTIONS), &compiled)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_FIRSTCODETYPE), &first)
        starts = compiled & PCRE2_ANCHORED != 0 ? .first : first == 2 ? .lines : .everywhere
    }

    deinit { pcre2_code_free_8(code) }

    /// The first match at or behind `start`, in bytes; what it takes is paid for with the evaluation's steps.
    func firstMatch(
        in text: [UInt8], from start: Int, for evaluator: JSONataEvaluator
    ) throws(JSONataError) -> Match? {
        try JSONataRegexSearch(source, code, starts, text, evaluator).match(from: start)
    }

    /// All matches from the front, at most `limit`. One of nothing is an error, as in the reference.
    func matches(
        in text: [UInt8], limit: Int = .max, for evaluator: JSONataEvaluator
    ) throws(JSONataError) -> [Match] {
        let search = JSONataRegexSearch(source, code, starts, text, evaluator)
        var found: [Match] = []
        var start = 0
        while found.count < limit, start <= text.count, let match = try search.match(from: start) {
            if match.range.isEmpty {
                throw JSONataError(code: "D1004", message: "Regular expression matches zero length string")
            }
            found.append(match)
            start = match.range.upperBound
        }
        return found
    }
}
