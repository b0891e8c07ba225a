// The values that break arithmetic: the ends of every number type, and the sizes and shapes at the edge of what a
// payload may hold.

import Foundation
import JSON

enum Extremes {
    /// Numbers as JSON writes them.
    static let numbers = [
        "0", "-0", "1", "-1", "2", "0.5", "-0.5", "1.5", "5e-324", "1e308", "-1e308", "1e400", "-1e400",
        "127", "128", "-129", "255", "256", "32767", "32768", "65535", "65536",
        "2147483646", "2147483647", "2147483648", "-2147483647", "-2147483648", "-2147483649",
        "4294967294", "4294967295", "4294967296",
        "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993",
        "9223372036854775806", "9223372036854775807", "9223372036854775808",
        "-9223372036854775807", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551614", "18446744073709551615", "18446744073709551616",
        "170141183460469231731687303715884105727", "170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105728",
    ]

    static let texts = [
        "", " ", "a", "abc", "-", "%", "%41", "%zz", "\\", "$", "$0", "$1", "{}", "'", "\"", "\u{0}", "é", "日本", "😀",
        "e\u{301}", "\u{FFFD}", "1", "-1", "1e400", "0x", "0xffffffffffffffffff", "NaN", "9223372036854775808", "[0-9]",
        "(", "#,##0.00", "[Y0001]-[M01]-[D01]", "[Y,*-9999999999]", "[Y,999999]", "W", "Ww;o", "I", "A", "a;o",
        "#0.0e0",
        "2024-02-30T25:61:61Z", "+99999", "-9999999", "MD5", "$.a[9223372036854775807]", "$.a[-9223372036854775808:]",
    ]

    static let shapes: [JSONValue] = [
        .null, true, false, [], [[]], [[[[]]]], [nil, nil], [:], ["a": nil], ["a": ["a": ["a": [:]]]], ["": ""],
        [1, "a", nil, true, [], [:]], ["a", "b"], [3, 1, 2], [["a": 1], ["a": 2]],
    ]

    /// All of them.
    static var all: [JSONValue] {
        numbers.compactMap { JSONNumber(text: $0) }.map { .number($0) } + texts.map { .string($0) } + shapes
    }

    /// Whether every combination is run: `NEWEL_EXTREMES=all`. Otherwise one of sixteen is.
    static let runsAll = ProcessInfo.processInfo.environment["NEWEL_EXTREMES"] == "all"

    /// What the value at `index` of `all` is combined with. Each value is part of some combination.
    static func partners(of index: Int) -> [JSONValue] {
        if runsAll { return all }
        return all.enumerated().filter { ($0.offset + index) % 16 == 0 }.map(\.element)
    }
}
