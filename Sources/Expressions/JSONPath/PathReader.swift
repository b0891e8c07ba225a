// Reads the text of a path into steps, by the rules of Jayway JsonPath 2.0.0 (language.md §10.2). They are those of its
// reader, which looks for certain characters and skips others: what looks lenient here is meant so.

import Core

struct PathReader {
    private typealias Bounds = Limits.Evaluation.JSONPath

    /// The text without blanks and control characters at either end.
    let text: [UInt8]
    /// Where `text` begins in the path as written.
    let start: Int
    var at = 0
    /// Whether the path is an operand of a filter, which must be definite and starts at `$` or `@`.
    let isOperand: Bool

    init(_ source: String) {
        self.init(Array(source.utf8)[...], isOperand: false)
    }

    init(_ bytes: ArraySlice<UInt8>, isOperand: Bool) {
        let trimmed = bytes.trimmed
        text = Array(trimmed)
        start = trimmed.startIndex
        self.isOperand = isOperand
    }

    // MARK: Root

    /// Reads what the path starts at: `$`, `$$` or `$name`.
    mutating func root() throws(JSONPathError) -> JSONPath.Root {
        guard text.first == UInt8(ascii: "$") else { throw error("Path must start with '$' or '@'") }
        at = 1
        var root = JSONPath.Root.input
        if !isRootEnd {
            if text[1] == UInt8(ascii: "$") {
                at = 2
                root = .context
            } else {
                root = .variable(try variableName())
            }
        }
        guard isRootEnd else { throw illegalCharacter() }
        return root
    }

    /// Passes over the `$` or `@` of an operand; returns whether it is `$`.
    mutating func operandRoot() throws(JSONPathError) -> Bool {
        at = 1
        guard isRootEnd else { throw illegalCharacter() }
        return text.first == UInt8(ascii: "$")
    }

    /// A name of Unicode's ID_Start and ID_Continue.
    private mutating func variableName() throws(JSONPathError) -> String {
        let rest = String(decoding: text[at...], as: UTF8.self).unicodeScalars
        guard let first = rest.first, first.properties.isIDStart || first == "_" else { throw illegalCharacter() }
        let name = String(String.UnicodeScalarView(rest.prefix { $0.properties.isIDContinue || $0 == "_" }))
        at += name.utf8.count
        return name
    }

    private var isRootEnd: Bool {
        at >= text.count || text[at] == UInt8(ascii: ".") || text[at] == UInt8(ascii: "[")
    }

    // MARK: Steps

    /// Reads the steps, up to the end of the text.
    mutating func segments() throws(JSONPathError) -> [PathSegment] {
        if text.count >= 2, text.suffix(2).allSatisfy({ $0 == UInt8(ascii: ".") }) {
            throw error("Path must not end with '..'", at: text.count - 2)
        }
        var segments: [PathSegment] = []
        var branches = 0
        while at < text.count {
            let place = at
            guard let segment = try segment() else { continue }
            if !segment.isDefinite {
                branches += 1
                if isOperand { throw error("A path in a filter must name one node at most", at: place) }
            }
            guard segments.count < Bounds.maximumSegments, branches <= Bounds.maximumBranches else {
                throw error("The path has too many steps", at: place)
            }
            segments.append(segment)
        }
        return segments
    }

    /// Reads a step; `nil` for a dot before a bracket, which counts for nothing.
    private mutating func segment() throws(JSONPathError) -> PathSegment? {
        switch text[at] {
        case UInt8(ascii: " "): throw error("Blanks are not allowed between the steps of a path")
        case UInt8(ascii: "["): return try bracket()
        case UInt8(ascii: "*"):
            at += 1
            return .wildcard
        case UInt8(ascii: "."):
            at += 1
            guard at < text.count else { throw error("Path must not end with a '.'") }
            if text[at] == UInt8(ascii: ".") {
                at += 1
                return .scan
            }
            let name = bareName()
            if name.isEmpty { return nil }
            return name.elementsEqual("*".utf8) ? .wildcard : property(name)
        default: return property(bareName())
        }
    }

