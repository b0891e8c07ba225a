// The text of an expression as tokens.

import JSON

enum JSONataToken: Equatable {
    case end
    case name(String)
    /// Without the `$`; empty for `$` itself.
    case variable(String)
    case string(String)
    case number(String)
    case symbol(String)
    /// Pattern and flags (`i`, `m`).
    case regex(String, String)

    /// As error texts show it.
    var text: String {
        switch self {
        case .end: "(end)"
        case .name(let name), .symbol(let name): name
        case .variable(let name): name
        case .string(let text), .number(let text): text
        case .regex(let pattern, _): "/\(pattern)/"
        }
    }
}

extension JSONataToken {
    /// The token's value as JSON: the reference writes every value of a message so, which puts texts in quotes.
    var quoted: String {
        switch self {
        case .number: text
        case .name("true"), .name("false"), .name("null"): text
        default: JSONValue.string(text).text
        }
    }
}

/// Reads tokens one after the other. Works on UTF-16, in which the reference counts positions.
struct JSONataLexer {
    private let units: [UInt16]
    private(set) var position = 0
    private let hasDefaults: Bool

    /// `hasDefaults`: whether `??` and `?:` are operators.
    init(_ source: String, hasDefaults: Bool) {
        units = Array(source.utf16)
        self.hasDefaults = hasDefaults
    }

    var count: Int { units.count }

    private func unit(_ offset: Int = 0) -> UInt16? {
        let index = position + offset
        return index < units.count ? units[index] : nil
    }

    /// `nil` at the end, and for one half of a character that takes two units.
    private func character(_ offset: Int = 0) -> Unicode.Scalar? { unit(offset).flatMap { Unicode.Scalar($0) } }

