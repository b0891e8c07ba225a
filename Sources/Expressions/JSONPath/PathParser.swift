// From the text of a path to its steps.

struct PathParser {
    struct Path {
        var root: JSONPath.Root
        var segments: [PathSegment]
    }

    /// More steps than any path needs; it bounds what evaluation goes through.
    static let mostSegments = 1_000
    /// How deep filters, parentheses and literals may nest.
    static let mostLevels = 32

    let bytes: [UInt8]
    var at = 0
    /// Where the first bare name stands that holds one of `@ , : ?`, which a Reference Path may not.
    var operatorInName: Int?
    /// How deep inside filters, argument lists and their parentheses the parser is.
    var depth = 0
    /// How many inner paths have been read.
    var innerPaths = 0

    init(_ source: String) {
        bytes = Array(source.utf8)
    }

    /// Reads the text to its end; blanks behind it are passed over, as Jayway does.
    mutating func wholePath() throws(JSONPathError) -> Path {
        let path = Path(root: try root(), segments: try segments())
        skipBlanks()
        guard at == bytes.count else { throw unparsable() }
        return path
    }

    // MARK: Root

    mutating func root() throws(JSONPathError) -> JSONPath.Root {
        guard peek == UInt8(ascii: "$") else { throw error("Path must start with '$' or '@'") }
        at += 1
        switch peek {
        case nil: return .input
        case _ where isRootEnd: return .input
        case UInt8(ascii: "$"):
            at += 1
            guard isRootEnd else { throw illegalCharacter() }
            return .context
        default: return .variable(try variableName())
        }
    }

    /// A name of Unicode's ID_Start and ID_Continue.
    private mutating func variableName() throws(JSONPathError) -> String {
        let rest = String(decoding: bytes[at...], as: UTF8.self).unicodeScalars
        guard let first = rest.first, first.properties.isIDStart || first == "_" else { throw illegalCharacter() }
        let name = String(String.UnicodeScalarView(rest.prefix { $0.properties.isIDContinue || $0 == "_" }))
        at += name.utf8.count
        guard isRootEnd else { throw illegalCharacter() }
        return name
    }

    private var isRootEnd: Bool { peek == UInt8(ascii: ".") || peek == UInt8(ascii: "[") || isPathEnd }

    /// Whether the path ends here: at the end of the text or at a blank; inside a filter or an argument list also at
    /// what may follow an operand there.
    private var isPathEnd: Bool {
        guard let byte = peek else { return true }
        return byte == UInt8(ascii: " ") || depth > 0 && endsInnerPath(byte)
    }

    // MARK: Steps

    mutating func segments() throws(JSONPathError) -> [PathSegment] {
        var segments: [PathSegment] = []
        while !isPathEnd {
            guard segments.count < Self.mostSegments else { throw error("The path has too many steps") }
            if peek == UInt8(ascii: ".") {
                segments.append(try dotted())
            } else {
                segments.append(try step())
            }
        }
        return calledOnAll(segments)
    }

    /// A function behind `..` is called on all that was found, not on each: `$..a.sum()` is read as `$.sum($..a)`.
    private mutating func calledOnAll(_ segments: [PathSegment]) -> [PathSegment] {
        guard case .descend? = segments.first, case .function(let function)? = segments.last else { return segments }
        let found = Array(segments.dropLast())
        innerPaths += 1
        let path = InnerPath(
            start: .callee, segments: found, isDefinite: found.isDefinite, number: innerPaths)
        return [.function(PathFunction(name: function.name, arguments: [.path(path)]))]
    }

    private mutating func dotted() throws(JSONPathError) -> PathSegment {
        at += 1
        let descends = peek == UInt8(ascii: ".")
        if descends { at += 1 }
        guard let byte = peek, !isPathEnd else { throw error("Path must not end with a '.' or '..'") }
        guard byte != UInt8(ascii: ".") else { throw error("Character '.' on position \(at) is not valid.") }
        let step = try step()
        if descends, case .function = step { throw unparsable() }
        return descends ? .descend(step) : step
    }

    private mutating func step() throws(JSONPathError) -> PathSegment {
        switch peek {
        case UInt8(ascii: "["): return try bracket()
        case UInt8(ascii: "*"):
            at += 1
            return .wildcard
        default:
            let name = try bareName()
            return peek == UInt8(ascii: "(") ? try function(name) : .key(name)
        }
    }

    // MARK: Names

