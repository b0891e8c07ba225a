// Numbers: their grammar, their values and their order.

import JSON
import Testing

@Suite("JSON numbers")
struct JSONNumberTests {
    @Test(
        "Only JSON's grammar makes a number.",
        arguments: [
            ("0", true), ("-0", true), ("10", true), ("1.50", true), ("1E5", true), ("1e-05", true), ("-1.5e+3", true),
            ("", false), ("01", false), ("+1", false), (".5", false), ("1.", false), ("1e", false), ("-", false),
            ("NaN", false), ("Infinity", false), ("0x1", false), (" 1", false), ("1 ", false), ("1_000", false),
            ("\"1\"", false), ("\u{FEFF}1", false), ("١", false),
        ])
    func grammar(text: String, isNumber: Bool) {
        #expect((JSONNumber(text: text)?.text == text) == isNumber)
    }

    @Test(
        "A whole number that fits 64 bits is an integer, however it is written.",
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("-0e9", 0), ("0e99999999999999999999", 0), ("1.0", 1), ("1e2", 100),
            ("12.50e1", 125), ("100e-2", 1), ("-1.0", -1), ("9007199254740993", 9_007_199_254_740_993),
            ("9007199254740993.0", 9_007_199_254_740_993), ("9223372036854775807", .max),
            ("9.223372036854775807e18", .max), ("-9223372036854775808.000", .min), ("9223372036854775808", nil),
            ("9223372036854775808.0", nil), ("-9.223372036854775809e18", nil), ("1e19", nil), ("1e400", nil),
            ("1.5", nil), ("1e-1", nil), ("0.1e0", nil), ("123456789012345678901234567890", nil),
            ("1e-99999999999999999999", nil), ("1e99999999999999999999", nil),
        ] as [(String, Int?)])
    func integers(text: String, value: Int?) throws {
        #expect(try #require(JSONNumber(text: text)).int == value)
    }

    @Test(
        "The double is the nearest one.",
        arguments: [
            ("0.1", 0.1), ("-2.5e-3", -0.0025), ("1e400", .infinity), ("-1e400", -.infinity), ("1e-400", 0),
            ("9007199254740993", 9_007_199_254_740_992), ("123456789012345678901234567890", 1.2345678901234568e29),
        ])
    func doubles(text: String, value: Double) throws {
        #expect(try #require(JSONNumber(text: text)).double == value)
    }

    /// Each is smaller than the next.
    static let ascending = [
        "-1e99999", "-1e400", "-123456789012345678901234567891", "-123456789012345678901234567890",
        "-9223372036854775808", "-10", "-9.5", "-1", "-0.1", "-1e-400", "0", "1e-401", "1e-400", "0.1",
        "0.10000000000000000000000000001", "0.3", "1", "1.0000000000000000000001", "2", "9", "10", "10.5",
        "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "123456789012345678901234567890", "123456789012345678901234567891", "1.5e30", "1e400", "2e400", "1e401",
        "1e99999",
    ]

    @Test("Order is exact, whatever the number of digits and the size of the exponent.")
    func order() throws {
        let numbers = try Self.ascending.map { try #require(JSONNumber(text: $0)) }
        for (i, left) in numbers.enumerated() {
            for (j, right) in numbers.enumerated() {
                #expect((left < right) == (i < j), "\(left.text) < \(right.text)")
                #expect((left == right) == (i == j), "\(left.text) == \(right.text)")
            }
        }
    }

    @Test(
        "Equality is that of values.",
        arguments: [
            ("1", "1.0", true), ("1", "1e0", true), ("100", "1E+2", true), ("0.001", "1e-3", true), ("0", "-0.0", true),
            ("0", "0e5", true), ("1.50", "15e-1", true), ("-1", "1", false), ("1e400", "10e399", true),
            ("1e400", "1e401", false), ("123456789012345678901234567890", "123456789012345678901234567891", false),
            ("123456789012345678901234567890", "1.2345678901234567890123456789e29", true),
            ("0.1", "0.10000000000000001", false),
        ])
    func equality(left: String, right: String, same: Bool) throws {
        let left = try #require(JSONNumber(text: left))
        let right = try #require(JSONNumber(text: right))
        #expect((left == right) == same)
        #expect((right == left) == same)
    }

    @Test(
        "A double prints the shortest text that reads back, whole ones without a fraction.",
        arguments: [
            (0, "0"), (1, "1"), (-3, "-3"), (0.1, "0.1"), (1.5, "1.5"), (1e15, "1000000000000000"),
            (9_007_199_254_740_991, "9007199254740991"),
            (1e21, "1e+21"), (1e-7, "1e-07"), (.leastNonzeroMagnitude, "5e-324"),
        ])
    func fromDouble(value: Double, text: String) throws {
        #expect(JSONNumber(value).text == text)
        #expect(try JSONValue.parse(text).doubleValue == value)
    }

    @Test("A number of 100,000 digits is read, compared and printed.")
    func longNumber() throws {
        let text = "1" + String(repeating: "0", count: 99_999)
        let number = try #require(JSONNumber(text: text))
        let other = try #require(JSONNumber(text: text.dropLast() + "1"))
        #expect(number.text == text)
        #expect(number < other)
        #expect(number.int == nil)
        #expect(number.double == .infinity)
        #expect(number == JSONNumber(text: "1e99999"))
    }

    @Test("Digits alone are an integer's text.")
    func integerText() throws {
        #expect(try #require(JSONNumber(text: "-12")).isIntegerText)
        #expect(try !#require(JSONNumber(text: "1.0")).isIntegerText)
        #expect(try !#require(JSONNumber(text: "1e1")).isIntegerText)
    }
}
