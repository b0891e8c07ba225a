// Swift text taken apart far enough to hold rules to it: words and symbols, without comments and the insides of
// strings.

struct Token: Equatable {
    enum Kind {
        case word
        case symbol
        case string
    }

    var kind: Kind
    var text: String
    /// From 1.
    var line: Int
    /// Whether nothing stands between this token and the one before it.
    var isAdjacent: Bool
}

/// Reads bytes into tokens. Code inside `\(…)` of a string counts as code.
struct SwiftTokens {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var lastEnd = -1
    private(set) var tokens: [Token] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        while index < bytes.count { next() }
    }

    private func peek(_ offset: Int = 0) -> UInt8? { index + offset < bytes.count ? bytes[index + offset] : nil }

    private func stands(_ text: StaticString, at offset: Int = 0) -> Bool {
        let start = index + offset
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[start + $0] == text.utf8Start[$0] }
    }

    private mutating func add(_ kind: Token.Kind, from start: Int, line: Int) {
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        tokens.append(Token(kind: kind, text: text, line: line, isAdjacent: start == lastEnd))
        lastEnd = index
    }

    private mutating func next() {
        let start = index
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "\n"):
            line += 1
            index += 1
        case UInt8(ascii: " "), UInt8(ascii: "\t"):
            index += 1
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
            while let byte = peek(), byte != UInt8(ascii: "\n") { index += 1 }
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            skipBlockComment()
        case UInt8(ascii: "\""),
            UInt8(ascii: "#") where opensString:
            string()
        case _ where Self.isWord(byte):
            while let byte = peek(), Self.isWord(byte) { index += 1 }
            add(.word, from: start, line: line)
        default:
            index += 1
            add(.symbol, from: start, line: line)
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private var opensString: Bool {
        var offset = 0
        while peek(offset) == UInt8(ascii: "#") { offset += 1 }
        return peek(offset) == UInt8(ascii: "\"")
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if stands("/*") {
                depth += 1
                index += 2
            } else if stands("*/") {
                depth -= 1
                index += 2
            } else {
                if peek() == UInt8(ascii: "\n") { line += 1 }
                index += 1
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func string() {
        let start = index
        let startLine = line
        var pounds = 0
        while peek() == UInt8(ascii: "#") {
            pounds += 1
            index += 1
        }
        let quotes = stands("\"\"\"") ? 3 : 1
        index += quotes
        var inner: [Token] = []
        while index < bytes.count {
            if closes(quotes, pounds) {
                index += quotes + pounds
                break
            }
            if peek() == UInt8(ascii: "\\"), escapes(pounds) {
                index += 1 + pounds
                if peek() == UInt8(ascii: "(") { inner += interpolation() } else { index += 1 }
                continue
            }
            if peek() == UInt8(ascii: "\n") { line += 1 }
            index += 1
        }
        add(.string, from: start, line: startLine)
        tokens += inner
    }

    private func closes(_ quotes: Int, _ pounds: Int) -> Bool {
        (0..<quotes).allSatisfy { peek($0) == UInt8(ascii: "\"") }
            && (0..<pounds).allSatisfy { peek(quotes + $0) == UInt8(ascii: "#") }
    }

    private func escapes(_ pounds: Int) -> Bool {
        (0..<pounds).allSatisfy { peek(1 + $0) == UInt8(ascii: "#") }
    }

    /// The tokens of `(…)`.
    private mutating func interpolation() -> [Token] {
        let first = tokens.count
        var depth = 0
        repeat {
            // A string in here has its own parentheses.
            if peek() == UInt8(ascii: "(") { depth += 1 }
            if peek() == UInt8(ascii: ")") { depth -= 1 }
            next()
        } while depth > 0 && index < bytes.count
        defer { tokens.removeSubrange(first...) }
        return Array(tokens[first...])
    }
}
