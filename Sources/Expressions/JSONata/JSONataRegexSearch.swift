// The search for a match, paid for by what it takes: PCRE2 bounds how often a match may try again, but counts anew for
// every place where it may begin and does not say how far it has counted. So it is asked in small portions.

import CPCRE2

/// Searches in one text.
final class JSONataRegexSearch {
    private let source: String
    private let code: OpaquePointer
    private let starts: JSONataRegex.Starts
    private let text: [UInt8]
    private let evaluator: JSONataEvaluator
    private let data: OpaquePointer?
    /// Made when a portion of its own has to be asked for.
    private var context: OpaquePointer?

    /// At so many bytes a match may begin in one portion.
    private static let window = 64
    /// How often a match that begins at one place may try again before it is looked at alone; how often it may do so
    /// then, and at the most.
    private static let quickLimit: UInt32 = 32
    private static let firstLimit: UInt32 = 256
    private static let mostLimit: UInt32 = 262_144
    private static let heapLimit: UInt32 = 4_096
    /// How many tries one step of an evaluation stands for.
    private static let triesPerStep: UInt32 = 8

    // Set up once and only read since: threads may match by the same context at once (pcre2api, "Multithreading").
    nonisolated(unsafe) private static let quick = limits(quickLimit)

    private static func limits(_ tries: UInt32) -> OpaquePointer? {
        let context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, tries)
        pcre2_set_heap_limit_8(context, heapLimit)
        return context
    }

    init(
        _ source: String, _ code: OpaquePointer, _ starts: JSONataRegex.Starts, _ text: [UInt8],
        _ evaluator: JSONataEvaluator
    ) {
        self.source = source
        self.code = code
        self.starts = starts
        self.text = text
        self.evaluator = evaluator
        data = pcre2_match_data_create_from_pattern_8(code, nil)
    }

    deinit {
        pcre2_match_data_free_8(data)
        pcre2_match_context_free_8(context)
    }

    /// The first match at or behind `start`, in bytes.
    func match(from start: Int) throws(JSONataError) -> JSONataRegex.Match? {
        var at = start
        while true {
            let next = portion(from: at)
            try evaluator.charge(0, steps: 1 + min(Self.window, text.count - at) / 4)
            switch match(from: at, before: next, tries: Self.quickLimit) {
            case .found(let match): return match
            case .none: break
            case .limit:
                while at < next {
                    if let match = try match(at: at) { return match }
                    at = starts == .everywhere ? character(at + 1) : line(from: at)
                }
            }
            if starts == .first || next > text.count { return nil }
            at = next
        }
    }

    /// The match that begins at just this place, however often it tries.
    private func match(at place: Int) throws(JSONataError) -> JSONataRegex.Match? {
        var tries = Self.firstLimit
        while tries <= Self.mostLimit {
            try evaluator.charge(0, steps: Int(tries / Self.triesPerStep))
            switch match(from: place, before: place + 1, tries: tries) {
            case .found(let match): return match
            case .none: return nil
            case .limit: tries *= 4
            }
        }
        throw JSONataError(code: "U1003", message: "Regular expression evaluation limit exceeded: /\(source)/")
    }

    /// Where the portion ends that begins at `start`: behind the text when it is the last.
    private func portion(from start: Int) -> Int {
        let end = start + Self.window
        guard end <= text.count else { return text.count + 1 }
        // In the middle of a line PCRE2 would try at the portion's first place, too.
        return starts == .lines ? line(from: end) : character(end)
    }

    /// The first line that begins behind there; behind the text when there is none.
    private func line(from place: Int) -> Int {
        text[min(place, text.count)...].firstIndex { $0 == 0x0A }.map { $0 + 1 } ?? text.count + 1
    }

    /// The first place from there on that is not in the middle of a character.
    private func character(_ place: Int) -> Int {
        var place = place
        while place < text.count, text[place] & 0xC0 == 0x80 { place += 1 }
        return place
    }

    private enum Outcome {
        case found(JSONataRegex.Match)
        case none
        /// It would have taken more tries.
        case limit
    }

    /// The first match that begins in these places.
    private func match(from start: Int, before end: Int, tries: UInt32) -> Outcome {
        var limits = Self.quick
        if tries != Self.quickLimit || end <= text.count {
            if context == nil { context = Self.limits(tries) }
            pcre2_set_match_limit_8(context, tries)
            pcre2_set_offset_limit_8(context, end - 1)
            limits = context
        }
        let count = pcre2_match_8(code, text, text.count, start, PCRE2_NO_UTF_CHECK, data, limits)
        if count == PCRE2_ERROR_NOMATCH { return .none }
        guard count > 0, let vector = pcre2_get_ovector_pointer_8(data) else { return .limit }
        func range(_ group: Int) -> Range<Int>? {
            let low = vector[2 * group]
            let isSet = group < count && low != Int.max && low >= 0 && low <= vector[2 * group + 1]
            return isSet ? low..<vector[2 * group + 1] : nil
        }
        guard let whole = range(0) else { return .none }
        return .found(JSONataRegex.Match(range: whole, groups: (1..<Int(pcre2_get_ovector_count_8(data))).map(range)))
    }
}
