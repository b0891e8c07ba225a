// What JSONata gives on AWS where the reference gives something else, from public reports measured there.

import Expressions
import JSON
import Testing

@Suite("JSONata on AWS")
struct JSONataOnAWSTests {
    private func result(_ source: String) throws(JSONataError) -> JSONataResult {
        var environment = JSONataEnvironment(
            chance: Chance(seed: 7), time: 0, budget: EvaluationBudget(steps: 2_000_000))
        return try JSONata(source, dialect: .stepFunctions).evaluate(
            input: nil, bindings: [:], environment: &environment)
    }

    private func sentence(_ source: String) -> String? {
        do throws(JSONataError) {
            _ = try result(source)
            return nil
        } catch { return error.sentence }
    }

    @Test(
        "Values are those that AWS gives.",
        arguments: [
            // The first number of java.util.Random.
            ("$random(42)", "0.7275636800328681"), ("$random(0)", "0.730967787376657"),
            ("$random(42.9)", "0.7275636800328681"), ("$random(-1) = $random(-1.5)", "true"),
            ("$random(1e300) = $random(9223372036854775807)", "true"),
            // Whole numbers in full below 1e21, with the shortest digits that read back as the same double.
            ("$string(9223372036854775808)", #""9223372036854776000""#),
            ("$string(999999999999999868928)", #""999999999999999900000""#),
            ("$string(1e20)", #""100000000000000000000""#), ("$string(1e21)", #""1e+21""#),
            ("$string(-1e21)", #""-1e+21""#), ("$string(9223372036854775807)", #""9223372036854775807""#),
            ("$string($power(2, 62))", #""4611686018427388000""#), ("$string(0.1 + 0.2)", #""0.3""#),
            ("$string(-0)", #""0""#), ("$string(1e15 + 0.5)", #""1000000000000000""#),
            ("$string({'n': -9223372036854775809})", #""{\"n\":-9223372036854776000}""#),
            // A number that JSON does not have is its name.
            ("1e308 * 10", #""Infinity""#), ("-1e308 * 10", #""-Infinity""#), ("1e308 + 1e308", #""Infinity""#),
            ("-1e308 - 1e308", #""-Infinity""#), ("10 % 0", #""NaN""#), ("1 / 0", #""Infinity""#),
            ("[1e308 * 10]", #"["Infinity"]"#), ("{'k': 1e308 + 1e308}", #"{"k":"Infinity"}"#),
            ("0.5 % 0", #""NaN""#), ("$parseInteger('xyz', '000')", #""NaN""#), ("1e308 * 10 > 1", "true"),
            // Base64 as Java's decoder reads it.
            (#"$base64decode("YQ==")"#, #""a""#), (#"$base64decode("YQ")"#, #""a""#), (#"$base64decode("")"#, #""""#),
        ])
    func values(_ source: String, _ expected: String) throws {
        guard case .value(let value) = try result(source) else {
            Issue.record("\(source) has no value")
            return
        }
        #expect(value.text == expected, "\(source)")
    }

    @Test(
        "Errors have the reference's texts with every value as JSON.",
        arguments: [
            (#"$sum(["a"])"#, #"T0412: Argument 1 of function "sum" must be an array of "numbers""#),
            (
                #"$toMillis("foo")"#,
                #"D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "foo""#
            ),
            (
                "$formatBase(1, 99)",
                "D3100: The radix of the formatBase function must be between 2 and 36.  It was given 99"
            ),
            (#"$number("x")"#, #"D3030: Unable to cast value to a number: "x""#),
            (
                #"$fromMillis(0, "[q]")"#,
                #"D3132: Unknown component specifier "q" in date/time picture string"#
            ),
            (
                #"$fromMillis(0, "[YN]")"#,
                #"D3133: The 'name' modifier can only be applied to months and days in the date/time picture string, "#
                    + #"not "Y""#
            ),
            (#"$eval("1")"#, "T1006: Attempted to invoke a non-function"),
            (#""a" - 1"#, #"T2001: The left side of the "-" operator must evaluate to a number"#),
        ])
    func texts(_ source: String, _ expected: String) {
        #expect(sentence(source) == "threw an error during evaluation. \(expected)")
    }

    @Test(
        "A text that is no expression has the reference's text with every value as JSON.",
        arguments: [
            ("1 ! 2", #"Unknown operator: "!""#), ("1 2", "Syntax error: 2"), (#"1 "a""#, #"Syntax error: "a""#),
            ("1 a", #"Syntax error: "a""#), ("1 true", "Syntax error: true"), ("a[1,2)", #"Expected "]", got ",""#),
            ("[1 2]", #"Expected "]", got 2"#),
            ("a@1", #"The right side of "@" must be a variable name (start with $)"#),
            (#""\q""#, #"Unsupported escape sequence: \"q""#), ("1e999", #"Number out of range: "1e999""#),
        ])
    func syntax(_ source: String, _ expected: String) {
        let error = #expect(throws: JSONataError.self) { try JSONata(source, dialect: .stepFunctions) }
        #expect(error?.message == expected)
    }

    @Test(
        "A bound that the evaluation meets has a text without a code.",
        arguments: [
            (
                Array(repeating: "1", count: 200).joined(separator: "+"),
                "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as "
                    + "tail-recursive. Depth=101 max=100"
            ),
            ("($f := function($x) { $f($x + 1) }; $f(1))", "Expression evaluation timeout: Check for infinite loop"),
            (
                "[1..900000] ~> $count()",
                "Expression evaluation memory limit exceeded: Check for excessive memory usage"
            ),
            (
                "($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', 23)))",
                "Expression evaluation memory limit exceeded: Check for excessive memory usage"
            ),
        ])
    func bounds(_ source: String, _ expected: String) {
        #expect(sentence(source) == "threw an error during evaluation: \(expected)")
    }

    @Test(
        "What Java refuses is an internal error with an id of its own.",
        arguments: [
            #"$base64decode("!!!")"#, #"$base64decode("Y")"#, #"$base64decode("YQ=")"#, #"$base64decode("YQ==\n")"#,
            #"$base64decode("YQ==YQ==")"#, #"$base64decode("_-__")"#, "$partition([1,2,3], -1)",
        ])
    func internalErrors(_ source: String) throws {
        let prefix = "threw an internal error during evaluation. "
        let text = try #require(sentence(source))
        #expect(text.hasPrefix(prefix))
        #expect(text.dropFirst(prefix.count).split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    }
}
