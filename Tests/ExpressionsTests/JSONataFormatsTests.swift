// JSONata's pictures of numbers, integers and points in time.

import Core
import JSON
import Testing

@testable import Expressions

@Suite("JSONata's pictures")
struct JSONataFormatsTests {
    /// A call, and its result: a text, a number, the code of an error, or `nil` for nothing.
    struct Case: CustomTestStringConvertible, Sendable {
        var call: JSONataFormatsCall
        var result: Result

        enum Result: Equatable, Sendable {
            case text(String)
            case number(Double)
            case nothing
            case code(String)
        }

        init(_ call: JSONataFormatsCall, _ text: String) { (self.call, result) = (call, .text(text)) }
        init(_ call: JSONataFormatsCall, _ number: Double) { (self.call, result) = (call, .number(number)) }
        init(_ call: JSONataFormatsCall, _ result: Result) { (self.call, self.result) = (call, result) }

        var testDescription: String { "\(call)" }
    }

    @Test("A number is written by its picture.", arguments: JSONataFormatsCases.numbers)
    func numbers(_ item: Case) { #expect(item.call.result(now: 0) == item.result) }

    @Test("A number is written to a base.", arguments: JSONataFormatsCases.bases)
    func bases(_ item: Case) { #expect(item.call.result(now: 0) == item.result) }

    @Test("An integer is written by its picture.", arguments: JSONataFormatsCases.integers)
    func integers(_ item: Case) { #expect(item.call.result(now: 0) == item.result) }

    @Test("An integer is read by its picture.", arguments: JSONataFormatsCases.readIntegers)
    func readIntegers(_ item: Case) { #expect(item.call.result(now: 0) == item.result) }

    @Test("A point in time is written by its picture.", arguments: JSONataFormatsCases.times)
    func times(_ item: Case) { #expect(item.call.result(now: 0) == item.result) }

    @Test("A point in time is read by its picture.", arguments: JSONataFormatsCases.readTimes)
    func readTimes(_ item: Case) {
        // 2018-03-23T10:33:36.617Z
        #expect(item.call.result(now: 1_521_801_216_617) == item.result)
    }

    @Test(
        "A number is written as JavaScript does.",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
            (1.5e21, "1.5e+21"), (1e-6, "0.000001"), (1.25e-6, "0.00000125"), (1e-7, "1e-7"), (-1.5e-7, "-1.5e-7"),
            (1e100, "1e+100"), (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (0.1 + 0.2, "0.30000000000000004"), (123456789012345680, "123456789012345680"), (100, "100"),
            (5890840712243076, "5890840712243076"), (.infinity, "Infinity"), (-.infinity, "-Infinity"), (.nan, "NaN"),
        ] as [(Double, String)])
    func numberText(_ value: Double, _ text: String) { #expect(JSONataFormats.numberText(value) == text) }

    @Test(
        "What is written in words, letters and numerals reads back as the same.",
        arguments: ["w", "Ww;o", "W", "a", "A", "I", "#,##0;o"])
    func roundTrip(picture: String) throws {
        let values: [Double] = [
            1, 9, 10, 11, 19, 20, 26, 27, 52, 99, 100, 101, 110, 111, 112, 113, 121, 676, 702, 703, 999, 1000, 1001,
            1100,
            1999, 3999, 10_000, 12_345, 99_999, 100_000, 1_000_000, 1_000_001, 2_345_678, 9_999_999,
        ]
        for value in values {
            let text = try JSONataFormats.formatInteger(value, picture: picture)
            #expect(try JSONataFormats.parseInteger(text, picture: picture) == value, "\(text)")
        }
        guard picture.lowercased().hasPrefix("w") else { return }
        for value in [1e12, 1e15, 1_234_567_890_123_456, 1_002_000_000_000_003, 1e18, 1e46] {
            let text = try JSONataFormats.formatInteger(value, picture: picture)
            #expect(try JSONataFormats.parseInteger(text, picture: picture) == value, "\(text)")
        }
    }

    @Test(
        "Days are written and read back.",
        arguments: ["[Y]-[M]-[D]", "[Y]/[d]", "[D1o] [MNn], [Yw]"])
    func everyDay(picture: String) throws {
        // From the year 100: to a smaller one JavaScript adds 1900.
        for number in stride(from: -683_000, to: 100_000_000, by: 50_021) {
            let day = Double(number) * 86_400_000
            let text = try #require(try JSONataFormats.fromMillis(day, picture: picture, timezone: nil))
            #expect(try JSONataFormats.toMillis(text, picture: picture, now: 0) == day, "\(text)")
        }
    }

    @Test("Weeks are ISO 8601's in every year.")
    func weeks() throws {
        for year in 1970...2070 {
            // 4 January is always in the first week, 28 December always in the last.
            let january = Double(GregorianCalendar.days(year: year, month: 1, day: 4)) * 86_400_000
            let december = Double(GregorianCalendar.days(year: year, month: 12, day: 28)) * 86_400_000
            #expect(
                try JSONataFormats.fromMillis(january, picture: "[X] [W] [x] [w]", timezone: nil) == "\(year) 1 1 1")
            let text = try #require(try JSONataFormats.fromMillis(december, picture: "[X] [W]", timezone: nil))
            #expect(["\(year) 52", "\(year) 53"].contains(text))
        }
    }

    static let hostile: [JSONataFormatsCall] = {
        let long = { (text: String) in String(repeating: text, count: 40_000 / text.utf8.count) }
        return [
            .formatNumber(1.5, long("0")), .formatNumber(1.5, long("#,")), .formatNumber(1.5, "0." + long("#")),
            .formatNumber(1.5, long("0;")), .formatNumber(1.5, long("%")), .formatNumber(1e300, "0e" + long("0")),
            .formatNumber(1.5, long("a"), ["percent": long("a") + "b"]),
            .formatNumber(.leastNonzeroMagnitude, "0." + long("0")),
            .formatInteger(1e300, long("0")), .formatInteger(1e300, long("#,") + "0"), .formatInteger(1e300, "w"),
            .formatInteger(1e300, "I"), .formatInteger(1e300, "A"), .formatInteger(1, long(",;") + "0"),
            .parseInteger(long("9"), "0"), .parseInteger(long("one hundred "), "w"), .parseInteger(long("M"), "I"),
            .parseInteger(long("Z"), "A"), .parseInteger(long(","), "#,##0"), .parseInteger(long("one "), "w"),
            .fromMillis(0, "[Y,1000000000]"), .fromMillis(0, "[Y,99999999999999999999]"),
            .fromMillis(0, "[Y,1-1000000000]"), .fromMillis(0, "[Y,1000000]" + long("[Y,1000000]")),
            .fromMillis(8.64e15, long("[YI]")), .fromMillis(0, long("[")), .fromMillis(0, long("[Y")),
            .fromMillis(0, long("[Yw]")), .fromMillis(0, long("]")), .fromMillis(0, "[FNn,1-1000000000]"),
            .fromMillis(0, "[Y" + long("#,") + "0]"), .fromMillis(1e300, "[Y]"), .fromMillis(.nan, nil),
            .fromMillis(0, nil, long("1")), .toMillis(long("1"), "[Y]1[M]1[D]1[H]1[m]1[s]x"),
            .toMillis(long("1"), long("[Y]1")), .toMillis(long("1"), "[Y]"),
            .toMillis(long("one "), "[Yw] [Mw] [Dw] x"),
            .toMillis(long("x"), "[Yi] [Mi]"), .toMillis(long("1"), "[Y,1000000000][M]"), .toMillis(long("9"), nil),
            .toMillis("2018-01-01T00:00:00." + long("1"), nil), .toMillis(long("Z"), long("[Z01t]")),
            .toMillis("1 99999999999999999999 1", "[Y] [M] [D]"), .toMillis(long("-"), long("-")),
        ]
    }()

    @Test("No picture makes a text that grows without bound.", arguments: hostile.indices)
    func bounded(index: Int) {
        if case .text(let text) = Self.hostile[index].result(now: 0) {
            #expect(text.utf8.count <= 5 * Limits.Evaluation.JSONata.maximumPictureCharacters)
        }
    }
}
