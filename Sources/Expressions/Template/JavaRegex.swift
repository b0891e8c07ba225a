// java.util.regex for `matches`, `split`, `replaceAll` and `replaceFirst`, over PCRE2.

import CPCRE2

/// A compiled regular expression. PCRE2 knows Java's syntax but for the names of the POSIX classes; how long it may try
/// is limited, since the expression and the text may come from two hands.
package final class JavaRegex: Sendable {
    /// A pattern without a special character is searched for as it is.
    private let literal: [UInt8]?
    // PCRE2 never changes compiled code: threads may match by the same one at once (pcre2api, "Multithreading").
    nonisolated(unsafe) private let code: OpaquePointer?
    private let starts: RegexSearch.Starts

    private static let options =
        UInt32(PCRE2_UTF) | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT

    /// Takes steps before they are taken.
    typealias Pay = (Int) throws(TemplateFault) -> Void

    init(_ pattern: String, at place: Int) throws(TemplateFault) {
        literal = Self.literal(pattern)
        if literal != nil {
            code = nil
            starts = .everywhere
            return
        }
        var number: Int32 = 0
        var offset = 0
        let bytes = Array(Self.translated(pattern).utf8)
        let code = pcre2_compile_8(
            bytes, bytes.count, Self.options, &number, &offset, nil)
        guard let code else {
            throw TemplateFault(
                code: .regularExpression, message: "Not a regular expression: '\(pattern)' (at \(offset))", at: place)
        }
        self.code = code
        starts = RegexSearch.starts(code)
    }

    deinit { pcre2_code_free_8(code) }

    /// The text that the pattern stands for, if it stands for one text alone.
    private static func literal(_ pattern: String) -> [UInt8]? {
        var result: [UInt8] = []
        var escaped = false
        for byte in pattern.utf8 {
            let isWord = TemplateParser.startsName(byte) || TemplateParser.isDigit(byte)
            if escaped {
                if isWord { return nil }
                result.append(byte)
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if "[](){}.*+?^$|".utf8.contains(byte) {
                return nil
            } else {
                result.append(byte)
            }
        }
        return escaped || result.isEmpty ? nil : result
    }

    /// `\p{Alpha}` and its like; in Java they are ASCII.
    private static func translated(_ pattern: String) -> String {
        guard pattern.utf8.contains(UInt8(ascii: "\\")), pattern.contains("p{") || pattern.contains("P{") else {
            return pattern
        }
        var result = ""
        var rest = Substring(pattern)
        while let slash = rest.firstIndex(of: "\\") {
            result += rest[..<slash]
            rest = rest[slash...]
            let name = rest.dropFirst(3).prefix { $0 != "}" }
            if rest.hasPrefix("\\p{") || rest.hasPrefix("\\P{"), let set = posix[String(name)] {
                let isInside = result.lastIndex(of: "[").map { !result[$0...].contains("]") } ?? false
                result += isInside ? set : rest.hasPrefix("\\P") ? "[^\(set)]" : "[\(set)]"
                rest = rest.dropFirst(4 + name.count)
            } else {
                result += rest.prefix(2)
                rest = rest.dropFirst(2)
            }
        }
        return result + rest
    }

    private static let posix = [
        "Lower": "a-z", "Upper": "A-Z", "ASCII": "\\x00-\\x7F", "Alpha": "a-zA-Z", "Digit": "0-9",
        "Alnum": "a-zA-Z0-9", "Punct": "!-/:-@\\[-`{-~", "Blank": " \\t", "Space": " \\t\\n\\x0B\\f\\r",
        "XDigit": "0-9a-fA-F", "Cntrl": "\\x00-\\x1F\\x7F", "Graph": "!-~", "Print": " -~",
    ]
}

// MARK: - Matching

extension JavaRegex {
    /// Where each group matched, in bytes; `nil` for one that took no part.
    typealias Match = [Range<Int>?]

    /// Goes through the matches from the front until the body has enough.
    private func matches(
        _ text: [UInt8], options: UInt32 = 0, at place: Int, _ pay: Pay, _ body: (Match) throws(TemplateFault) -> Bool
    ) throws(TemplateFault) {
        guard let code else { return try literalMatches(text, pay, body) }
        let search = RegexSearch(code, options & PCRE2_ANCHORED != 0 ? .first : starts, text, options: options)
        var start = 0
        while start <= text.count {
            switch try search.match(from: start, pay) {
            case .none: return
            case .tooManyTries:
                throw TemplateFault(
                    code: .regularExpression, message: "The regular expression takes too long", at: place)
            case .found(let match):
                guard try body([match.range] + match.groups) else { return }
                let whole = match.range
                start = whole.isEmpty ? Self.next(after: whole.upperBound, in: text) : whole.upperBound
            }
        }
    }

    private func literalMatches(
        _ text: [UInt8], _ pay: Pay, _ body: (Match) throws(TemplateFault) -> Bool
    ) throws(TemplateFault) {
        let literal = literal ?? []
        let finder = TextFinder(literal)
        try pay((literal.count + text.count) >> 6)
        var from = 0
        while let at = finder.next(in: text, from: from) {
            try pay(1)
            guard try body([at..<at + literal.count]) else { return }
            from = at + literal.count
        }
    }

    /// The start of the next character.
    private static func next(after offset: Int, in text: [UInt8]) -> Int {
        var next = offset + 1
        while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }

    /// Compiles a pattern; `nil` where it is no regular expression.
    package convenience init?(_ pattern: String) {
        do throws(TemplateFault) { try self.init(pattern, at: 0) } catch { return nil }
    }

    /// How many steps a match outside of a template may take.
    private static let freeSteps = 100_000

    private static func free() -> Pay {
        var left = freeSteps
        return { (steps) throws(TemplateFault) in
            left -= steps
            if left < 0 {
                throw TemplateFault(code: .regularExpression, message: "The regular expression takes too long", at: 0)
            }
        }
    }

    /// Whether the whole text matches. A match that takes too long is none.
    package func matchesWhole(_ text: String) -> Bool { (try? matchesAll(text, at: 0, Self.free())) ?? false }

    /// Whether a part of the text matches, as far as `steps` go: those of the search are taken from them, and below
    /// zero the answer says nothing.
    package func isFound(in text: String, steps: inout Int) -> Bool {
        var found = false
        var left = steps - text.utf8.count >> 6
        do throws(TemplateFault) {
            try matches(
                Array(text.utf8), at: 0,
                { (count) throws(TemplateFault) in
                    left -= count
                    if left < 0 {
                        throw TemplateFault(
                            code: .regularExpression, message: "The regular expression takes too long", at: 0)
                    }
                },
                { _ in
                    found = true
                    return false
                })
        } catch {
            left = -1
        }
        steps = left
        return found
    }

    /// Whether a part of the text matches. A match that takes too long is none.
    package func isFound(in text: String) -> Bool {
        var found = false
        try? matches(Array(text.utf8), at: 0, Self.free()) { _ in
            found = true
            return false
        }
        return found
    }

    /// `String.matches`: the whole text.
    func matchesAll(_ text: String, at place: Int, _ pay: Pay) throws(TemplateFault) -> Bool {
        if let literal { return text.utf8.elementsEqual(literal) }
        var found = false
        let options = PCRE2_ANCHORED | PCRE2_ENDANCHORED
        try matches(Array(text.utf8), options: options, at: place, pay) { _ in
            found = true
            return false
        }
        return found
    }

    /// `String.split`: empty pieces at the end are dropped when the limit is 0, and so is one that comes from an empty
    /// match at the front.
    func split(_ text: String, limit: Int, at place: Int, _ pay: Pay) throws(TemplateFault) -> [String] {
        let bytes = Array(text.utf8)
        var pieces: [String] = []
        var from = 0
        try matches(bytes, at: place, pay) { (match) throws(TemplateFault) in
            try pay(1)
            guard let whole = match[0] else { return false }
            if limit > 0 && pieces.count == limit - 1 { return false }
            if whole.upperBound == 0 || (whole.isEmpty && whole.lowerBound == bytes.count) { return true }
            pieces.append(String(decoding: bytes[from..<whole.lowerBound], as: UTF8.self))
            from = whole.upperBound
            return true
        }
        if from == 0 && pieces.isEmpty { return [text] }
        pieces.append(String(decoding: bytes[from...], as: UTF8.self))
        if limit == 0 {
            while pieces.last == "" { pieces.removeLast() }
        }
        return pieces
    }

    /// `replaceAll` and `replaceFirst`: in the replacement `$1` is a group, and a backslash takes its meaning away.
    func replace(
        _ text: String, _ replacement: String, all: Bool, limit: Int, at place: Int, _ pay: Pay
    ) throws(TemplateFault) -> String {
        let bytes = Array(text.utf8)
        let new = Array(replacement.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var from = 0
        try matches(bytes, at: place, pay) { (match) throws(TemplateFault) in
            guard let whole = match[0] else { return false }
            result.append(contentsOf: bytes[from..<whole.lowerBound])
            let before = result.count
            try Self.expand(new, match, bytes, into: &result, limit: limit, at: place)
            try pay((new.count + result.count - before) >> 6)
            from = whole.upperBound
            return all
        }
        result.append(contentsOf: bytes[from...])
        guard result.count <= limit else { throw TemplateFault.tooLarge(limit, at: place) }
        return String(decoding: result, as: UTF8.self)
    }

    private static func expand(
        _ replacement: [UInt8], _ match: Match, _ text: [UInt8], into result: inout [UInt8], limit: Int,
        at place: Int
    ) throws(TemplateFault) {
        var at = 0
        while at < replacement.count {
            guard result.count <= limit else { throw TemplateFault.tooLarge(limit, at: place) }
            let byte = replacement[at]
            at += 1
            guard byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "$") else {
                result.append(byte)
                continue
            }
            guard at < replacement.count else {
                throw TemplateFault(code: .invocation, message: "Illegal end of a replacement", at: place)
            }
            if byte == UInt8(ascii: "\\") {
                result.append(replacement[at])
                at += 1
                continue
            }
            var group: Int?
            while at < replacement.count, TemplateParser.isDigit(replacement[at]) {
                let next = (group ?? 0) * 10 + Int(replacement[at] - UInt8(ascii: "0"))
                if group != nil && next >= match.count { break }
                group = next
                at += 1
            }
            guard let group, group < match.count else {
                throw TemplateFault(code: .invocation, message: "Illegal group reference", at: place)
            }
            if let range = match[group] { result.append(contentsOf: text[range]) }
        }
    }
}
