// JSONata as Step Functions has it, and what must not get the better of it.

import Core
import JSON
import Testing

@testable import Expressions

@Suite("JSONata")
struct JSONataTests {
    static func evaluate(
        _ source: String, _ bindings: VariableTable = [:], dialect: JSONata.Dialect = .stepFunctions,
        budget: EvaluationBudget = EvaluationBudget(steps: 100_000_000)
    ) throws(JSONataError) -> JSONataResult {
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 1_700_000_000_123, budget: budget)
        return try JSONata(source, dialect: dialect).evaluate(
            input: nil, bindings: bindings, environment: &environment)
    }

    static func text(_ result: JSONataResult) -> String {
        switch result {
        case .value(let value): value.text
        case .undefined: "undefined"
        case .function: "function"
        }
    }

    @Test(
        "AWS's own functions and renderings.",
        arguments: [
            ("$partition([1..5], 2)", "[[1,2],[3,4],[5]]"), ("$partition([0], 3)", "[[0]]"),
            ("$partition([], 2)", "undefined"), ("$partition([1], 0)", "undefined"),
            ("$range(1, 10, 3)", "[1,4,7,10]"), ("$range(1, 9, 9)", "1"), ("$range(3, 1, -1)", "[3,2,1]"),
            ("$range(1, 3, -1)", "undefined"), ("$range(1, 3)", "undefined"),
            ("$hash('a', 'MD5')", #""0cc175b9c0f1b6a831c399e269772661""#), ("$hash('a')", "undefined"),
            ("$parse('{\"a\":[1,2.50]}')", #"{"a":[1,2.50]}"#), ("$parse('-0')", "0"),
            ("$length($uuid())", "36"), ("$random(7) = $random(7)", "true"), ("$random() < 1", "true"),
            ("$millis()", "1700000000123"), ("$now() = $now()", "true"), ("$string(1e20)", #""100000000000000000000""#),
            ("$string(1e21)", #""1e+21""#), ("9007199254740993 + 1", "9007199254740994"), ("$count(null)", "1"),
            ("$x", "0.0"), ("$x + 1", "1"), ("$states.input.list[0]", "1.50"), ("1 / 3 * 3", "1"),
            ("[$nothing, null]", "[null]"),
            ("function($x){$x}", "function"),
        ])
    func amazon(source: String, expected: String) throws {
        let result = try Self.evaluate(
            source, ["x": try JSONValue.parse("0.0"), "states": ["input": ["list": try JSONValue.parse("[1.50]")]]])
        #expect(Self.text(result) == expected)
    }

    @Test(
        "A transform may put the document and its parts into an object, but not the object itself.",
        arguments: [
            (#"{"a":{"b":1}} ~> |a|{"s": $$}|"#, #"{"a":{"b":1,"s":{"n":2}}}"#),
            (#"{"a":{"b":{"c":1}}} ~> |a|{"s": b}|"#, #"{"a":{"b":{"c":1},"s":{"c":1}}}"#),
            (#"{"a":1} ~> |$|{"s": $}|"#, "U1004"), (#"{"a":{"b":1}} ~> |*|{"s": [[$]]}|"#, "U1004"),
            (#"{"a":[{"b":1},{"b":2}]} ~> |a|{"s": {"t": $}}|"#, "U1004"),
            (#"{"a":{"b":{"c":1}}} ~> |a#$i.b|{"p": $}|"#, "U1004"), (#"{"a":1} ~> |[$, $]|{"s": $}|"#, "U1004"),
            (#"{"a":{"n":1}} ~> |[a, a]|{"n": n + 1}|"#, #"{"a":{"n":3}}"#),
            (#"{"a":{"b":{"c":1}}} ~> |[a.b, a]|{"c": 2, "t": b.c}|"#, #"{"a":{"b":{"c":2},"c":2,"t":2}}"#),
            (
                #"{"a":{"b":{"c":1}}} ~> |[a, a.b]|{"s": b, "d": 1}|"#,
                #"{"a":{"b":{"c":1,"d":1},"s":{"c":1,"d":1},"d":1}}"#
            ),
            (#"{"a":{"b":1}} ~> |a|{"x": "b"}, x|"#, #"{"a":{"x":"b"}}"#),
            (#"{"a":{"b":1,"c":2}} ~> |a|{"b": 3}, ["b", "c", "d"]|"#, #"{"a":{}}"#),
            (#"{"a":[{"n":1},{"n":2}]} ~> |**[$exists(n)]|{"n": n * 10}|"#, #"{"a":[{"n":10},{"n":20}]}"#),
            (#"{"a":{"n":1}} ~> |a|{"f": function(){n}}| ~> |a|{"m": f()}, "f"|"#, #"{"a":{"n":1,"m":1}}"#),
            (#"($o := {"a":{"n":1}}; [{} ~> |$o.a|{"n": 2}|, $o.a.n])"#, "[{},1]"),
            (
                #"""
                ($nest := function($n, $v) {
                    $n = 0 ? $v : ($o := {"i": {}}; {} ~> |$o.i|{"x": $v}|; $nest($n - 1, $o))
                }; $nest(4000, {}))
                """#, #"{"i":{}}"#
            ),
            (#"($p := [1..4000].{"i": $}; $count(({"l": $p} ~> |$p|($i := i; {"n": $p[$i]})|).l))"#, "4000"),
            (#"{"l": [1..4000].{"i": $}} ~> |l|[$last := $z, $z := {"w": $}, {"x": $last}][2]|"#, "U1004"),
        ])
    func transforms(source: String, expected: String) throws {
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 0)
        do throws(JSONataError) {
            let expression = try JSONata(source, dialect: .reference)
            let result = try expression.evaluate(input: ["n": 2], bindings: [:], environment: &environment)
            #expect(Self.text(result) == expected)
        } catch { #expect(error.code == expected) }
    }

    @Test("Expressions whose trees were dropped for others are evaluated all the same.")
    func treeCache() throws {
        let cache = JSONataTreeCache(maximumParts: 20)
        var expressions = try (0..<10).map { number in
            JSONata(compiled: try CompiledJSONata("$x + \(number) * 2", .reference, cache: cache))
        }
        for _ in 0..<2 {
            for (number, expression) in expressions.enumerated() {
                var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 0)
                let result = try expression.evaluate(input: nil, bindings: ["x": 1], environment: &environment)
                #expect(Self.text(result) == "\(1 + 2 * number)")
                #expect(cache.parts > 0 && cache.parts <= 20)
            }
        }
        expressions = []
        #expect(cache.parts == 0)
    }

    @Test("An expression has a bound of operands and operators.")
    func parts() throws {
        let maximum = Limits.Evaluation.JSONata.maximumParts
        let error = #expect(throws: JSONataError.self) {
            try JSONata("[" + String(repeating: "1,", count: maximum) + "1]")
        }
        #expect(error?.code == "S0500")
    }

    @Test(
        "Strings and names are the same by their code units, not by what they look like.",
        arguments: [
            ("$a = $b", "false"), ("$a != $b", "true"), ("$a = $a", "true"), ("$a in [$b]", "false"),
            ("$count($distinct([$a, $b, $a]))", "2"), ("$contains($a, $b)", "false"),
            ("$count($keys({$a: 1, $b: 2}))", "2"), ("$lookup({$a: 1, $b: 2}, $b)", "2"),
            ("$count($keys([{$a: 1}, {$b: 2}, {$a: 3}]))", "2"), ("$count($keys($merge([{$a: 1}, {$b: 2}])))", "2"),
            ("$count($keys([{'k': $a}, {'k': $b}]{k: 1}))", "2"), ("$split($a, $b)[0] = $a", "true"),
            ("$exists($lookup({$a: 1}, $b))", "false"),
            ("$count($keys($merge([[1..20].{$string(): 1}, {$a: 1}, {$b: 2}])))", "22"),
        ])
    func codeUnits(source: String, expected: String) throws {
        let names: VariableTable = ["a": "\u{E9}", "b": "e\u{301}"]
        #expect(Self.text(try Self.evaluate(source, names, dialect: .reference)) == expected)
    }

    @Test("A picture in the text of an expression says what one says that is made at the evaluation.")
    func pictures() {
        let pictures = [
            "0", "000", "#,##0", "A", "i", "W", "Ww", "w;o", "[Y]-[M01]", "[MNn] [D1o]", "[H01]", "[", "%", "0.0", "",
            "\u{E9}", "e\u{301}", "1;2;3",
        ]
        let calls = [
            "$formatInteger(1234, $it)", "$parseInteger('12', $it)", "$formatNumber(1234.5, $it)",
            "1e3 ~> $formatNumber($it)",
            "$formatNumber(1234.5, $it, {'decimal-separator': ','})", "$fromMillis(0, $it)", "$toMillis('12', $it)",
            "$fromMillis(0, '[h]', $it)", "($formatInteger := function($n, $q){$q}; $formatInteger(1, $it))",
        ]
        func outcome(_ source: String) -> String {
            do throws(JSONataError) { return Self.text(try Self.evaluate(source)) } catch { return error.code }
        }
        for picture in pictures {
            for call in calls {
                let literal = call.replacing("$it", with: "'\(picture)'")
                #expect(outcome(literal) == outcome("($it := '\(picture)'; \(call))"), "\(literal)")
            }
        }
    }

    @Test(
        "What AWS's dialect does not have is an error with the reference's code.",
        arguments: [
            ("$eval('1')", "T1006"), ("1 ?: 2", "S0201"), ("1 ?? 2", "S0201"), ("$parse('')", "D3030"),
            ("$error('stop')", "D3137"), ("1 + 'a'", "T2002"), ("$hash('a', 'CRC')", "D3137"),
        ])
    func refusals(source: String, code: String) {
        do throws(JSONataError) {
            Issue.record("\(source) gives \(Self.text(try Self.evaluate(source)))")
        } catch { #expect(error.code == code || code == "S0201" && error.code.hasPrefix("S")) }
    }

    @Test(
        "Hostile expressions end by a bound.",
        arguments: [
            "( $f := function($n){ $n + $f($n + 1) }; $f(0) )", "( $f := function(){ $f() }; $f() )", "[1..100000000]",
            "[1..5000000]", "( $d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $d('aaaaaaaa', 40) )",
            "$map([1..800000], function($x){ [1..1000] })", "$pad('', 2000000000)",
            "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /(a+)+$/)", "$replace($pad('a', 100000), /a*b/, '')",
            "$reduce([1..100000], function($a, $b){ $a & 'xxxxxxxxxxxxxxxxxxxx' })",
            "( $f := function($x){ [$x, $x] }; $g := function($x, $n){ $n = 0 ? $x : $g($f($x), $n - 1) }; $string($g([1], 60)) )",
            "$formatNumber(1, '" + String(repeating: "#", count: 300_000) + "')",
        ])
    func hostile(source: String) throws {
        let budget = EvaluationBudget(steps: 300_000)
        do throws(JSONataError) {
            let result = try Self.evaluate(source, budget: budget)
            #expect(Self.text(result).utf8.count < 10_000_000)
        } catch { #expect(["U1001", "U1003", "U1004", "D2014", "D1004", "D3082"].contains(error.code), "\(error)") }
    }

    @Test(
        "What nests deeper and deeper ends by a bound, before its release is too much for the stack.",
        arguments: [
            "( $d := function($a) { $d([[$a]]) }; $d(1) )", "( $d := function($a) { $d({'a': $a, 'b': $a}) }; $d(1) )",
            "( $d := function($f) { $d(function() { $f }) }; $d(1) )",
            "( $d := function($f) { $d($f ~> $f) }; $d($string) )",
            "( $d := function($f) { $d(function($x, $y) { $f }(?, 1)) }; $d(1) )",
            "( $d := function($n) { ($g := function() { $g }; $d($n + 1)) }; $d(1) )",
            "( $d := function($n) { ($o := {'a': 1} ~> |$|{'f': function() { 1 }}|; $d($o)) }; $d(1) )",
            "( $d := function($a) { $d($map([$a, $a], function($x) { [$x, 1] })) }; $d(1) )",
            "$reduce([1..100000], function($a, $b) { [[$a]] })", "$reduce([1..100000].[$], $zip)",
            "(" + String(repeating: "$x := [[$x]]; ", count: 5_000) + "$x)",
            "( $d := function($a, $n) { $n = 0 ? $a : $d([[$a]], $n - 1) }; $d([], 20000) )",
        ])
    func nesting(source: String) throws {
        let budget = EvaluationBudget(steps: 3_000_000)
        #expect(throws: JSONataError.self) { try Self.evaluate(source, budget: budget) }
    }

    @Test(
        "A match is found wherever in a text it begins.",
        arguments: [
            (#"$match($pad('', -200, 'é') & 'a1', /a\d/).index"#, "200"),
            ("$match($pad('', -200, 'é') & 'a', /é(?=a)/).index", "199"),
            ("$match($pad('', -63) & 'ab', /ab/).index", "63"), ("$match($pad('', -64) & 'ab', /ab/).index", "64"),
            ("$count($match($pad('', 1000, 'ab'), /ab/))", "500"),
            ("$match('x' & $pad('', 200) & 'x', /x$/).index", "201"),
            (#"$match($pad('', 200) & "\nx", /^x/m).index"#, "201"),
            ("$match($pad('', 200) & 'x', /^x/)", "undefined"),
            (#"$match($pad('', 100, "a\n") & 'b', /.*b/).index"#, "100"),
            (#"$match("a\nb\nab", /.*?b$/m)[0].index"#, "2"),
            ("$length($match($pad('', 3000, 'a') & '!', /.*?!/).match)", "3001"),
            ("$length($match('<' & $pad('', 9000, 'a') & '>', /<(a|b)*>/).match)", "9002"),
            (#"$replace($pad('', 500, 'a.'), /\./, '-') = $pad('', 500, 'a-')"#, "true"),
            ("$match($pad('', 70) & 'abab' & $pad('', 70) & 'abc', /(ab)+c/).index", "144"),
        ])
    func matches(source: String, expected: String) throws {
        #expect(Self.text(try Self.evaluate(source)) == expected)
    }

    @Test("An expression that nests too deep is refused when it is read.")
    func deepSource() {
        for source in [
            String(repeating: "(", count: 100_000), String(repeating: "[", count: 100_000),
            String(repeating: "-", count: 100_000) + "1", String(repeating: "$f(", count: 100_000),
            "1" + String(repeating: " + (1", count: 100_000), "1" + String(repeating: " + 1", count: 200_000),
            "a" + String(repeating: ".a", count: 200_000), "a" + String(repeating: "[0]", count: 200_000),
            "1" + String(repeating: " ? 1 : 1", count: 100_000), "$x" + String(repeating: " := 1", count: 10),
        ] {
            #expect(throws: JSONataError.self) { try JSONata(source) }
        }
    }

    @Test("The depth of AWS's evaluator has AWS's words.")
    func depth() {
        do throws(JSONataError) {
            _ = try Self.evaluate("( $f := function($n){ $n + $f($n + 1) }; $f(0) )")
            Issue.record("no end")
        } catch { #expect(error.message.hasSuffix("Depth=101 max=100")) }
    }

    @Test("What an expression refers to is known without evaluating it.")
    func references() throws {
        let expression = try JSONata(
            "( $y := $x; $states.input.a[b > $z].c & $states.context.Execution.Id & $map($l, function($i){$i}) )",
            dialect: .stepFunctions)
        #expect(expression.freeVariables == ["x", "z", "l", "states"])
        #expect(expression.statesMembers == ["input", "context"])
        #expect(expression.unsupportedReferences == [])
        #expect(try JSONata("$states", dialect: .stepFunctions).statesMembers == nil)
        let top = try JSONata("phone & $.a & $$ & items[phone]", dialect: .stepFunctions)
        #expect(top.unsupportedReferences == ["phone", "$", "$$", "items"])
    }

    @Test("A recursive function lets go of its variables when the evaluation is over.")
    func release() throws {
        // A cycle of frame and function would keep every one of these arrays.
        for _ in 0..<2_000 {
            _ = try Self.evaluate("( $big := [1..1000]; $f := function($n){ $n = 0 ? $big[0] : $f($n - 1) }; $f(3) )")
        }
    }
}
