// Every function, method and operator over the extremes of each type: whatever they give, the process lives.

@testable import Expressions
import JSON
import Testing

@Suite("Extreme arguments")
struct ExtremesTests {
    // MARK: - JSONata

    private static let binaryOperators = [
        "+", "-", "*", "/", "%", "&", "=", "!=", "<", "<=", ">", ">=", "..", "in", "and", "or",
    ]

    private static func run(_ expression: JSONata, _ values: [JSONValue]) throws {
        let names = ["a", "b", "c", "d"]
        var environment = JSONataEnvironment(
            chance: Chance(seed: 1), time: 1_700_000_000_000, budget: EvaluationBudget(steps: 20_000))
        let bindings = VariableTable(JSONObject(Array(zip(names, values))))
        do { _ = try expression.evaluate(input: nil, bindings: bindings, environment: &environment) } catch {
            if error.code.isEmpty { Issue.record("an error without a code: \(error)") }
        }
        if environment.budget.steps < 0 { Issue.record("steps below zero: \(expression.source)") }
    }

    @Test("No operator of JSONata ends the process.", arguments: binaryOperators)
    func operators(_ name: String) throws {
        let expression = try JSONata(name == ".." ? "[$a..$b]" : "$a \(name) $b", dialect: .stepFunctions)
        let all = Extremes.all
        for (index, left) in all.enumerated() {
            for step in 0..<40 { try Self.run(expression, [left, all[(index + step * 3) % all.count]]) }
        }
        let numbers = Extremes.numbers.compactMap { JSONNumber(text: $0) }.map { JSONValue.number($0) }
        for left in numbers { for right in numbers { try Self.run(expression, [left, right]) } }
    }

    @Test("No function of JSONata ends the process.", arguments: JSONataLibrary.names(.stepFunctions).sorted())
    func functions(_ name: String) throws {
        // Values that JSON cannot hold, too.
        let odd = ["(0/0)", "(1/0)", "(-1/0)", "function($x){$x}", "/a/", "$sum"]
        let calls = try (1...4).map { count in
            try JSONata(
                "$\(name)(\(["$a", "$b", "$c", "$d"].prefix(count).joined(separator: ", ")))", dialect: .stepFunctions)
        }
        var oddCalls: [JSONata] = []
        for value in odd {
            for arguments in ["$a, X", "X, $a", "$a, $a, X", "$a, X, X", "$a, $a, $a, X"] {
                let source =
                    "$\(name)(\(arguments.split(separator: "X", omittingEmptySubsequences: false).joined(separator: value)))"
                oddCalls.append(try JSONata(source, dialect: .stepFunctions))
            }
        }
        let all = Extremes.all
        for (index, first) in all.enumerated() {
            try Self.run(calls[0], [first])
            // Of the many that may follow, other ones for each first argument.
            for step in 0..<20 {
                let second = all[(index * 7 + step * 5) % all.count]
                let third = all[(index + step * 11) % all.count]
                try Self.run(calls[1], [first, second])
                try Self.run(calls[2], [first, second, third])
                if step % 4 == 0 { try Self.run(calls[3], [first, second, third, all[(step * 5) % all.count]]) }
            }
            for call in oddCalls { try Self.run(call, [first]) }
        }
    }

    @Test(
        "Functions that read pictures live with every picture and number.",
        arguments: ["formatNumber", "formatInteger", "parseInteger", "fromMillis", "toMillis", "formatBase"])
    func pictures(_ name: String) throws {
        let call = try JSONata("$\(name)($a, $b)", dialect: .stepFunctions)
        let pictures =
            Extremes.texts + [
                "0.#;(0.#)", "#,#,0", "00000000000000000000", "[Y][M][D]", "[H01]:[m01]:[s01].[f001]", "[Z]", "[z]",
                "[FNn], [D1o] [MNn] [Y]", "[YI]", "[Dw]", "[Ya][Ma]", "[D,99-1]", "[Y,0-0]", "[MN,0-0]", "[f,1-9]",
                "0,0,0,0", "0.0.0", "٠", "𐒠", "\u{10FFFF}",
            ]
        for value in Extremes.all { for picture in pictures { try Self.run(call, [value, .string(picture)]) } }
    }

