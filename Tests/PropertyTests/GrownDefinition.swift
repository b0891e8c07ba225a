// Definitions grown from the grammar of the language, and the tasks that go with them.

import Expressions
import JSON

/// A definition that always ends, over an input of a shape that every state keeps: `n` a number, `s` a text, `list` an
/// array of numbers.
struct GrownDefinition {
    private var chance: Chance
    private var names = 0
    /// Variables that the states being made can see; the last one may be assigned anew.
    private var variables: [String] = []

    static func make(seed: UInt64) -> (definition: JSONValue, input: JSONValue) {
        var grown = GrownDefinition(chance: Chance(seed: seed &* 0x9E37_79B9_7F4A_7C15))
        let definition = grown.graph(depth: 0)
        let list = (0..<grown.below(4)).map { _ in JSONValue.int(grown.below(10)) }
        return (.object(definition), ["n": .int(grown.below(5)), "s": "text", "list": .array(list)])
    }

    private mutating func below(_ bound: Int) -> Int { chance.number(below: bound) }
    private mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
    private mutating func pick(_ choices: [JSONValue]) -> JSONValue { choices[below(choices.count)] }

    private mutating func name() -> String {
        names += 1
        return "S\(names)"
    }

    // MARK: - Graphs

    private mutating func graph(depth: Int) -> JSONObject {
        let outside = variables
        defer { variables = outside }
        let count = 2 + below(depth == 0 ? 5 : 3)
        let order = (0..<count).map { _ in name() }
        var states = JSONObject()
        for (place, name) in order.enumerated() {
            let later = Array(order[(place + 1)...])
            var state = place == 0 ? first() : self.state(name, later: later, depth: depth)
            if place == 0 || state["Type"] == "Pass" || ["Wait", "Task", "Parallel", "Map"].contains(state["Type"]) {
                if let next = later.first { state["Next"] = .string(next) } else { state["End"] = true }
            }
            states[name] = .object(state)
            if let loop = loops[name] {
                for (name, state) in loop { states[name] = .object(state) }
            }
        }
        return ["StartAt": .string(order[0]), "States": .object(states)]
    }

    /// Extra states of loops, by the name of the Choice that begins them.
    private var loops: [String: [(String, JSONObject)]] = [:]

    private init(chance: Chance) { self.chance = chance }

    /// Every graph begins with a variable of its own, so that all behind may rely on it.
    private mutating func first() -> JSONObject {
        names += 1
        let variable = "g\(names)"
        variables.append(variable)
        return ["Type": "Pass", "Assign": ["\(variable).$": pick(["$.n", "$.s", "$.list", "States.Array($.n, 'x')"])]]
    }

    private mutating func state(_ name: String, later: [String], depth: Int) -> JSONObject {
        switch below(depth < 2 ? 17 : 12) {
        case 0...2: return pass()
        case 3: return ["Type": "Wait", "Seconds": .int(below(20))]
        case 4 where later.isEmpty: return ["Type": "Succeed"]
        case 5 where later.isEmpty: return fail()
        case 6...7 where !later.isEmpty: return choice(name, later)
        case 8 where !later.isEmpty: return loop(name, later[0])
        case 12...14: return handled(parallel(depth), later)
        case 15...16: return handled(map(depth), later)
        default: return handled(task(), later)
        }
    }

    // MARK: - States

    private mutating func pass() -> JSONObject {
        var state: JSONObject = ["Type": "Pass"]
        switch below(4) {
        case 0:
            state["Parameters"] = [
                "n.$": pick(["$.n", "States.MathAdd($.n, 1)", "States.ArrayLength($.list)"]),
                "s.$": pick(["$.s", "States.Format('{}-{}', $.n, $$.State.Name)", "$$.State.Name"]),
                "list.$": pick(["$.list", "States.ArrayRange(0, 3, 1)", "$.list[0:2]", "States.ArrayUnique($.list)"]),
                "kept": ["deep.$": "$.s", "plain": [1, ["x.$": "$.n"]]],
            ]
        case 1:
            state["Result"] = ["static": true, "a.$": "$.n"]
            state["ResultPath"] = pick(["$.result", "$.a.b", .null])
        case 2:
            state["InputPath"] = pick(["$.list", "$.s", "$", "$$.State.Name"])
            state["ResultPath"] = "$.picked"
        default:
            if let variable = variables.last {
                state["Parameters"] = ["v.$": .string("$" + variable), "outer.$": .string("$" + variables[0])]
                state["ResultPath"] = "$.seen"
            }
        }
        if oneIn(3), let variable = variables.last {
            state["Assign"] = ["\(variable).$": pick(["$", "States.JsonToString($)", "$$.State.Name"])]
        }
        return state
    }

    private mutating func fail() -> JSONObject {
        switch below(3) {
        case 0: ["Type": "Fail", "Error": "E1", "Cause": "planned"]
        case 1: ["Type": "Fail", "ErrorPath": "$.s", "CausePath": "States.Format('n is {}', $.n)"]
        default: ["Type": "Fail"]
        }
    }

