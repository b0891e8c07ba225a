// Printing: escapes, the compact and the pretty form, and pieces written by hand.

import JSON
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    @Test(
        "Strings are escaped as Jackson does it.",
        arguments: [
            ("", #""""#), ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#),
            ("\u{0}\u{1}\u{1F}\u{B}", #""\u0000\u0001\u001F\u000B""#), ("\u{7F}ü€😀\u{2028}", "\"\u{7F}ü€😀\u{2028}\""),
            ("12345678\"", #""12345678\"""#), ("1234567\n12345678\\12", #""1234567\n12345678\\12""#),
        ])
    func escapes(text: String, printed: String) throws {
        #expect(JSONValue.string(text).text == printed)
        #expect(try JSONValue.parse(printed) == .string(text))
    }

    @Test("Every character in every place of a word is found and escaped.")
    func everyPlace() throws {
        for code in UInt8(0)...0x7F {
            for place in 0..<17 {
                var bytes = [UInt8](repeating: 0x61, count: 17)
                bytes[place] = code
                let value = JSONValue.string(String(decoding: bytes, as: UTF8.self))
                let printed = value.bytes
                #expect(try JSONValue.parse(printed) == value)
                #expect((printed.count == 19) == (code >= 0x20 && code != 0x22 && code != 0x5C))
            }
        }
    }

    @Test("The pretty form has a member a line and nothing inside empty ones.")
    func pretty() throws {
        let value = try JSONValue.parse(#"{"a":[1,{"b":"x"}],"c":{},"d":[],"e":null}"#)
        #expect(
            value.prettyText == """
                {
                  "a": [
                    1,
                    {
                      "b": "x"
                    }
                  ],
                  "c": {},
                  "d": [],
                  "e": null
                }
                """)
        #expect(try JSONValue.parse(value.prettyText) == value)
        #expect(JSONValue.string("x").prettyText == #""x""#)
    }

    @Test("Values and raw pieces go into one buffer, which can be used again.")
    func pieces() {
        var writer = JSONWriter(capacity: 1)
        writer.raw("{\"a\":")
        writer.write([1, "two", true, nil])
        writer.byte(UInt8(ascii: ","))
        writer.string(String(repeating: "x", count: 1000))
        #expect(writer.text == #"{"a":[1,"two",true,null],"# + "\"" + String(repeating: "x", count: 1000) + "\"")
        #expect(writer.bytes.count == writer.count)
        #expect(writer.withBytes { $0.count } == writer.count)
        writer.removeAll()
        writer.raw("")
        #expect(writer.text.isEmpty)
    }

    @Test("Literals and accessors fit together.")
    func accessors() {
        let value: JSONValue = ["s": "x", "i": 1, "d": 1.5, "b": true, "n": nil, "a": [1, 2], "o": ["k": "v"]]
        #expect(value["s"]?.stringValue == "x")
        #expect(value["i"]?.intValue == 1)
        #expect(value["d"]?.doubleValue == 1.5)
        #expect(value["b"]?.boolValue == true)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?[1] == 2)
        #expect(value["a"]?[2] == nil)
        #expect(value["o"]?["k"] == "v")
        #expect(value["s"]?["k"] == nil)
        #expect(value["s"]?.intValue == nil)
        #expect(value["i"]?.numberValue?.text == "1")
        #expect(
            value.objectValue?.values.map(\.kind) == [
                "string", "number", "number", "boolean", "null", "array", "object",
            ])
        #expect(value["a"]?.arrayValue == [.int(1), .double(2)])
        #expect("\(value["a"] ?? .null)" == "[1,2]")
    }

    @Test(
        "Printing within limits gives the text or the limit that it meets.",
        arguments: [
            (#"{"a":[1,2]}"#, 11, 2, nil), (#"{"a":[1,2]}"#, 10, 2, .bytes), (#"{"a":[1,2]}"#, 11, 1, .depth),
            (#"[[],[],{}]"#, 10, 2, nil), ("1", 1, 0, nil), ("[]", 2, 0, .depth),
        ] as [(String, Int, Int, JSONExcess?)])
    func limits(text: String, bytes: Int, depth: Int, excess: JSONExcess?) throws {
        let value = try JSONValue.parse(text)
        do throws(JSONExcess) {
            #expect(try value.text(within: bytes, depth: depth) == text)
            #expect(excess == nil)
        } catch { #expect(error == excess) }
    }

    @Test("A value that repeats itself 2^40 times is found too long without being printed.")
    func explosion() {
        var value: JSONValue = "x"
        for _ in 0..<40 { value = [value, value] }
        #expect(throws: JSONExcess.bytes) { try value.text(within: 1_000, depth: 100) }
        #expect((1_000...1_100).contains(value.text(upTo: 1_000).utf8.count))
        #expect(JSONValue.bool(true).text(upTo: 2) == "true")
    }
}