    private func text(_ range: Range<Int>) -> String {
        let units = units[range]
        // Nearly every token is ASCII, for which Swift's way from UTF-16 is a long one.
        guard units.allSatisfy({ $0 < 0x80 }) else { return String(decoding: units, as: UTF16.self) }
        return String(decoding: units.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// The next token; `prefix` where an operand is expected, so that `/` begins a regular expression.
    mutating func next(prefix: Bool) throws(JSONataError) -> JSONataToken {
        try skipSpace()
        guard let first = character() else { return position < units.count ? try name() : .end }
        if prefix, first == "/" {
            position += 1
            return try regex()
        }
        if let symbol = symbol(first) { return symbol }
        switch first {
        case "\"", "'": return try string(first)
        case "`": return try quotedName()
        case "0"..."9": return try number()
        default: return try name()
        }
    }

    private mutating func skipSpace() throws(JSONataError) {
        while let character = character() {
            if character == "/", self.character(1) == "*" {
                let start = position
                position += 2
                while !(self.character() == "*" && self.character(1) == "/") {
                    guard position < units.count else {
                        throw JSONataError(code: "S0106", message: "Comment has no closing tag", position: start)
                    }
                    position += 1
                }
                position += 2
            } else if character.isBlank {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func symbol(_ first: Unicode.Scalar) -> JSONataToken? {
        guard first.isSymbol else { return nil }
        let start = position
        position += isPair(first, character(1)) ? 2 : 1
        return .symbol(text(start..<position))
    }

    /// Whether the two are one symbol.
    private func isPair(_ first: Unicode.Scalar, _ second: Unicode.Scalar?) -> Bool {
        switch (first, second) {
        case (".", "."), (":", "="), ("!", "="), (">", "="), ("<", "="), ("*", "*"), ("~", ">"): true
        case ("?", "?"), ("?", ":"): hasDefaults
        default: false
        }
    }

    // MARK: - Literals

    private mutating func string(_ quote: Unicode.Scalar) throws(JSONataError) -> JSONataToken {
        position += 1
        var result: [UInt16] = []
        while let unit = unit() {
            if unit == quote.value {
                position += 1
                return .string(String(decoding: result, as: UTF16.self))
            }
            if unit == 0x5C {
                position += 1
                try escape(into: &result)
            } else {
                result.append(unit)
            }
            position += 1
        }
        throw JSONataError(
            code: "S0101", message: "String literal must be terminated by a matching quote", position: position)
    }

    private mutating func escape(into result: inout [UInt16]) throws(JSONataError) {
        switch character() {
        case "\"": result.append(0x22)
        case "\\": result.append(0x5C)
        case "/": result.append(0x2F)
        case "b": result.append(0x08)
        case "f": result.append(0x0C)
        case "n": result.append(0x0A)
        case "r": result.append(0x0D)
        case "t": result.append(0x09)
        case "u":
            guard position + 4 < units.count, let code = UInt16(text(position + 1..<position + 5), radix: 16) else {
                throw JSONataError(
                    code: "S0104", message: "The escape sequence \\u must be followed by 4 hex digits",
                    position: position)
            }
            result.append(code)
            position += 4
        default:
            let token = unit().map { String(decoding: [$0], as: UTF16.self) } ?? ""
            throw JSONataError(
                code: "S0103", message: "Unsupported escape sequence: \\\(JSONValue.string(token).text)",
                position: position, token: token)
        }
    }

    private mutating func quotedName() throws(JSONataError) -> JSONataToken {
        let start = position + 1
        guard let end = units[min(start, units.count)...].firstIndex(of: 0x60) else {
            position = units.count
            throw JSONataError(
                code: "S0105", message: "Quoted property name must be terminated with a backquote (`)",
                position: position)
        }
        position = end + 1
        return .name(text(start..<end))
    }

    private mutating func number() throws(JSONataError) -> JSONataToken {
        let start = position
        func isDigit(_ offset: Int) -> Bool { unit(offset).map { (0x30...0x39).contains($0) } ?? false }
        if character() == "0" { position += 1 } else { while isDigit(0) { position += 1 } }
        if character() == ".", isDigit(1) {
            position += 1
            while isDigit(0) { position += 1 }
        }
        if let mark = character(), mark == "e" || mark == "E" {
            let sign = character(1) == "+" || character(1) == "-" ? 1 : 0
            if isDigit(1 + sign) {
                position += 1 + sign
                while isDigit(0) { position += 1 }
            }
        }
        let text = text(start..<position)
        guard let value = Double(text), value.isFinite else {
            throw JSONataError(
                code: "S0102", message: "Number out of range: \"\(text)\"", position: position, token: text)
        }
        return .number(text)
    }

    private mutating func regex() throws(JSONataError) -> JSONataToken {
        let start = position
        var depth = 0
        while let unit = unit() {
            if unit == 0x2F, units[position - 1] != 0x5C, depth == 0 {
                let pattern = text(start..<position)
                guard !pattern.isEmpty else {
                    throw JSONataError(
                        code: "S0301", message: "Empty regular expressions are not allowed", position: position)
                }
                position += 1
                let flagsStart = position
                while let flag = character(), flag == "i" || flag == "m" { position += 1 }
                return .regex(pattern, text(flagsStart..<position))
            }
            if units[position - 1] != 0x5C {
                switch character() {
                case "(", "[", "{": depth += 1
                case ")", "]", "}": depth -= 1
                default: break
                }
            }
            position += 1
        }
        throw JSONataError(code: "S0302", message: "No terminating / in regular expression", position: position)
    }

    private mutating func name() throws(JSONataError) -> JSONataToken {
        let start = position
        while position < units.count {
            if let character = character(), character.isBlank || character.isSymbol { break }
            position += 1
        }
        if start < position, units[start] == 0x24 { return .variable(text(start + 1..<position)) }
        return .name(text(start..<position))
    }
}

extension Unicode.Scalar {
    /// What stands between tokens.
    fileprivate var isBlank: Bool {
        switch self {
        case " ", "\t", "\n", "\r", "\u{0B}": true
        default: false
        }
    }

    /// What is a symbol, or begins one, and ends a name.
    fileprivate var isSymbol: Bool {
        switch self {
        case "(", ")", "[", "]", "{", "}", ".", ",", ":", ";", "?", "!", "@", "#", "%": true
        case "&", "*", "+", "-", "/", "<", "=", ">", "^", "|", "~": true
        default: false
        }
    }
}