    private mutating func comparison() -> JSONValue {
        pick([
            ["Variable": "$.n", "NumericLessThan": .int(below(6))], ["Variable": "$.n", "NumericEqualsPath": "$.n"],
            ["Variable": "$.s", "StringMatches": "te*"], ["Variable": "$.nope", "IsPresent": true],
            ["Variable": "$.s", "IsString": false], ["Variable": "$.n", "IsNumeric": true],
            ["Variable": "$.list", "IsNull": false], ["Variable": "$.s", "StringGreaterThan": "t"],
            ["Variable": "$$.State.Name", "StringEquals": "S3"], ["Variable": "$.n", "BooleanEquals": true],
        ])
    }

    private mutating func choice(_ name: String, _ later: [String]) -> JSONObject {
        var rules: [JSONValue] = []
        for _ in 0..<(1 + below(3)) {
            var rule: JSONValue
            switch below(5) {
            case 0: rule = ["And": [comparison(), comparison()]]
            case 1: rule = ["Or": [comparison(), comparison()]]
            case 2: rule = ["Not": comparison()]
            default: rule = comparison()
            }
            guard var members = rule.objectValue else { continue }
            members["Next"] = .string(later[below(later.count)])
            if oneIn(4), let variable = variables.last { members["Assign"] = [variable: "chosen"] }
            rule = .object(members)
            rules.append(rule)
        }
        return ["Type": "Choice", "Choices": .array(rules), "Default": .string(later[0])]
    }

    /// Counts `n` up to a bound.
    private mutating func loop(_ name: String, _ next: String) -> JSONObject {
        let step = self.name()
        loops[name] = [
            (
                step,
                [
                    "Type": "Pass", "Next": .string(name),
                    "Parameters": ["n.$": "States.MathAdd($.n, 2)", "s.$": "$.s", "list.$": "$.list"],
                ]
            )
        ]
        return [
            "Type": "Choice", "Default": .string(next),
            "Choices": [["Variable": "$.n", "NumericLessThan": .int(4 + below(6)), "Next": .string(step)]],
        ]
    }

    private mutating func task() -> JSONObject {
        var state: JSONObject = [
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
            "ResultPath": pick(["$.task", "$.deep.task", .null]),
        ]
        if oneIn(2) {
            state["Parameters"] = ["n.$": "$.n", "who.$": "$$.State.Name", "again.$": "$$.State.RetryCount"]
        }
        if oneIn(3) { state["ResultSelector"] = ["v.$": "$.v", "fixed": 1] }
        if oneIn(3) { state["TimeoutSeconds"] = .int(3 + below(10)) }
        if oneIn(4), let variable = variables.last { state["Assign"] = ["\(variable).$": "$.v"] }
        return state
    }

    private mutating func parallel(_ depth: Int) -> JSONObject {
        let branches = (0..<(1 + below(3))).map { _ in JSONValue.object(graph(depth: depth + 1)) }
        var state: JSONObject = ["Type": "Parallel", "Branches": .array(branches), "ResultPath": "$.parallel"]
        if oneIn(3) { state["Parameters"] = ["n.$": "$.n", "s": "branch", "list.$": "$.list"] }
        if oneIn(3) { state["ResultSelector"] = ["first.$": "$[0]", "all.$": "$[*].n"] }
        return state
    }

    private mutating func map(_ depth: Int) -> JSONObject {
        var state: JSONObject = [
            "Type": "Map", "ItemsPath": "$.list", "ResultPath": "$.map",
            "ItemSelector": [
                "n.$": "$$.Map.Item.Value", "s.$": "States.Format('{}#{}', $.s, $$.Map.Item.Index)", "list.$": "$.list",
            ],
            "ItemProcessor": .object(graph(depth: depth + 1)),
        ]
        if oneIn(2) { state["MaxConcurrency"] = .int(1 + below(3)) }
        if oneIn(4) { state["Retry"] = nil }
        return state
    }

    private mutating func handled(_ state: JSONObject, _ later: [String]) -> JSONObject {
        var state = state
        if oneIn(2) {
            state["Retry"] = .array(
                (0..<(1 + below(2))).map { place in
                    [
                        "ErrorEquals": [place == 0 ? pick(["E1", "E2", "States.Timeout"]) : "States.ALL"],
                        "IntervalSeconds": .int(1 + below(3)), "MaxAttempts": .int(below(3)), "BackoffRate": 2,
                    ]
                })
        }
        if oneIn(2), let next = later.first {
            var catcher: JSONObject = [
                "ErrorEquals": [pick(["States.ALL", "E1", "States.TaskFailed"])], "ResultPath": "$.error",
                "Next": .string(next),
            ]
            if oneIn(3), let variable = variables.last { catcher["Assign"] = ["\(variable).$": "$.Error"] }
            state["Catch"] = [.object(catcher)]
        }
        return state
    }
}

/// How a task ends: a function of the seed, the state, its input and the attempt.
enum ScriptedOutcome {
    case succeeds(JSONValue)
    case fails(error: String, cause: String)
    /// Only its timeout ends it.
    case hangs

    static func of(_ seed: UInt64, _ state: String, _ input: String, attempt: Int, canTimeOut: Bool) -> ScriptedOutcome
    {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed ^ UInt64(attempt) &* 0x9E37_79B9
        for byte in (state + "|" + input).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var chance = Chance(seed: hash)
        switch chance.number(below: 12) {
        case 0...1: return .fails(error: "E1", cause: "cause \(chance.number(below: 100))")
        case 2: return .fails(error: "E2", cause: "")
        case 3 where canTimeOut: return .hangs
        default: return .succeeds(["v": .int(chance.number(below: 100)), "w": ["x"]])
        }
    }
}