    /// The bytes up to the next `.`, `[` or blank.
    private mutating func bareName() -> ArraySlice<UInt8> {
        let start = at
        while at < text.count, !" .[".utf8.contains(text[at]) { at += 1 }
        return text[start..<at]
    }

    /// A bare name is read as if it stood in `['…']`.
    private func property(_ name: ArraySlice<UInt8>) -> PathSegment {
        Self.properties(in: name + "']".utf8, isOpen: true)
    }

    /// The names between quotes, up to the first `]`. Characters between two names are skipped, as is a name whose
    /// quote is not closed.
    private static func properties(in bytes: ArraySlice<UInt8>, isOpen: Bool) -> PathSegment {
        var names: [String] = []
        var name: [UInt8] = []
        var isOpen = isOpen
        for byte in bytes {
            if byte == UInt8(ascii: "]") { break }
            if byte == UInt8(ascii: "'") {
                if isOpen { names.append(String(decoding: name, as: UTF8.self)) }
                name.removeAll()
                isOpen.toggle()
            } else if isOpen {
                name.append(byte)
            }
        }
        return names.count == 1 ? .key(names[0]) : .keys(names)
    }

    // MARK: Brackets

    private mutating func bracket() throws(JSONPathError) -> PathSegment {
        let start = at
        guard let end = closingBracket() else { throw error("The bracket is not closed", at: start) }
        at = end
        let fragment = text[start..<end]
        if fragment.elementsEqual("[*]".utf8) { return .wildcard }
        var place = start
        while place < end {
            switch text[place] {
            case UInt8(ascii: "?"): return try filter(fragment, mark: place)
            case UInt8(ascii: "'"): return Self.properties(in: text[place..<end], isOpen: false)
            case UInt8(ascii: "@"): return try script(text[place..<end])
            case UInt8(ascii: "-"), UInt8(ascii: ":"): return try numbers(text[place..<end])
            case _ where text[place] < 0x80 ? text[place] &- 0x30 < 10 : startsWithDigit(text[place..<end]):
                return try numbers(text[place..<end])
            default: place += 1
            }
        }
        throw error("A bracket must hold *, an index, a slice, a filter, or a name in single quotes", at: start)
    }

    /// Where the text goes on after the bracket that opens at `at`. Quotes are not heeded.
    private func closingBracket() -> Int? {
        var depth = 0
        for place in at..<text.count {
            if text[place] == UInt8(ascii: "[") { depth += 1 }
            if text[place] == UInt8(ascii: "]") { depth -= 1 }
            if depth == 0 { return place + 1 }
        }
        return nil
    }

    private func startsWithDigit(_ bytes: ArraySlice<UInt8>) -> Bool {
        // A character's bytes are four at most; in the middle of one there is no digit.
        bytes[bytes.startIndex] & 0xC0 != 0x80
            && String(decoding: bytes.prefix(4), as: UTF8.self).unicodeScalars.first?.javaDigit != nil
    }

    private func filter(_ fragment: ArraySlice<UInt8>, mark: Int) throws(JSONPathError) -> PathSegment {
        // Its paths must be definite: there is no filter in a filter.
        if isOperand { throw error("A path in a filter must name one node at most", at: mark) }
        let reader = FilterReader(text: text, start: start)
        return .filter(try reader.filter(fragment, mark: mark))
    }

    // MARK: Numbers

