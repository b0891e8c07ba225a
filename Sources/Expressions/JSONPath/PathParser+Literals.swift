// Values written inside a path: in filters and as arguments of functions.

import JSON

extension PathParser {
    /// A string in either quotes, a number, `true`, `false`, `null`, an array or an object. A bare word is a string:
    /// definitions in use write `[?(@.Name==Receipt)]`.
    mutating func literal() throws(JSONPathError) -> JSONValue {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try quotedText(isName: false))
        case UInt8(ascii: "["):
            return .array(try nest { parser throws(JSONPathError) in try parser.elements() })
        case UInt8(ascii: "{"):
            return .object(try nest { parser throws(JSONPathError) in try parser.members() })
        default: return try word()
        }
    }

    private mutating func elements() throws(JSONPathError) -> [JSONValue] {
        var elements: [JSONValue] = []
        at += 1
        skipBlanks()
        if peek == UInt8(ascii: "]") {
            at += 1
            return elements
        }
        while true {
            elements.append(try literal())
            skipBlanks()
            guard peek == UInt8(ascii: ",") else { break }
            at += 1
        }
        try expect("]")
        return elements
    }

    private mutating func members() throws(JSONPathError) -> JSONObject {
        var members = JSONObject()
        at += 1
        skipBlanks()
        if peek == UInt8(ascii: "}") {
            at += 1
            return members
        }
        while true {
            let name = try literal()
            try expect(":")
            members[name.stringValue ?? name.text] = try literal()
            skipBlanks()
            guard peek == UInt8(ascii: ",") else { break }
            at += 1
        }
        try expect("}")
        return members
    }

    private mutating func word() throws(JSONPathError) -> JSONValue {
        let start = at
        while let byte = peek, !isEndOfWord(byte) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        switch text {
        case "": throw error("Expected a value at position \(at)")
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        default: return JSONNumber(text: text).map { .number($0) } ?? .string(text)
        }
    }

    private func isEndOfWord(_ byte: UInt8) -> Bool {
        endsInnerPath(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"")
    }

    /// Whether a path or a word inside a filter or an argument list ends before this byte.
    func endsInnerPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "|"): at + 1 < bytes.count && bytes[at + 1] == byte
        default: " ),]}=<>!~".utf8.contains(byte)
        }
    }
}