    @Test(
        "At the ends of 64 bits the values are right.",
        arguments: [
            ("(-9223372036854775808) / -1", "9223372036854776000"),
            ("(-9223372036854775808) % -1", "0"),
            ("9223372036854775807 % -1", "0"),
            ("-(-9223372036854775808)", "9223372036854776000"),
            ("$abs(-9223372036854775808)", "9223372036854776000"),
            ("9223372036854775807 + 0", "9223372036854775807"),
            ("[9223372036854775806..9223372036854775807]", "[9223372036854775806,9223372036854775807]"),
            ("$split('a,b', ',', 0/0)", "[\"a\",\"b\"]"),
        ])
    func values(source: String, expected: String) throws {
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 0)
        let result = try JSONata(source, dialect: .stepFunctions).evaluate(
            input: nil, bindings: [:], environment: &environment)
        guard case .value(let value) = result else {
            Issue.record("\(source) has no value")
            return
        }
        #expect(value == (try JSONValue.parse(expected)), "\(source) is \(value)")
    }

    @Test(
        "A range of too many numbers names how many.",
        arguments: [
            ("[0..9223372036854775807]", "9223372036854776000."),
            ("[-9223372036854775808..-1]", "9223372036854776000."),
            ("[-9223372036854775808..9223372036854775807]", "18446744073709552000."),
            ("[0..10000000]", "10000001."),
        ])
    func ranges(source: String, ending: String) throws {
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 0)
        let expression = try JSONata(source, dialect: .stepFunctions)
        #expect {
            try expression.evaluate(input: nil, bindings: [:], environment: &environment)
        } throws: { error in
            let error = error as? JSONataError
            return error?.code == "D2014" && error?.message.hasSuffix(ending) == true
        }
    }

    // MARK: - Intrinsic functions

    @Test("No intrinsic function ends the process.", arguments: IntrinsicFunction.allCases.map(\.rawValue))
    func intrinsics(_ name: String) throws {
        let calls = (0...3).map { count in
            try? Intrinsic("States.\(name)(\(["$a", "$b", "$c"].prefix(count).joined(separator: ", ")))")
        }
        let all = Extremes.all
        var chance = Chance(seed: 1)
        func run(_ call: Intrinsic?, _ values: [JSONValue]) {
            guard let call else { return }
            var budget = EvaluationBudget(steps: 20_000)
            let variables = VariableTable(JSONObject(Array(zip(["a", "b", "c"], values))))
            do {
                _ = try call.evaluate(PathScope(input: nil, variables: variables), chance: &chance, budget: &budget)
            } catch {
                if error.code == .syntax { Issue.record("a syntax error at run time: \(error)") }
            }
        }
        run(calls[0], [])
        for (index, first) in all.enumerated() {
            run(calls[1], [first])
            for step in 0..<30 {
                let second = all[(index * 7 + step * 4) % all.count]
                run(calls[2], [first, second])
                run(calls[3], [first, second, all[(index * 3 + step) % all.count]])
            }
        }
        let numbers = Extremes.numbers.compactMap { JSONNumber(text: $0) }.map { JSONValue.number($0) }
        for first in numbers {
            for (place, second) in numbers.enumerated() {
                run(calls[2], [first, second])
                run(calls[3], [first, numbers[(place * 7) % numbers.count], second])
            }
        }
    }

    // MARK: - Templates

    private static let allMethods = [
        "toString", "equals", "hashCode", "compareTo", "length", "isEmpty", "isBlank", "charAt", "codePointAt",
        "indexOf", "lastIndexOf", "contains", "startsWith", "endsWith", "equalsIgnoreCase", "compareToIgnoreCase",
        "concat", "substring", "subSequence", "replace", "replaceAll", "replaceFirst", "split", "matches",
        "toLowerCase", "toUpperCase", "trim", "strip", "repeat", "format", "valueOf", "getBytes", "toCharArray",
        "intern", "size", "get", "set", "add", "addAll", "remove", "removeAll", "retainAll", "containsAll", "subList",
        "clear", "iterator", "toArray", "hasNext", "next", "put", "putAll", "putIfAbsent", "containsKey",
        "containsValue", "keySet", "values", "entrySet", "getOrDefault", "getKey", "getValue", "intValue", "longValue",
        "shortValue", "byteValue", "doubleValue", "floatValue", "booleanValue", "parseInt", "parseLong", "parseDouble",
        "parseBoolean", "isNaN", "isInfinite", "max", "min", "sum", "toHexString", "toBinaryString", "toOctalString",
        "json", "path", "params", "escapeJavaScript", "parseJson", "urlEncode", "urlDecode", "base64Encode",
        "base64Decode",
    ]

    private static func render(_ template: Template, _ values: [JSONValue]) {
        let body = JSONValue.array(values).text
        do { _ = try template.render(TemplateScope(body: body)) } catch {
            if error.message.isEmpty { Issue.record("an error without words: \(error)") }
        }
    }

    private static func template(_ text: String) throws -> Template {
        let names = ["a", "b", "c"].enumerated().map { "#set($\($1) = $input.path('$[\($0)]'))" }.joined()
        return try Template.parse(names + text)
    }

    @Test("No method of a template ends the process.", arguments: allMethods)
    func methods(_ name: String) throws {
        let calls = try [
            "$a.\(name)()", "$a.\(name)($b)$util.\(name)($b)$input.\(name)($b)", "$a.\(name)($b, $c)",
            "#set($list = ['x', 'y'])$list.\(name)($a)$list.\(name)($a, $b)",
            "#set($map = {'x': 'y'})$map.\(name)($a)$map.\(name)($a, $b)",
        ].map(Self.template)
        // A number as the receiver, the text and the places; the rest by turns.
        let all = Extremes.all
        for (index, first) in all.enumerated() {
            for step in 0..<2 {
                let second = all[(index + step * 29) % all.count]
                let third = all[(index * 5 + step * 7) % all.count]
                for call in calls { Self.render(call, [first, second, third]) }
            }
        }
        let places = Extremes.numbers.compactMap { JSONNumber(text: $0) }.map { JSONValue.number($0) }
        for (index, first) in places.enumerated() {
            for step in 0..<8 { Self.render(calls[2], ["abc", first, places[(index + step * 5) % places.count]]) }
        }
    }

    @Test(
        "No operator, range or loop of a template ends the process.",
        arguments: [
            "#set($x = $a + $b)$x", "#set($x = $a - $b)$x", "#set($x = $a * $b)$x", "#set($x = $a / $b)$x",
            "#set($x = $a % $b)$x", "#if($a < $b)1#end#if($a == $b)2#end", "#foreach($i in [$a..$b])$i#end", "$b[$a]",
            "#set($b[$a] = 1)$b", "#set($l = ['x'])#set($l[$a] = 1)$l", "$l.subList($a, $b)",
        ])
    func templates(_ text: String) throws {
        let template = try Self.template(text)
        let all = Extremes.all
        for (index, first) in all.enumerated() {
            for step in 0..<15 { Self.render(template, [first, all[(index + step * 7) % all.count]]) }
        }
    }

    @Test(
        "Places beyond a text are Java's.",
        arguments: [
            ("$a.indexOf('a', 9223372036854775807)", "-1"), ("$a.indexOf('', 9223372036854775807)", "3"),
            ("$a.indexOf('a', -9223372036854775808)", "0"), ("$a.lastIndexOf('a', -9223372036854775808)", "-1"),
            ("$a.lastIndexOf('a', 9223372036854775807)", "0"), ("$a.lastIndexOf('', 9223372036854775807)", "3"),
            ("$a.startsWith('a', 9223372036854775807)", "false"), ("$a.indexOf('c', 1)", "2"),
            ("$a.lastIndexOf('b', 1)", "1"),
        ])
    func places(text: String, expected: String) throws {
        let output = try Self.template(text).render(TemplateScope(body: "[\"abc\"]"))
        #expect(output.text == expected)
    }

    @Test(
        "A place that a method refuses is an error of the template.",
        arguments: [
            "$a.charAt(9223372036854775807)", "$a.charAt(-9223372036854775808)", "$a.charAt(3)",
            "$a.substring(9223372036854775807)", "$a.substring(0, 9223372036854775807)",
            "$a.substring(-9223372036854775808, 9223372036854775807)", "$a.codePointAt(9223372036854775807)",
            "$a.repeat(9223372036854775807)", "#set($n = 1)$n.parseInt('2147483648')",
            "#foreach($i in [0..-9223372036854775808])$i#end",
        ])
    func refusals(text: String) throws {
        let template = try Self.template(text)
        #expect(throws: TemplateError.self) { try template.render(TemplateScope(body: "[\"abc\"]")) }
    }
}