    /// An index, indices or a slice, up to the first character that belongs to none.
    private func numbers(_ bytes: ArraySlice<UInt8>) throws(JSONPathError) -> PathSegment {
        let characters = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        let place = bytes.startIndex
        var numbers: [Int] = []
        var buffer = ""
        var isList = false
        var slice: (hasFrom: Bool, hasTo: Bool)?
        var next = 0
        func isPart(_ character: Unicode.Scalar, _ others: String) -> Bool {
            character.javaDigit != nil || others.unicodeScalars.contains(character)
        }
        func take() throws(JSONPathError) {
            guard let number = Self.integer(buffer) else {
                throw error("'\(buffer)' is no index: expected a number of 32 bits", at: place)
            }
            numbers.append(number)
            buffer = ""
        }
        while next < characters.count, isPart(characters[next], ", :-") {
            switch characters[next] {
            case " ": break
            case ":":
                let hasFrom = !buffer.isEmpty
                if hasFrom { try take() }
                next += 1
                while next < characters.count, isPart(characters[next], " -") {
                    if characters[next] != " " { buffer.unicodeScalars.append(characters[next]) }
                    next += 1
                }
                let hasTo = !buffer.isEmpty
                slice = (hasFrom, hasTo)
                if hasTo || !hasFrom { try take() }
            case ",":
                try take()
                isList = true
            default: buffer.unicodeScalars.append(characters[next])
            }
            // The character that ends a slice is skipped, the second colon of `[1:2:3]` for one.
            next += 1
        }
        if !buffer.isEmpty { try take() }
        return Self.step(numbers, slice, isList: isList)
    }

    private static func step(
        _ numbers: [Int], _ slice: (hasFrom: Bool, hasTo: Bool)?, isList: Bool
    ) -> PathSegment {
        if numbers.count == 1, slice == nil { return .index(numbers[0]) }
        guard !isList, let slice else { return .indices(numbers) }
        // A third part is read and has no effect.
        switch slice {
        case (true, true): return .slice(from: numbers[0], to: numbers[1])
        case (true, false): return .slice(from: numbers[0], to: nil)
        default: return .slice(from: nil, to: numbers[0])
        }
    }

    /// `@.length-1` or `@.size()-1`, with blanks and parentheses anywhere, up to the parenthesis after the number.
    private func script(_ bytes: ArraySlice<UInt8>) throws(JSONPathError) -> PathSegment {
        let name = bytes.prefix { $0 != UInt8(ascii: "-") }
        let function = name.filter { !" ()".utf8.contains($0) }
        let rest = bytes[name.endIndex...]
        guard function == Array("@.length".utf8) || function == Array("@.size".utf8),
            let end = rest.firstIndex(of: UInt8(ascii: ")")),
            let offset = Self.integer(
                String(decoding: rest[..<end].filter { $0 != UInt8(ascii: " ") }, as: UTF8.self))
        else { throw error("Expected (@.length-n) with a number n", at: bytes.startIndex) }
        return .fromEnd(offset)
    }

    /// Java's `Integer.parseInt` of a text without a plus sign.
    private static func integer(_ text: String) -> Int? {
        var digits = ""
        for (place, character) in text.unicodeScalars.enumerated() {
            if place == 0, character == "-" {
                digits = "-"
            } else {
                guard let digit = character.javaDigit else { return nil }
                digits += String(digit)
            }
        }
        return Int32(digits).map { Int($0) }
    }

    // MARK: Errors

    func error(_ message: String, at place: Int? = nil) -> JSONPathError {
        JSONPathError(code: .syntax, message: message, offset: start + (place ?? at))
    }

    private func illegalCharacter() -> JSONPathError {
        error("Illegal character at position \(start + at) expected '.' or '['")
    }
}

extension Unicode.Scalar {
    /// The value as a decimal digit of any script, of the characters that Java holds in one `char`.
    fileprivate var javaDigit: Int? {
        if value < 0x80 { return value &- 0x30 < 10 ? Int(value) - 0x30 : nil }
        guard value < 0x10000, properties.generalCategory == .decimalNumber else { return nil }
        return properties.numericValue.flatMap { Int(exactly: $0) }
    }
}

extension ArraySlice<UInt8> {
    /// Without the characters up to U+0020 at either end, as Java's `trim`.
    var trimmed: ArraySlice<UInt8> {
        guard let first = firstIndex(where: { $0 > 0x20 }), let last = lastIndex(where: { $0 > 0x20 }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
