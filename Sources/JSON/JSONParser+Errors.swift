// What is wrong with a text, in Jackson's words.

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

    /// `Unexpected character (''' (code 39)): was expecting …`; a control character between tokens has a sentence of
    /// its own.
    func unexpected(_ expectation: String, in place: String = "") -> JSONError {
        if bytes[at] < 0x20, place.isEmpty {
            let rule = #"only regular white space (\r, \n, \t) is allowed between tokens"#
            return error(.malformed, "Illegal character (\(described(at))): \(rule)", behind: 1)
        }
        let length = scalar(at)?.utf8.count ?? 1
        return error(
            .malformed, "Unexpected character (\(described(at)))\(place): \(expectation)",
            behind: min(length, bytes.count - at))
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

    /// `''' (code 39)`, `'日' (code 26085 / 0x65e5)`, `(CTRL-CHAR, code 0)`.
    func described(_ offset: Int) -> String {
        guard let scalar = scalar(offset) else { return "'?' (code \(bytes[offset]))" }
        let code = scalar.value
        if code < 0x20 || (0x7F...0x9F).contains(code) { return "(CTRL-CHAR, code \(code))" }
        return code > 255 ? "'\(scalar)' (code \(code) / 0x\(String(code, radix: 16)))" : "'\(scalar)' (code \(code))"
    }

    private func scalar(_ offset: Int) -> Unicode.Scalar? {
        String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first
    }
}
