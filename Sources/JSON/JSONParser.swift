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
        let result = text.withUTF8 { bytes in parse(utf8: bytes, limits: limits, isUTF8: true) }
        return try result.get()
    }

    /// Reads one JSON text. The bytes must be UTF-8.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { parse(utf8: $0, limits: limits, isUTF8: false) }
        return try result.get()
    }

    /// Reads one JSON text from memory that somebody else owns, for example a network buffer.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        let result = bytes.withMemoryRebound(to: UInt8.self) { parse(utf8: $0, limits: limits, isUTF8: false) }
        return try result.get()
    }

    private static func parse(
        utf8 bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits, isUTF8: Bool
    ) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes: bytes, limits: limits, isUTF8: isUTF8)
        do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
}

struct JSONParser: ~Copyable {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    /// Whether the bytes are known to be UTF-8, so that strings need no check of their own.
    let isUTF8: Bool
    var at = 0
    /// Where escaped strings are put together.
    var scratch: [UInt8] = []
    /// Elements and members of the containers that are still open: each container takes its own, all at once and in an
    /// allocation of the right size, when it is closed.
    private var elements = ParserStack<JSONValue>()
    private var members = ParserStack<JSONObject.Member>()
    private var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits, isUTF8: Bool) {
        self.bytes = bytes
        self.limits = limits
        self.isUTF8 = isUTF8
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
        case UInt8(ascii: "{"):
            try enter()
            return .object(try object())
        case UInt8(ascii: "["):
            try enter()
            return .array(try array())
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

    /// Goes into an array or object, behind its opening bracket.
    private mutating func enter() throws(JSONError) {
        guard depth < limits.depth else {
            throw error(.tooDeep, "Document nesting depth (\(depth + 1)) exceeds the maximum allowed (\(limits.depth))")
        }
        depth += 1
        at += 1
        skipSpace()
    }

    private mutating func leave() {
        depth -= 1
        at += 1
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        let base = elements.count
        if at < bytes.count, bytes[at] == UInt8(ascii: "]") {
            leave()
            return []
        }
        while true {
            skipSpace()
            guard at < bytes.count else { throw unclosed("Array") }
            elements.push(try value())
            skipSpace()
            guard at < bytes.count else { throw unclosed("Array") }
            switch bytes[at] {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                leave()
                return elements.pop(downTo: base)
            default: throw unexpected("was expecting comma to separate Array entries")
            }
        }
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        let base = members.count
        var names = NameFilter()
        if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
            leave()
            return JSONObject()
        }
        while true {
            skipSpace()
            guard at < bytes.count else { throw unclosed("Object") }
            let key = try name(&names)
            members.push(JSONObject.Member(key: key, value: try value()))
            skipSpace()
            guard at < bytes.count else { throw unclosed("Object") }
            switch bytes[at] {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                leave()
                return JSONObject(parsed: members.pop(downTo: base), mayRepeat: names.mayRepeat)
            default: throw unexpected("was expecting comma to separate Object entries")
            }
        }
    }

    /// Reads a member's name and the colon behind it.
    private mutating func name(_ names: inout NameFilter) throws(JSONError) -> String {
        guard bytes[at] == UInt8(ascii: "\"") else {
            throw unexpected("was expecting double-quote to start field name")
        }
        at += 1
        let key = try string()
        names.add(key)
        skipSpace()
        guard at < bytes.count else { throw unclosed("Object") }
        guard bytes[at] == UInt8(ascii: ":") else {
            throw unexpected("was expecting a colon to separate field name and value")
        }
        at += 1
        skipSpace()
        return key
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
        let first = try digit("expected digit (0-9) to follow minus sign, for valid numeric value")
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
        if depth == 0, at < bytes.count, !isSpace(bytes[at]) {
            throw unexpected("Expected space separating root-level values")
        }
        return JSONNumber(unchecked: String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self))
    }

    private mutating func digit(_ missing: String) throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw error("Unexpected end-of-input within/between numeric value") }
        guard isDigit(bytes[at]) else { throw unexpected(missing, in: " in numeric value") }
        at += 1
        return bytes[at - 1]
    }

    private mutating func skipDigits() {
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
    }

    mutating func skipSpace() {
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte <= 0x20 && (byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09)
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Whether Jackson would count the byte into a bare word.
    func isTokenByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
            || byte >= 0x80
    }
}
