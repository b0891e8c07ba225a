// What the parser takes, refuses and keeps.

import JSON
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "accepted texts print as written, less their white space",
        arguments: [
            "null", "true", "false", "0", "-0", "0.0", "1e400", "-12.50E+3", "123456789012345678901234567890",
            #""""#, #""a\"b\\c\n\u0000\u001F""#, "\"ü€😀\"", "[]", "{}", #"{"b":1,"a":[1,{"c":null}]}"#,
        ])
    func roundTrip(text: String) throws {
        #expect(try JSONValue.parse(" \t\r\n" + text + "\n").text == text)
    }
}
