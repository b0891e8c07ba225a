// The regular expressions of filters, by PCRE2.

import CPCRE2
import Core

/// `/expression/` or `/expression/i` of a filter, compiled. It matches a whole text, as Java's `matches()`.
final class FilterPattern: Sendable {
    /// The text between the slashes.
    let expression: String
    // PCRE2's manual (pcre2api, "Multithreading"): threads may share compiled code.
    nonisolated(unsafe) private let code: OpaquePointer

    private typealias Bounds = Limits.Evaluation.JSONPath

    /// How often PCRE2 may try at first. Each further attempt may try more often, up to the bound.
    private static let firstLimit = 256
    /// How many tries one step of an evaluation stands for.
    private static let triesPerStep = 8

    /// `nil` if the expression is malformed.
    init?(_ expression: String, ignoresCase: Bool) {
        var options =
            UInt32(PCRE2_UTF) | UInt32(PCRE2_ANCHORED) | UInt32(bitPattern: Int32(bitPattern: PCRE2_ENDANCHORED))
            | UInt32(PCRE2_NEVER_BACKSLASH_C)
        if ignoresCase { options |= UInt32(PCRE2_CASELESS) }
        var number: Int32 = 0
        var offset = 0
        let text = Array(expression.utf8)
        guard let code = pcre2_compile_8(text, text.count, options, &number, &offset, nil) else { return nil }
        self.expression = expression
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    /// Whether the whole of `subject` matches. PCRE2 does not say how often it has tried, so it is given more and more
    /// tries, each time for the steps that they stand for. A try may read much of a long text, and costs more there.
    func matches(
        _ subject: String, budget: inout EvaluationBudget
    ) throws(EvaluationBudgetExceeded) -> Bool {
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil),
            let context = pcre2_match_context_create_8(nil)
        else { throw .bytes }
        defer {
            pcre2_match_data_free_8(data)
            pcre2_match_context_free_8(context)
        }
        pcre2_set_heap_limit_8(context, Bounds.maximumPatternHeapKiB)
        let text = Array(subject.utf8)
        let factor = 1 + text.count >> 8
        var limit = Self.firstLimit
        while true {
            try budget.charge(steps: limit / Self.triesPerStep * factor)
            pcre2_set_match_limit_8(context, UInt32(limit))
            let result = pcre2_match_8(code, text, text.count, 0, UInt32(PCRE2_NO_UTF_CHECK), data, context)
            if result >= 0 { return true }
            if result == PCRE2_ERROR_NOMATCH { return false }
            guard result == PCRE2_ERROR_MATCHLIMIT else { throw .bytes }
            if limit >= Bounds.maximumPatternTries {
                budget.steps = 0
                throw .steps
            }
            limit *= 16
        }
    }
}
