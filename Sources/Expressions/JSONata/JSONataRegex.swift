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

    private static let matchLimit: UInt32 = 200_000
    private static let heapLimit: UInt32 = 4_096

    init(_ pattern: String, flags: String, at position: Int) throws(JSONataError) {
        source = pattern
        var options =
            UInt32(PCRE2_UTF) | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C | PCRE2_ALT_BSUX
            | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS
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
    }

    deinit { pcre2_code_free_8(code) }

    // Set up once and only read since: threads may match by the same context at once (as above).
    nonisolated(unsafe) private static let limits: OpaquePointer? = {
        let context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, matchLimit)
        pcre2_set_heap_limit_8(context, heapLimit)
        return context
    }()

    /// The first match at or behind `start`, in bytes.
    func firstMatch(in text: [UInt8], from start: Int) throws(JSONataError) -> Match? {
        let data = pcre2_match_data_create_from_pattern_8(code, nil)
        defer { pcre2_match_data_free_8(data) }
        return try firstMatch(in: text, from: start, data)
    }

    private func firstMatch(
        in text: [UInt8], from start: Int, _ data: OpaquePointer?
    ) throws(JSONataError) -> Match? {
        let count = pcre2_match_8(code, text, text.count, start, PCRE2_NO_UTF_CHECK, data, Self.limits)
        if count == PCRE2_ERROR_NOMATCH { return nil }
        guard count > 0, let vector = pcre2_get_ovector_pointer_8(data) else {
            throw JSONataError(code: "U1003", message: "Regular expression evaluation limit exceeded: /\(source)/")
        }
        func range(_ group: Int) -> Range<Int>? {
            let low = vector[2 * group]
            let isSet = group < count && low != Int.max && low >= 0 && low <= vector[2 * group + 1]
            return isSet ? low..<vector[2 * group + 1] : nil
        }
        guard let whole = range(0) else { return nil }
        return Match(range: whole, groups: (1..<Int(pcre2_get_ovector_count_8(data))).map(range))
    }

    /// All matches from the front, at most `limit`. One of nothing is an error, as in the reference.
    func matches(in text: [UInt8], limit: Int = .max) throws(JSONataError) -> [Match] {
        let data = pcre2_match_data_create_from_pattern_8(code, nil)
        defer { pcre2_match_data_free_8(data) }
        var found: [Match] = []
        var start = 0
        while found.count < limit, start <= text.count, let match = try firstMatch(in: text, from: start, data) {
            if match.range.isEmpty {
                throw JSONataError(code: "D1004", message: "Regular expression matches zero length string")
            }
            found.append(match)
            start = match.range.upperBound
        }
        return found
    }
}
