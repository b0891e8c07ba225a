// The search for a match of a regular expression, paid for by what it may take. PCRE2 bounds how often a match may try
// again, but counts anew for every place where it may begin, does not count what one try reads, and does not say how
// far it has counted. So it is asked in small portions: few places, few tries, and little text.

import CPCRE2
import Core

/// Searches in one text.
final class RegexSearch {
    /// Where a match may begin.
    enum Starts {
        /// At the first place alone.
        case first
        /// At the first place and behind every end of a line.
        case lines
        case everywhere
    }

    struct Match {
        /// In bytes of the text's UTF-8.
        var range: Range<Int>
        /// Of the groups from the first one on, `nil` for one that took no part.
        var groups: [Range<Int>?]
    }

    enum Result {
        case found(Match)
        case none
        /// A match at one place would take more tries than any sensible expression does.
        case tooManyTries
    }

    private let code: OpaquePointer
    private let starts: Starts
    private let text: [UInt8]
    private let options: UInt32
    private let data: OpaquePointer?
    private let context: OpaquePointer?

    /// At so many bytes a match may begin in one portion, and so many it may read.
    private static let window = 64
    private static let quickReach = 256
    /// How often a match that begins at one place may try again in a portion, and how often at first when it is looked
    /// at alone.
    private static let quickTries: UInt32 = 16
    private static let firstTries: UInt32 = 32
    /// Steps of one portion.
    private static let portionSteps = 16

    /// `options` are PCRE2's for each match.
    init(_ code: OpaquePointer, _ starts: Starts, _ text: [UInt8], options: UInt32 = 0) {
        self.code = code
        self.starts = starts
        self.text = text
        self.options = options | PCRE2_NO_UTF_CHECK
        data = pcre2_match_data_create_from_pattern_8(code, nil)
        context = pcre2_match_context_create_8(nil)
        pcre2_set_heap_limit_8(context, Limits.Evaluation.Regex.maximumHeapKiB)
    }

    deinit {
        pcre2_match_data_free_8(data)
        pcre2_match_context_free_8(context)
    }

    /// How many groups a match has, the whole one included.
    var groupCount: Int { Int(pcre2_get_ovector_count_8(data)) }

    /// Where matches of compiled code may begin.
    static func starts(_ code: OpaquePointer) -> Starts {
        var compiled: UInt32 = 0
        var first: UInt32 = 0
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_ALLOPTIONS), &compiled)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_FIRSTCODETYPE), &first)
        return compiled & PCRE2_ANCHORED != 0 ? .first : first == 2 ? .lines : .everywhere
    }

    /// Returns the first match from `start` on, in bytes. `pay` takes the steps: those of a portion, which are few,
    /// after it has been searched, all others before.
    func match<Failure: Error>(from start: Int, _ pay: (Int) throws(Failure) -> Void) throws(Failure) -> Result {
        outcome = nil
        var at = start
        while true {
            let next = portion(from: at)
            try pay(1 + groupCount >> 4)
            let end = character(min(at + Self.quickReach, text.count))
            var stop = at
            switch match(from: at, before: next, end: end, tries: Self.quickTries) {
            case .found(let match):
                try pay(min(Self.portionSteps, max(match.range.upperBound - at, 0) / 4))
                return .found(match)
            case .none:
                try pay(min(Self.portionSteps, (text.count - at) / 4))
                stop = next
            // Those before it have failed.
            case .partial(let place): stop = try single(place, pay)
            case .limit: stop = try single(at, pay)
            }
            if let outcome { return outcome }
            if starts == .first || stop > text.count { return .none }
            at = stop
        }
    }

    /// What a look at one place has come to, if it ends the search.
    private var outcome: Result?

    /// Looks for the match that begins at just this place; where the next one may begin.
    private func single<Failure: Error>(
        _ place: Int, _ pay: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var tries = Self.firstTries
        var reach = Self.quickReach
        while true {
            // Each try may read all of what it may see.
            let seen = min(reach, text.count - place) + 64
            try pay(1 + (Int(tries) * seen) >> 10)
            let end = character(min(place + reach, text.count))
            switch match(from: place, before: place + 1, end: end, tries: tries) {
            case .found(let match):
                outcome = .found(match)
                return place
            case .none: return starts == .everywhere ? character(place + 1) : line(from: place)
            case .partial: reach *= 4
            case .limit: tries *= 4
            }
            if tries > Limits.Evaluation.Regex.maximumTries {
                outcome = .tooManyTries
                return place
            }
        }
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
        case found(Match)
        case none
        /// From this place on it would have to read more of the text.
        case partial(Int)
        /// It would have taken more tries.
        case limit
    }

    /// The first match that begins in these places and lies within the text up to `end`.
    private func match(from start: Int, before next: Int, end: Int, tries: UInt32) -> Outcome {
        pcre2_set_match_limit_8(context, tries)
        pcre2_set_offset_limit_8(context, next > text.count ? Int.max : next - 1)
        let partial = end < text.count ? PCRE2_PARTIAL_HARD : 0
        let count = pcre2_match_8(code, text, end, start, options | partial, data, context)
        if count == PCRE2_ERROR_NOMATCH { return .none }
        guard let vector = pcre2_get_ovector_pointer_8(data) else { return .limit }
        if count == PCRE2_ERROR_PARTIAL { return .partial(max(vector[0], start)) }
        guard count > 0 else { return .limit }
        func range(_ group: Int) -> Range<Int>? {
            let low = vector[2 * group]
            let isSet = group < count && low != Int.max && low >= 0 && low <= vector[2 * group + 1]
            return isSet ? low..<vector[2 * group + 1] : nil
        }
        guard let whole = range(0) else { return .none }
        return .found(Match(range: whole, groups: (1..<max(groupCount, 1)).map(range)))
    }
}
