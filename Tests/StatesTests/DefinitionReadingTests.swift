// What a definition becomes in the model.

import Core
import Integrations
import Expressions
import JSON
import States
import Testing

@Suite("Reading a definition")
struct DefinitionReadingTests {
    private func machine(_ states: JSONValue, startAt: String) throws -> StateMachine {
        let definition: JSONValue = ["StartAt": .string(startAt), "States": states]
        let (machine, diagnostics) = StateMachine.compile(definition.text, type: .standard)
        #expect(diagnostics.filter { $0.severity == .error } == [])
        return try #require(machine)
    }

    @Test("States whose names look alike but differ in their code units are two.")
    func names() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let machine = try machine(
            [composed: ["Type": "Pass", "Next": .string(decomposed)], decomposed: ["Type": "Succeed"]],
            startAt: composed)
        #expect(machine.top.states.count == 2)
        #expect(machine.states[composed]?.type == .pass)
        #expect(machine.states[decomposed]?.type == .succeed)
    }

    @Test("A Pass state keeps its Result, its templates and where it leads.")
    func pass() throws {
        let machine = try machine(
            [
                "A": ["Type": "Pass", "Result": ["a.$": "$.x"], "Next": "B", "InputPath": nil],
                "B": [
                    "Type": "Pass", "Parameters": ["x.$": "$.a", "y": [["z.$": "$$.State.Name"], 1], "w": ["v": 1]],
                    "ResultPath": "$.out", "OutputPath": "$.out", "End": true,
                ],
            ], startAt: "A")
        #expect(machine.top.states == ["A", "B"])
        let a = try #require(machine.states["A"])
        #expect(a.transition == .next("B"))
        guard case .pass(let result) = a.body, case .null = a.inputPath else {
            Issue.record("not the Pass state that was written")
            return
        }
        #expect(result == ["a.$": "$.x"])
        let b = try #require(machine.states["B"])
        #expect(b.transition == .end)
        guard case .object(let members) = b.parameters, case .path(let path) = b.resultPath else {
            Issue.record("not the template that was written")
            return
        }
        #expect(path.source == "$.out")
        #expect(members.map(\.key) == ["x", "y", "w"])
        guard case .expression(let x, "x.$") = members[0].value, case .array(let y) = members[1].value,
            case .literal(let w) = members[2].value
        else {
            Issue.record("not the members that were written")
            return
        }
        #expect(x.source == "$.a")
        #expect(y.count == 2)
        #expect(w == ["v": 1])
    }

    @Test("A Task has its resource, its times, its retriers with AWS's defaults and its catchers.")
    func task() throws {
        let machine = try machine(
            [
                "T": [
                    "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f:prod",
                    "TimeoutSeconds": 30, "HeartbeatSecondsPath": "$.beat",
                    "Retry": [
                        ["ErrorEquals": ["E"]],
                        [
                            "ErrorEquals": ["States.ALL"], "IntervalSeconds": 3, "MaxAttempts": 0, "BackoffRate": 1.5,
                            "MaxDelaySeconds": 9, "JitterStrategy": "FULL",
                        ],
                    ],
                    "Catch": [["ErrorEquals": ["States.ALL"], "Next": "F", "ResultPath": nil]], "Next": "F",
                ],
                "F": ["Type": "Fail", "Error": "Oops", "CausePath": "$.why"],
            ], startAt: "T")
        let state = try #require(machine.states["T"])
        guard case .task(let task) = state.body, case .value(30) = task.timeoutSeconds,
            case .path(let beat) = task.heartbeatSeconds
        else {
            Issue.record("not the Task that was written")
            return
        }
        #expect(task.target == .function(arn: "arn:aws:lambda:us-east-1:123456789012:function:f:prod"))
        #expect(beat.source == "$.beat")
        let all = Retrier(
            errorEquals: ["States.ALL"], intervalSeconds: 3, maxAttempts: 0, backoffRate: 1.5, maxDelaySeconds: 9,
            jitter: .full)
        #expect(state.retry == [Retrier(errorEquals: ["E"]), all])
        #expect(state.catch.map(\.next) == ["F"])
        guard case .discard = state.catch[0].resultPath, case .fail(let fail) = machine.states["F"]?.body,
            case .value("Oops") = fail.error, case .path(let why) = fail.cause
        else {
            Issue.record("not the catcher or the Fail state that was written")
            return
        }
        #expect(why.source == "$.why")
    }

    @Test("A Choice has its rules in order, nested as written.")
    func choice() throws {
        let machine = try machine(
            [
                "C": [
                    "Type": "Choice", "Default": "S",
                    "Choices": [
                        [
                            "And": [
                                ["Variable": "$.a", "IsPresent": true],
                                ["Not": ["Variable": "$.a", "NumericGreaterThanPath": "$.b"]],
                            ], "Next": "S",
                        ],
                        ["Variable": "$.t", "TimestampLessThan": "2024-01-01T00:00:00Z", "Next": "S"],
                        ["Variable": "$.s", "StringMatches": #"a*\**"#, "Next": "S"],
                    ],
                ],
                "S": ["Type": "Succeed"],
            ], startAt: "C")
        guard case .choice(let choice) = machine.states["C"]?.body, choice.rules.count == 3,
            case .and(let parts) = choice.rules[0].condition, case .compare(let a, .isPresent(true)) = parts[0],
            case .not(.compare(_, .numeric(.greaterThan, .path(let b)))) = parts[1],
            case .compare(_, .timestamp(.lessThan, .value(let time))) = choice.rules[1].condition,
            case .compare(_, .stringMatches(let pattern)) = choice.rules[2].condition
        else {
            Issue.record("not the rules that were written")
            return
        }
        #expect(choice.default == "S")
        #expect(a.source == "$.a")
        #expect(b.source == "$.b")
        #expect(time == Timestamp(iso8601: "2024-01-01T00:00:00Z"))
        #expect(pattern == StringPattern(pieces: ["a", "*", ""]))
    }

    @Test("Every comparator and its Path twin is read.")
    func comparators() throws {
        let orderings = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"]
        var rules: [JSONValue] = [["Variable": "$.a", "StringMatches": "*", "Next": "S"]]
        for (kind, operand) in [("String", "x"), ("Numeric", 1), ("Timestamp", "2024-01-01T00:00:00Z")]
            as [(String, JSONValue)]
        {
            for ordering in orderings {
                rules.append(["Variable": "$.a", kind + ordering: operand, "Next": "S"] as JSONValue)
                rules.append(["Variable": "$.a", kind + ordering + "Path": "$.b", "Next": "S"] as JSONValue)
            }
        }
        for name in ["BooleanEquals", "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"] {
            rules.append(["Variable": "$.a", name: true, "Next": "S"] as JSONValue)
        }
        rules.append(["Variable": "$.a", "BooleanEqualsPath": "$.b", "Next": "S"])
        let machine = try machine(
            ["C": ["Type": "Choice", "Choices": .array(rules)], "S": ["Type": "Succeed"]], startAt: "C")
        guard case .choice(let choice) = machine.states["C"]?.body else {
            Issue.record("not a Choice")
            return
        }
        #expect(choice.rules.count == 39)
    }

    @Test("Wait has four forms.")
    func wait() throws {
        let machine = try machine(
            [
                "A": ["Type": "Wait", "Seconds": 3, "Next": "B"],
                "B": ["Type": "Wait", "SecondsPath": "$.s", "Next": "C"],
                "C": ["Type": "Wait", "Timestamp": "2024-01-01T00:00:00Z", "Next": "D"],
                "D": ["Type": "Wait", "TimestampPath": "$$.Execution.StartTime", "End": true],
            ], startAt: "A")
        guard case .wait(.seconds(3)) = machine.states["A"]?.body,
            case .wait(.secondsPath(let seconds)) = machine.states["B"]?.body,
            case .wait(.timestamp(let time)) = machine.states["C"]?.body,
            case .wait(.timestampPath(let path)) = machine.states["D"]?.body
        else {
            Issue.record("not the Wait states that were written")
            return
        }
        #expect(seconds.source == "$.s")
        #expect(time == Timestamp(iso8601: "2024-01-01T00:00:00Z"))
        #expect(path.source == "$$.Execution.StartTime")
    }

    @Test("A Parallel's branches are graphs of their own; their states stand with all others by name.")
    func parallel() throws {
        let branch: JSONValue = [
            "StartAt": "X", "States": ["X": ["Type": "Pass", "Next": "Y"], "Y": ["Type": "Succeed"]],
        ]
        let machine = try machine(
            [
                "P": [
                    "Type": "Parallel", "Branches": [branch, ["StartAt": "Z", "States": ["Z": ["Type": "Succeed"]]]],
                    "ResultSelector": ["first.$": "$[0]"], "End": true,
                ]
            ], startAt: "P")
        guard case .parallel(let branches) = machine.states["P"]?.body else {
            Issue.record("not a Parallel")
            return
        }
        #expect(branches.map(\.startAt) == ["X", "Z"])
        #expect(branches[0].states == ["X", "Y"])
        #expect(machine.states.all.map(\.name).sorted() == ["P", "X", "Y", "Z"])
        #expect(machine.top.states == ["P"])
    }

    @Test(
        "StringMatches: a backslash escapes a star or itself, and stands for itself before anything else.",
        arguments: [
            ("", [""]), ("*", ["", ""]), (#"\*"#, ["*"]), (#"\\*"#, [#"\"#, ""]), (#"a\b"#, [#"a\b"#]),
            (#"a\"#, [#"a\"#]),
            ("log-*.txt", ["log-", ".txt"]), ("**", ["", "", ""]),
        ])
    func stringPattern(_ text: String, _ pieces: [String]) {
        #expect(StringPattern(text) == StringPattern(pieces: pieces))
    }
}
