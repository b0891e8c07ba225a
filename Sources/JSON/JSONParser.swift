// From bytes to a value.
//
// What RFC 8259 leaves open is decided here: of a duplicate member the last value counts, at the first one's place
// (as Jackson, which AWS uses); an escaped lone surrogate becomes U+FFFD, since no UTF-8 text can hold it; a leading
// byte order mark is passed over; `\u0000` is a character like others, a raw NUL is not; anything but white space
// behind the value is an error.

extension JSONValue {
    /// Reads one JSON text. Throws `JSONError` with Jackson's words and the place.
    package static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        var text = text
        let result = text.withUTF8 { bytes in parse(utf8: bytes, limits: limits, knownUTF8: true) }
        return try result.get()
    }

    /// Reads one JSON text. The bytes must be UTF-8.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { parse(utf8: $0, limits: limits, knownUTF8: false) }
        return try result.get()
    }

    /// Reads one JSON text from memory that somebody else owns, for example a network buffer.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        let result = bytes.withMemoryRebound(to: UInt8.self) { parse(utf8: $0, limits: limits, knownUTF8: false) }
        return try result.get()
    }

    private static func parse(
        utf8 bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits, knownUTF8: Bool
    ) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes: bytes, limits: limits)
        do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
}

struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    var at = 0
    private var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw error(.tooLarge, "Text of \(bytes.count) bytes is longer than the maximum of \(limits.bytes)")
        }
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        skipSpace()
        guard at < bytes.count else { throw error("No content to map due to end-of-input") }
        let value = try value()
        skipSpace()
        guard at == bytes.count else {
            if isTokenByte(bytes[at]) { throw unrecognizedToken() }
            throw unexpected("expected end of content, only one JSON value is allowed")
        }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard at < bytes.count else { throw error("Unexpected end-of-input: expected a value") }
        switch bytes[at] {
        case UInt8(ascii: "\""):
            at += 1
            return .string(try string())
        case UInt8(ascii: "{"): return try nested { (self) throws(JSONError) in try self.object() }
        case UInt8(ascii: "["): return try nested { (self) throws(JSONError) in try self.array() }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try token("true", .bool(true))
        case UInt8(ascii: "f"): return try token("false", .bool(false))
        case UInt8(ascii: "n"): return try token("null", .null)
        case let byte where isTokenByte(byte): throw unrecognizedToken()
        default:
            throw unexpected(
                "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < limits.depth else {
            throw error(.tooDeep, "Document nesting depth (\(depth + 1)) exceeds the maximum allowed (\(limits.depth))")
        }
        depth += 1
        at += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if at < bytes.count, bytes[at] == UInt8(ascii: "]") {
            at += 1
            return .array(elements)
        }
        while true {
            skipSpace()
            guard at < bytes.count else { throw unclosed("Array") }
            elements.append(try value())
            skipSpace()
            guard at < bytes.count else { throw unclosed("Array") }
            switch bytes[at] {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .array(elements)
            default: throw unexpected("was expecting comma to separate Array entries")
            }
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members = JSONObject()
        skipSpace()
        if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard at < bytes.count else { throw unclosed("Object") }
            guard bytes[at] == UInt8(ascii: "\"") else {
                throw unexpected("was expecting double-quote to start field name")
            }
            at += 1
            let key = try string()
            skipSpace()
            guard at < bytes.count else { throw unclosed("Object") }
            guard bytes[at] == UInt8(ascii: ":") else {
                throw unexpected("was expecting a colon to separate field name and value")
            }
            at += 1
            skipSpace()
            members[key] = try value()
            skipSpace()
            guard at < bytes.count else { throw unclosed("Object") }
            switch bytes[at] {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return .object(members)
            default: throw unexpected("was expecting comma to separate Object entries")
            }
        }
    }

    private mutating func token(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard at + count <= bytes.count else { throw unrecognizedToken() }
        for offset in 0..<count where bytes[at + offset] != text.utf8Start[offset] { throw unrecognizedToken() }
        if at + count < bytes.count, isTokenByte(bytes[at + count]) { throw unrecognizedToken() }
        at += count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let first = try digit("a number's first digit")
        if first == UInt8(ascii: "0"), at < bytes.count, isDigit(bytes[at]) {
            throw error("Invalid numeric value: Leading zeroes not allowed")
        }
        skipDigits()
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            _ = try digit("Decimal point not followed by a digit")
            skipDigits()
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            _ = try digit("Exponent indicator not followed by a digit")
            skipDigits()
        }
        if at < bytes.count, isTokenByte(bytes[at]) {
            throw unexpected("Expected space separating root-level values")
        }
        return JSONNumber(unchecked: String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func digit(_ what: String) throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw error("Unexpected end-of-input within/between numeric value") }
        guard isDigit(bytes[at]) else { throw unexpected("Expected digit (0-9) for a valid numeric value") }
        at += 1
        return bytes[at - 1]
    }

    private mutating func skipDigits() {
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
    }

    mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Whether Jackson would count the byte into a bare word.
    func isTokenByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
            || byte >= 0x80
    }
}
