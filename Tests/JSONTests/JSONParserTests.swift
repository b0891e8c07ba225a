// What the parser takes, what it makes of it, and in which words it refuses the rest.

import JSON
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "Accepted texts print as written, less their white space.",
        arguments: [
            "null", "true", "false", "0", "-0", "0.0", "1e400", "-12.50E+3", "123456789012345678901234567890",
            #""""#, #""a\"b\\c\n\u0000\u001F""#, "\"ü€😀\"", "[]", "{}", #"{"b":1,"a":[1,{"c":null}]}"#,
            #"[[],[[]],{},{"":{}}]"#, #"["12345678","1234567\"","123456789012345\n6"]"#, "\"\u{7F}\u{2028}\"",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSONValue.parse(" \t\r\n" + text + "\n").text == text)
        #expect(try JSONValue.parse(Array(text.utf8)).bytes == Array(text.utf8))
    }

    @Test(
        "What RFC 8259 leaves open has a decided answer.",
        arguments: [
            // Of a duplicate member the last value counts, at the first one's place.
            (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
            (#"{"a":1,"\u0061":2}"#, #"{"a":2}"#),
            (#"{"":1,"":2}"#, #"{"":2}"#),
            (#"{"a":{"b":1,"b":2},"a":{"b":3}}"#, #"{"a":{"b":3}}"#),
            // Lone surrogates.
            (#""\ud800""#, "\"\u{FFFD}\""), (#""\udc00x""#, "\"\u{FFFD}x\""),
            (#""\ud800\ud800\udc00""#, "\"\u{FFFD}𐀀\""),
            (#""\ud83d\u0041""#, "\"\u{FFFD}A\""), (#""\ud83d\n""#, #""\#u{FFFD}\n""#), (#""\ud83d\ude00""#, "\"😀\""),
            (#""\uD83D\uDE00""#, "\"😀\""),
            // A byte order mark in front, and inside a string, where it is a character.
            ("\u{FEFF}{}", "{}"), ("\"\u{FEFF}\"", "\"\u{FEFF}\""),
            // An escaped NUL, and escapes that need not be.
            (#""\u0000""#, #""\u0000""#), (#""\/\u002f\u00e9\b\f\r\t""#, #""//é\b\f\r\t""#),
        ])
    func decisions(text: String, printed: String) throws {
        #expect(try JSONValue.parse(text).text == printed)
        #expect(try JSONValue.parse(Array(text.utf8)).text == printed)
    }

    /// A text, Jackson's sentence, and line and column.
    typealias Refusal = (text: String, message: String, line: Int, column: Int)

    private static let values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

    private static let onlySpace = #"only regular white space (\r, \n, \t) is allowed between tokens"#

    static let structure: [Refusal] = [
        ("", "No content to map due to end-of-input", 1, 1), (" \n ", "No content to map due to end-of-input", 2, 2),
        ("\u{FEFF}", "No content to map due to end-of-input", 1, 2),
        ("not json", "Unrecognized token 'not': was expecting \(values)", 1, 4),
        ("nul", "Unrecognized token 'nul': was expecting \(values)", 1, 4),
        ("nullx", "Unrecognized token 'nullx': was expecting \(values)", 1, 6),
        ("[True]", "Unrecognized token 'True': was expecting \(values)", 1, 6),
        ("NaN", "Unrecognized token 'NaN': was expecting \(values)", 1, 4),
        ("[Infinity]", "Unrecognized token 'Infinity': was expecting \(values)", 1, 10),
        (
            "{} {}",
            "Unexpected character ('{' (code 123)): expected end of content, only one JSON value is "
                + "allowed", 1, 5
        ),
        ("[] x", "Unrecognized token 'x': was expecting \(values)", 1, 5),
        ("[]]", "Unexpected character (']' (code 93)): expected end of content, only one JSON value is allowed", 1, 4),
        (
            "null,",
            "Unexpected character (',' (code 44)): expected end of content, only one JSON value is "
                + "allowed", 1, 6
        ),
        ("[1,]", "Unexpected character (']' (code 93)): expected a valid value \(values)", 1, 5),
        ("[,1]", "Unexpected character (',' (code 44)): expected a valid value \(values)", 1, 3),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 5),
        ("[1", "Unexpected end-of-input: expected close marker for Array", 1, 3),
        ("[", "Unexpected end-of-input: expected close marker for Array", 1, 2),
        ("[1,", "Unexpected end-of-input: expected close marker for Array", 1, 4),
        ("[1}", "Unexpected character ('}' (code 125)): was expecting comma to separate Array entries", 1, 4),
        ("{", "Unexpected end-of-input: expected close marker for Object", 1, 2),
        ("{\"a\":1", "Unexpected end-of-input: expected close marker for Object", 1, 7),
        ("{\"a\"", "Unexpected end-of-input: expected close marker for Object", 1, 5),
        ("{\"a\":", "Unexpected end-of-input: expected a value", 1, 6),
        ("{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 1, 3),
        ("{a:1}", "Unexpected character ('a' (code 97)): was expecting double-quote to start field name", 1, 3),
        ("{\"a\":1,}", "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 1, 9),
        (
            "{\"a\" 1}",
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and "
                + "value", 1, 7
        ),
        (
            "{\"a\":1 \"b\":2}",
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object "
                + "entries", 1, 9
        ),
        (
            "{\n\"a\": 1,\n  'b': 2}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start "
                + "field name", 3, 4
        ),
        ("[\"😀é\", x]", "Unrecognized token 'x': was expecting \(values)", 1, 10),
        ("// no\n{}", "Unexpected character ('/' (code 47)): expected a valid value \(values)", 1, 2),
        (
            "{}\u{0}",
            "Illegal character ((CTRL-CHAR, code 0)): \(onlySpace)",
            1, 4
        ),
        (
            "[\u{B}1]",
            "Illegal character ((CTRL-CHAR, code 11)): \(onlySpace)",
            1, 3
        ),
    ]

    static let numbers: [Refusal] = [
        ("01", "Invalid numeric value: Leading zeroes not allowed", 1, 2),
        ("-01", "Invalid numeric value: Leading zeroes not allowed", 1, 3),
        ("+1", "Unexpected character ('+' (code 43)): expected a valid value \(values)", 1, 2),
        (".5", "Unexpected character ('.' (code 46)): expected a valid value \(values)", 1, 2),
        ("1.", "Unexpected end-of-input within/between numeric value", 1, 3),
        ("1e", "Unexpected end-of-input within/between numeric value", 1, 3),
        ("1e+", "Unexpected end-of-input within/between numeric value", 1, 4),
        ("-", "Unexpected end-of-input within/between numeric value", 1, 2),
        ("[1.]", "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit", 1, 5),
        (
            "[1.e1]",
            "Unexpected character ('e' (code 101)) in numeric value: Decimal point not followed by a "
                + "digit", 1, 5
        ),
        (
            "[1e]",
            "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a "
                + "digit", 1, 5
        ),
        (
            "[1e+x]",
            "Unexpected character ('x' (code 120)) in numeric value: Exponent indicator not followed by "
                + "a digit", 1, 6
        ),
        (
            "-x",
            "Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, "
                + "for valid numeric value", 1, 3
        ),
        (
            "--1",
            "Unexpected character ('-' (code 45)) in numeric value: expected digit (0-9) to follow minus sign, "
                + "for valid numeric value", 1, 3
        ),
        ("1x", "Unexpected character ('x' (code 120)): Expected space separating root-level values", 1, 3),
        ("1.2.3", "Unexpected character ('.' (code 46)): Expected space separating root-level values", 1, 5),
        ("0x10", "Unexpected character ('x' (code 120)): Expected space separating root-level values", 1, 3),
        ("[0x10]", "Unexpected character ('x' (code 120)): was expecting comma to separate Array entries", 1, 4),
        ("{\"a\":1b}", "Unexpected character ('b' (code 98)): was expecting comma to separate Object entries", 1, 8),
    ]

    static let strings: [Refusal] = [
        ("\"a", "Unexpected end-of-input: was expecting closing quote for a string value", 1, 3),
        ("\"a\\\"", "Unexpected end-of-input: was expecting closing quote for a string value", 1, 5),
        ("\"a\\", "Unexpected end-of-input in character escape sequence", 1, 4),
        ("\"\\u12", "Unexpected end-of-input in character escape sequence", 1, 6),
        (
            "\"\\u12G4\"",
            "Unexpected character ('G' (code 71)): expected a hex-digit for character escape "
                + "sequence", 1, 7
        ),
        ("\"\\ud800\\u12", "Unexpected end-of-input in character escape sequence", 1, 12),
        ("\"\\x41\"", "Unrecognized character escape 'x' (code 120)", 1, 3),
        ("\"\\日\"", "Unrecognized character escape '日' (code 26085 / 0x65e5)", 1, 3),
        (
            "\"a\u{0}b\"",
            "Illegal unquoted character ((CTRL-CHAR, code 0)): has to be escaped using backslash to "
                + "be included in string value", 1, 3
        ),
        (
            "\"a\nb\"",
            "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to "
                + "be included in string value", 1, 3
        ),
        (
            "\"12345678\t\"",
            "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash "
                + "to be included in string value", 1, 10
        ),
        (
            "{\"a\tb\":1}",
            "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash "
                + "to be included in string value", 1, 4
        ),
        ("'a'", "Unexpected character (''' (code 39)): expected a valid value \(values)", 1, 2),
        ("\u{201C}a\u{201D}", "Unrecognized token '\u{201C}a\u{201D}': was expecting \(values)", 1, 4),
    ]

    @Test("Refused texts say why in Jackson's words, and where.", arguments: structure + numbers + strings)
    func refusals(row: Refusal) {
        for error in [refusal { try JSONValue.parse(row.text) }, refusal { try JSONValue.parse(Array(row.text.utf8)) }]
        {
            #expect(error?.message == row.message)
            #expect(error?.line == row.line)
            #expect(error?.column == row.column)
            #expect(error?.code == .malformed)
        }
    }

    @Test(
        "Bytes that are no UTF-8 are refused, wherever the string is looked at eight bytes at a time.",
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80],  // Overlong.
            [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xE2, 0x28, 0xA1],  // Truncated.
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],  // Surrogates.
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0x80], [0xBF, 0xBF],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        for before in 0...17 {
            let text = [UInt8(ascii: "\"")] + [UInt8](repeating: 0x61, count: before)
            let plain = refusal { try JSONValue.parse(text + bytes + Array("bcdefghijk\"".utf8)) }
            #expect(plain?.code == .invalidUTF8, "after \(before)")
            #expect(plain?.message == "Invalid UTF-8 in a string")
            let escaped = refusal { try JSONValue.parse(text + Array("\\n".utf8) + bytes + Array("\"".utf8)) }
            #expect(escaped?.code == .invalidUTF8, "escaped, after \(before)")
        }
        let key = Array("{\"".utf8) + bytes + Array("\":1}".utf8)
        #expect(refusal { try JSONValue.parse(key) }?.code == .invalidUTF8)
        #expect(refusal { try JSONValue.parse(bytes) } != nil)
    }

    @Test(
        "Bytes that are UTF-8 are taken, up to the borders of its ranges.",
        arguments: [
            "\u{80}", "\u{7FF}", "\u{800}", "\u{FFF}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
        ])
    func validUTF8(text: String) throws {
        for before in 0...9 {
            let string = String(repeating: "a", count: before) + text + "z"
            #expect(try JSONValue.parse(Array("\"\(string)\"".utf8)) == .string(string))
        }
    }

    @Test("Every byte in every place of a string is taken or refused as RFC 8259 has it.")
    func everyByte() {
        for byte in UInt8(0)...0x7F where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
            for place in 0..<17 {
                var inside = [UInt8](repeating: 0x61, count: 17)
                inside[place] = byte
                let value = try? JSONValue.parse([0x22] + inside + [0x22])
                #expect(value == (byte < 0x20 ? nil : .string(String(decoding: inside, as: UTF8.self))))
            }
        }
    }

    @Test("Nesting up to the limit is taken, one more is refused, and so is a text longer than the limit.")
    func limits() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        func objects(_ depth: Int) -> String {
            String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(try JSONValue.parse(nested(512)).text == nested(512))
        #expect(try JSONValue.parse(objects(512)).text == objects(512))
        for text in [nested(513), objects(513)] {
            let error = refusal { try JSONValue.parse(text) }
            #expect(error?.code == .tooDeep)
            #expect(error?.message == "Document nesting depth (513) exceeds the maximum allowed (512)")
        }
        #expect(throws: Never.self) { try JSONValue.parse("[[]]", limits: JSONLimits(depth: 2)) }
        #expect(refusal { try JSONValue.parse("[[]]", limits: JSONLimits(depth: 1)) }?.code == .tooDeep)
        #expect(refusal { try JSONValue.parse("[]", limits: JSONLimits(depth: 0)) }?.code == .tooDeep)
        #expect(throws: Never.self) { try JSONValue.parse("[1]", limits: JSONLimits(bytes: 3)) }
        let long = refusal { try JSONValue.parse("[1] ", limits: JSONLimits(bytes: 3)) }
        #expect(long?.code == .tooLarge)
        #expect(long?.message == "Text of 4 bytes is longer than the maximum of 3")
    }

    @Test("A million opening brackets fail at the limit and not at the end.")
    func manyBrackets() {
        let error = refusal { try JSONValue.parse([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == 512)
    }

    @Test(
        "Deep, then wrong: everything read so far is let go of.",
        arguments: ["[[\"a\",{\"b\":[\"c\"],", "{\"a\":[{\"b\":\"c\"},"])
    func abandoned(text: String) {
        let long = String(repeating: "long enough to be on the heap ", count: 4)
        let source = text.replacing("c", with: long)
        for end in 1...source.utf8.count {
            #expect(refusal { try JSONValue.parse(Array(source.utf8.prefix(end))) } != nil)
        }
    }

    @Test("An error says in one line what and where.")
    func description() {
        let error = refusal { try JSONValue.parse("[1,\n2,]") }
        #expect(
            error.map { "\($0)" }
                == "Unexpected character (']' (code 93)): expected a valid value \(Self.values) at line 2, column 4")
        #expect(error?.offset == 6)
    }

    private func refusal(_ parse: () throws -> JSONValue) -> JSONError? {
        do {
            _ = try parse()
            return nil
        } catch {
            return error as? JSONError
        }
    }
}
