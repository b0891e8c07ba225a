// The regular expressions of filters, by PCRE2.

import CPCRE2

/// `/expression/flags` of a filter, compiled. It matches a whole text, as Java's `matches()`.
final class FilterPattern: Sendable {
    // PCRE2's manual (pcre2api, "Multithreading"): compiled code and a context that is no longer changed may be shared
    // by threads.
    nonisolated(unsafe) private let code: OpaquePointer
    nonisolated(unsafe) private let limits: OpaquePointer

    /// How often PCRE2 may try within one match: enough for honest expressions over the longest text a document may
    /// hold, and tens of milliseconds for `(a+)+b`.
    private static let matchLimit: UInt32 = 1_000_000
    /// How much memory backtracking may take, in KiB.
    private static let heapLimit: UInt32 = 8_192

    /// `nil` if the expression or a flag is malformed. The flags are Java's: `i d m s u x U`.
    init?(_ expression: String, flags: String) {
        var options =
            UInt32(PCRE2_UTF) | UInt32(PCRE2_ANCHORED) | UInt32(bitPattern: Int32(bitPattern: PCRE2_ENDANCHORED))
        for flag in flags.utf8 {
            switch flag {
            case UInt8(ascii: "i"): options |= UInt32(PCRE2_CASELESS)
            case UInt8(ascii: "m"): options |= UInt32(PCRE2_MULTILINE)
            case UInt8(ascii: "s"): options |= UInt32(PCRE2_DOTALL)
            case UInt8(ascii: "x"): options |= UInt32(PCRE2_EXTENDED)
            case UInt8(ascii: "U"): options |= UInt32(PCRE2_UCP)
            // Java's lines of `\n` alone and folding beyond ASCII are PCRE2's habits already.
            case UInt8(ascii: "d"), UInt8(ascii: "u"): break
            default: return nil
            }
        }
        var number: Int32 = 0
        var offset = 0
        let text = Array(expression.utf8)
        guard let code = pcre2_compile_8(text, text.count, options, &number, &offset, nil) else { return nil }
        guard let limits = pcre2_match_context_create_8(nil) else {
            pcre2_code_free_8(code)
            return nil
        }
        pcre2_set_match_limit_8(limits, Self.matchLimit)
        pcre2_set_heap_limit_8(limits, Self.heapLimit)
        self.code = code
        self.limits = limits
    }

    deinit {
        pcre2_match_context_free_8(limits)
        pcre2_code_free_8(code)
    }

    /// Whether the whole of `subject` matches. Throws `.budget` where that cannot be told within PCRE2's limits.
    func matches(_ subject: String) throws(JSONPathError) -> Bool {
        let data = pcre2_match_data_create_from_pattern_8(code, nil)
        defer { pcre2_match_data_free_8(data) }
        let text = Array(subject.utf8)
        let result = pcre2_match_8(code, text, text.count, 0, UInt32(PCRE2_NO_UTF_CHECK), data, limits)
        if result >= 0 { return true }
        if result == PCRE2_ERROR_NOMATCH { return false }
        throw JSONPathError(.steps)
    }
}