    /// A name in dot notation. A backslash takes the next character as it is (`$.store\.book`).
    private mutating func bareName() throws(JSONPathError) -> String {
        let start = at
        var name: [UInt8] = []
        loop: while let byte = peek {
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "("): break loop
            case UInt8(ascii: " "):
                guard depth == 0, bytes[at...].contains(where: { $0 != UInt8(ascii: " ") }) else { break loop }
                throw error(
                    "Use bracket notion ['my prop'] if your property contains blank characters. position: \(start)")
            case UInt8(ascii: "\\"): name += try escape(isQuoted: false)
            case _ where depth > 0 && endsInnerPath(byte): break loop
            default:
                if ",:?@".utf8.contains(byte) { operatorInName = operatorInName ?? at }
                name.append(byte)
                at += 1
            }
        }
        guard at > start else { throw unparsable() }
        return String(decoding: name, as: UTF8.self)
    }

    /// A name or, in a filter, a text in single or double quotes. In a text `\n`, `\u0041`, … are Java's. In a name a
    /// backslash stands for itself unless a backslash or the closing quote follows: a recorded execution finds the
    /// member `a\"b` by `$['a\"b']`.
    mutating func quotedText(isName: Bool) throws(JSONPathError) -> String {
        let quote = bytes[at]
        at += 1
        var name: [UInt8] = []
        while let byte = peek {
            if byte == quote {
                at += 1
                return String(decoding: name, as: UTF8.self)
            }
            let next = at + 1 < bytes.count ? bytes[at + 1] : nil
            if byte == UInt8(ascii: "\\"), !isName || next == byte || next == quote {
                name += try escape(isQuoted: true)
            } else {
                name.append(byte)
                at += 1
            }
        }
        let mark = Character(Unicode.Scalar(quote))
        throw error("Property has not been closed - missing closing \(mark)")
    }

    // MARK: Brackets

    private mutating func bracket() throws(JSONPathError) -> PathSegment {
        let start = at
        at += 1
        skipBlanks()
        switch peek {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return try names()
        case UInt8(ascii: "*"):
            at += 1
            try closeBracket("Expected wildcard token to end with ']' on position \(at)")
            return .wildcard
        case UInt8(ascii: "?"): return try filter(openedAt: start)
        case UInt8(ascii: "-"), UInt8(ascii: ":"): return try numbers()
        case let byte? where byte &- 0x30 < 10: return try numbers()
        default:
            throw error("Could not parse token starting at position \(start). Expected ?, ', 0-9, * ", offset: start)
        }
    }

    private mutating func names() throws(JSONPathError) -> PathSegment {
        let isDoubleQuoted = peek == UInt8(ascii: "\"")
        var names = [try quotedText(isName: true)]
        skipBlanks()
        while peek == UInt8(ascii: ",") {
            at += 1
            skipBlanks()
            guard peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") else {
                throw error("Found empty property at index \(at)")
            }
            names.append(try quotedText(isName: true))
            skipBlanks()
        }
        try closeBracket(
            "Property must be separated by comma or Property must be terminated close square bracket at index \(at)")
        return names.count == 1 ? .key(names[0], isDoubleQuoted: isDoubleQuoted) : .keys(names)
    }

    private mutating func numbers() throws(JSONPathError) -> PathSegment {
        if peek == UInt8(ascii: ":") { return try slice(from: nil) }
        let first = try integer()
        skipBlanks()
        if peek == UInt8(ascii: ":") { return try slice(from: first) }
        var indices = [first]
        while peek == UInt8(ascii: ",") {
            at += 1
            skipBlanks()
            indices.append(try integer())
            skipBlanks()
        }
        try closeBracket("Could not parse token starting at position \(at). Expected ?, ', 0-9, * ")
        return indices.count == 1 ? .index(first) : .indices(indices)
    }

    private mutating func slice(from: Int?) throws(JSONPathError) -> PathSegment {
        at += 1
        skipBlanks()
        let to: Int? = peek == UInt8(ascii: "]") ? nil : try integer()
        guard from != nil || to != nil else { throw error("Failed to parse SliceOperation: :") }
        skipBlanks()
        try closeBracket("Failed to parse SliceOperation at index \(at)")
        return .slice(from: from, to: to)
    }

    private mutating func integer() throws(JSONPathError) -> Int {
        let start = at
        if peek == UInt8(ascii: "-") { at += 1 }
        while let byte = peek, byte &- 0x30 < 10 { at += 1 }
        // Jayway's indices are Java's `int`.
        guard let value = Int32(String(decoding: bytes[start..<at], as: UTF8.self)) else {
            throw error("Failed to parse token in ArrayIndexOperation at index \(start)", offset: start)
        }
        return Int(value)
    }

    private mutating func closeBracket(_ otherwise: String) throws(JSONPathError) {
        skipBlanks()
        guard peek == UInt8(ascii: "]") else { throw error(otherwise) }
        at += 1
    }
}

// MARK: - Letters

extension PathParser {
    var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipBlanks() {
        while peek == UInt8(ascii: " ") { at += 1 }
    }

    /// What a backslash and the characters behind it stand for, as UTF-8. In quotes `\n`, `\t`, … are Java's; in a bare
    /// name every letter but `u` stands for itself (`$.\stor\e`).
    mutating func escape(isQuoted: Bool) throws(JSONPathError) -> [UInt8] {
        at += 1
        guard let byte = peek else { throw error("Path must not end with a '\\'") }
        at += 1
        switch byte {
        case UInt8(ascii: "u"): return Array(String(try unicodeEscape()).utf8)
        case UInt8(ascii: "n") where isQuoted: return [0x0A]
        case UInt8(ascii: "t") where isQuoted: return [0x09]
        case UInt8(ascii: "r") where isQuoted: return [0x0D]
        case UInt8(ascii: "b") where isQuoted: return [0x08]
        case UInt8(ascii: "f") where isQuoted: return [0x0C]
        default: return [byte]
        }
    }

    /// `\uXXXX`, and a second one where the first is the lead of a surrogate pair.
    private mutating func unicodeEscape() throws(JSONPathError) -> Unicode.Scalar {
        let unit = try hex4()
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
        guard bytes[at...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return "\u{FFFD}" }
        at += 2
        let trail = try hex4()
        guard UTF16.isTrailSurrogate(trail) else { return "\u{FFFD}" }
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(trail) - 0xDC00
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private mutating func hex4() throws(JSONPathError) -> UInt16 {
        guard at + 4 <= bytes.count,
            let value = UInt16(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
        else { throw error("Unable to parse unicode value at index \(at)") }
        at += 4
        return value
    }

    func error(_ message: String, offset: Int? = nil) -> JSONPathError {
        JSONPathError(code: .syntax, message: message, offset: offset ?? at)
    }

    func unparsable() -> JSONPathError { error("Could not parse token starting at position \(at)") }

    func illegalCharacter() -> JSONPathError { error("Illegal character at position \(at) expected '.' or '['") }
}
