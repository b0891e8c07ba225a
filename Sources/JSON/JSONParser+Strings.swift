// Strings: the part of the parser where the time goes.

extension JSONParser {
    /// Reads a string whose opening quote has been passed.
    mutating func string() throws(JSONError) -> String {
        let start = at
        skipPlain()
        guard at < bytes.count else {
            throw error("Unexpected end-of-input: was expecting closing quote for a string value")
        }
        if bytes[at] == UInt8(ascii: "\"") {
            let text = try text(start..<at)
            at += 1
            return text
        }
        return try escapedString(from: start)
    }

    /// Goes on until a quote, a backslash, a control character or the end.
    private mutating func skipPlain() {
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
            at += 1
        }
    }

    private func text(_ range: Range<Int>) throws(JSONError) -> String {
        let slice = UnsafeBufferPointer(rebasing: bytes[range])
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw error(.invalidUTF8, "Invalid UTF-8 in a string")
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var result = try text(start..<at)
        while true {
            guard at < bytes.count else {
                throw error("Unexpected end-of-input: was expecting closing quote for a string value")
            }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return result
            case UInt8(ascii: "\\"):
                at += 1
                result.unicodeScalars.append(try escape())
            case let byte where byte < 0x20:
                throw error(
                    "Illegal unquoted character ((CTRL-CHAR, code \(byte))): has to be escaped using backslash to be included in string value"
                )
            default:
                let plain = at
                skipPlain()
                result += try text(plain..<at)
            }
        }
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard at < bytes.count else { throw error("Unexpected end-of-input in character escape sequence") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default:
            at -= 1
            throw error("Unrecognized character escape \(quoted(at)) (code \(byte))")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let unit = try hex4()
        guard let lead = UTF16.isLeadSurrogate(unit) ? unit : nil else {
            return Unicode.Scalar(UInt32(unit)) ?? "\u{FFFD}"
        }
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
            return "\u{FFFD}"
        }
        let back = at
        at += 2
        let trail = try hex4()
        guard UTF16.isTrailSurrogate(trail) else {
            at = back
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (UInt32(lead) - 0xD800) << 10 + UInt32(trail) - 0xDC00) ?? "\u{FFFD}"
    }

    private mutating func hex4() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard at < bytes.count else { throw error("Unexpected end-of-input in character escape sequence") }
            let byte = bytes[at]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw unexpected("expected a hex-digit for character escape sequence")
            }
            value = value << 4 | UInt16(digit)
            at += 1
        }
        return value
    }
}

// MARK: - Errors

extension JSONParser {
    func error(_ message: String) -> JSONError { error(.malformed, message) }

    /// An error here, whose line and column point `behind` bytes further: Jackson gives the place up to which it has
    /// read, which is behind the character or the word that it stumbles over.
    func error(_ code: JSONError.Code, _ message: String, behind: Int = 0) -> JSONError {
        var line = 1
        var column = 1
        for byte in bytes.prefix(at + behind) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                // UTF-16 units, of which a scalar of four bytes has two.
                column += byte >= 0xF0 ? 2 : 1
            }
        }
        return JSONError(code: code, message: message, offset: at, line: line, column: column)
    }

    /// `Unexpected character (''' (code 39)): was expecting …`
    func unexpected(_ expectation: String) -> JSONError {
        let code = scalar(at)?.value ?? UInt32(bytes[at])
        let shown = code < 0x20 ? "CTRL-CHAR, code \(code)" : "\(quoted(at)) (code \(code))"
        let length = scalar(at)?.utf8.count ?? 1
        return error(.malformed, "Unexpected character (\(shown)): \(expectation)", behind: length)
    }

    /// `Unrecognized token 'not': was expecting (JSON String, Number, …)`
    func unrecognizedToken() -> JSONError {
        let token = bytes[at...].prefix(256).prefix { isTokenByte($0) }
        let shown = String(decoding: token, as: UTF8.self)
        let values = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'"
        return error(
            .malformed, "Unrecognized token '\(shown)': was expecting (\(values))", behind: token.count)
    }

    func unclosed(_ what: String) -> JSONError {
        error("Unexpected end-of-input: expected close marker for \(what)")
    }

    func quoted(_ offset: Int) -> String { "'\(scalar(offset).map { String($0) } ?? "?")'" }

    private func scalar(_ offset: Int) -> Unicode.Scalar? {
        String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first
    }
}
