// What the evaluations of a state may use: deferral on a shard, failure beyond the full budget.

import Core
import JSON
import States
import Testing

@Suite("Evaluation allowance")
struct EvaluationAllowanceTests {
    /// A machine of one state and the input that makes it expensive.
    struct Expensive: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var state: String
        var input: String
    }

    static let text = String(repeating: "a", count: 100_000)
    static let commas = String(repeating: "a,", count: 50_000)
    static let nodes = "[" + (0..<20_000).map { "{\"a\":\($0)}" }.joined(separator: ",") + "]"

    private static func parameters(_ count: Int, _ value: String) -> String {
        (0..<count).map { #""p\#($0).$":"\#(value)""# }.joined(separator: ",")
    }

    private static func choices(_ count: Int, _ rule: String) -> String {
        (0..<count).map { _ in #"{\#(rule),"Next":"Z"}"# }.joined(separator: ",")
    }

    static let expensive = [
        Expensive(
            testDescription: "intrinsic functions",
            state: #""Type":"Pass","Parameters":{\#(parameters(400, "States.StringSplit($.a,',')"))},"Next":"Z""#,
            input: #"{"a":"\#(commas)"}"#),
        Expensive(
            testDescription: "paths", state: #""Type":"Pass","Parameters":{\#(parameters(200, "$..zz"))},"Next":"Z""#,
            input: #"{"a":\#(nodes)}"#),
        Expensive(
            testDescription: "patterns of a Choice",
            state:
                #""Type":"Choice","Choices":[\#(choices(2_000, #""Variable":"$.a","StringMatches":"*b*c*""#))],"Default":"Z""#,
            input: #"{"a":"\#(text)"}"#),
        Expensive(
            testDescription: "comparisons of texts",
            state:
                #""Type":"Choice","Choices":[\#(choices(2_000, #""Variable":"$.a","StringLessThanPath":"$.a""#))],"Default":"Z""#,
            input: #"{"a":"\#(text)"}"#),
        Expensive(
            testDescription: "comparisons of numbers",
            state:
                #""Type":"Choice","Choices":[\#(choices(2_000, #""Variable":"$.a","NumericEquals":2"#))],"Default":"Z""#,
            input: #"{"a":1\#(String(repeating: "0", count: 100_000))}"#),
        Expensive(
            testDescription: "the seconds of a Wait, in JSONata",
            state:
                #""QueryLanguage":"JSONata","Type":"Wait","Seconds":"{% $sum($map([1..100000], function($x){0})) %}","Next":"Z""#,
            input: "{}"),
    ]

    private static func run(
        _ state: String, _ input: String, _ patience: Patience, _ limits: Limits = Limits()
    ) throws -> (execution: Execution, advance: Advance, machine: StateMachine) {
        let text = #"{"StartAt":"A","States":{"A":{\#(state)},"Z":{"Type":"Succeed"}}}"#
        let (machine, diagnostics) = StateMachine.compile(text, type: .standard)
        let compiled = try #require(machine, "\(diagnostics)")
        var execution = Execution(
            Execution.Identity(id: 1, arn: "a", name: "e", machineARN: "m", machineName: "m"))
        let payload = Payload(text: input, value: try JSONValue.parse(input))
        let done = advance(
            &execution, .start(input: payload, roleARN: "r", seed: 1), machine: compiled,
            now: Timestamp(milliseconds: 1), limits: limits, patience: patience)
        return (execution, done, compiled)
    }

    @Test("A state that needs more than a turn may spend writes nothing and is deferred.", arguments: expensive)
    func deferred(_ expensive: Expensive) throws {
        let (execution, done, _) = try Self.run(expensive.state, expensive.input, .quick)
        #expect(done.needsPatience)
        #expect(execution.hasWork)
        #expect(!done.events.contains { if case .stateExited = $0.kind { true } else { false } })
        #expect(done.steps <= Limits().evaluation.quickSteps)
    }

    @Test(
        "Beyond the full budget a state fails, with States.Runtime or in JSONata an evaluation error.",
        arguments: expensive)
    func fails(_ expensive: Expensive) throws {
        var limits = Limits()
        limits.evaluation.steps = 50_000
        let (execution, done, _) = try Self.run(expensive.state, expensive.input, .full, limits)
        guard case .failed(let failure) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        let isJSONata = expensive.state.contains("JSONata")
        #expect(failure.error == (isJSONata ? "States.QueryEvaluationError" : "States.Runtime"))
        #expect(done.steps <= limits.evaluation.steps)
    }

    @Test("A turn that has used its steps ends between states and continues.")
    func turns() throws {
        var limits = Limits()
        limits.evaluation.quickSteps = 200
        let state = #""Type":"Pass","Parameters":{\#(Self.parameters(60, "$.a"))},"ResultPath":null,"Next":"#
        let states = (0..<20).map { #""S\#($0)":{\#(state)"S\#($0 + 1)"}"# }.joined(separator: ",")
        let text = #"{"StartAt":"S0","States":{\#(states),"S20":{"Type":"Succeed"}}}"#
        let machine = try #require(StateMachine.compile(text, type: .standard).0)
        var execution = Execution(
            Execution.Identity(id: 1, arn: "a", name: "e", machineARN: "m", machineName: "m"))
        let now = Timestamp(milliseconds: 1)
        var stimulus = Stimulus.start(
            input: Payload(text: #"{"a":1}"#, value: ["a": 1]), roleARN: "r", seed: 1)
        var turns = 0
        repeat {
            let done = advance(
                &execution, stimulus, machine: machine, now: now, limits: limits, patience: .quick)
            #expect(!done.needsPatience)
            #expect(done.steps <= 2 * limits.evaluation.quickSteps)
            stimulus = .proceed
            turns += 1
        } while execution.hasWork && turns < 100
        #expect(turns > 3)
        guard case .succeeded = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
    }

    @Test("A Catcher that needs more is evaluated later; its failure's events are not to be stored before.")
    func catcher() throws {
        let text =
            #"{"QueryLanguage":"JSONata","StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Catch":[{"ErrorEquals":["States.ALL"],"Output":"{% $sum($map([1..100000], function($x){1})) %}","Next":"Z"}],"End":true},"Z":{"Type":"Succeed"}}}"#
        let machine = try #require(StateMachine.compile(text, type: .standard).0)
        var execution = Execution(
            Execution.Identity(id: 1, arn: "a", name: "e", machineARN: "m", machineName: "m"))
        let now = Timestamp(milliseconds: 1)
        _ = advance(
            &execution, .start(input: .emptyObject, roleARN: "r", seed: 1), machine: machine, now: now,
            patience: .quick)
        let task = try #require(execution.openTasks.first?.scheduledEvent)
        let failed = Stimulus.taskFailed(task: task, Failure(error: "E"))
        let first = advance(&execution, failed, machine: machine, now: now, patience: .quick)
        #expect(first.needsPatience && first.isMidState)
        #expect(first.events.map(\.kind.history.typeName) == ["LambdaFunctionFailed"])
        let second = advance(&execution, .wake, machine: machine, now: now, patience: .full)
        #expect(!second.needsPatience)
        #expect(second.events.first.map(\.kind.history.typeName) == "TaskStateExited")
        _ = advance(&execution, .proceed, machine: machine, now: now, patience: .quick)
        guard case .succeeded(let output) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        #expect(output.text == "100000")
    }

    @Test(
        "The outputs of all iterations or branches together are bounded.",
        arguments: [
            #""Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"ResultPath":null,"Next":"Z""#,
            #""Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},{"StartAt":"J","States":{"J":{"Type":"Pass","End":true}}}],"ResultPath":null,"Next":"Z""#,
        ])
    func combined(state: String) throws {
        var limits = Limits()
        limits.language.combinedOutputBytes = 50
        let (execution, _, _) = try Self.run(
            state, "[\"0123456789012345678901234\",\"0123456789012345678901234\"]", .full, limits)
        guard case .failed(let failure) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        #expect(failure.error == "States.DataLimitExceeded")
    }

    @Test("What the strands of an execution hold together is bounded.")
    func strands() throws {
        var limits = Limits()
        limits.language.frameBytes = 500
        let branches = ["I", "J"].map { name in
            #"{"StartAt":"\#(name)","States":{"\#(name)":{"Type":"Pass","Result":"\#(String(repeating: "x", count: 300))","Next":"\#(name)W"},"\#(name)W":{"Type":"Wait","Seconds":9,"End":true}}}"#
        }
        let (execution, _, _) = try Self.run(
            #""Type":"Parallel","Branches":[\#(branches.joined(separator: ","))],"Next":"Z""#, "{}", .full, limits)
        guard case .failed(let failure) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        #expect(failure.error == "States.DataLimitExceeded")
    }

    @Test("Maps whose iterations hold much run one at a time, and end with all outputs.")
    func crowded() throws {
        let selector = #""ItemSelector":{"n.$":"$$.Map.Item.Value","b.$":"$$.Execution.Input.b"}"#
        let leaf =
            #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"P"},"P":{"Type":"Pass","Result":1,"End":true}}}"#
        let inner =
            #"{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$$.Execution.Input.l",\#(selector),"ItemProcessor":\#(leaf),"End":true}}}"#
        let text =
            #"{"StartAt":"O","States":{"O":{"Type":"Map","ItemsPath":"$.l",\#(selector),"ItemProcessor":\#(inner),"End":true}}}"#
        let machine = try #require(StateMachine.compile(text, type: .express).0)
        var execution = Execution(Execution.Identity(id: 1, arn: "a", name: "e", machineARN: "m", machineName: "m"))
        let input: JSONValue = [
            "l": .array((0..<30).map { .int($0) }), "b": .string(String(repeating: "x", count: 200_000)),
        ]
        var stimulus = Stimulus.start(input: Payload(input), roleARN: "r", seed: 1)
        var now = Timestamp(milliseconds: 0)
        var most = 0
        for _ in 0..<10_000 where !execution.isClosed {
            let done = advance(&execution, stimulus, machine: machine, now: now, patience: .full)
            most = max(most, execution.heldBytes)
            if execution.hasWork || done.needsPatience {
                stimulus = .proceed
            } else {
                now = try #require(execution.isClosed ? now : execution.nextWake)
                stimulus = .wake
            }
        }
        guard case .succeeded(let output) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        #expect(output.value.arrayValue?.map { $0.arrayValue?.count } == Array(repeating: 30, count: 30))
        // 30 at once in each of 30 would be 180 MB.
        #expect(most < 32 << 20)
    }

    @Test("Outputs beyond what is held in memory are asked for, and the Map ends with them.")
    func stored() throws {
        let text =
            #"{"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","Items":"{% [1..8] %}","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","Output":"{% $pad('', 200000, 'x') %}","End":true}}},"Output":"{% $sum($states.result.$length($)) %}","End":true}}}"#
        let machine = try #require(StateMachine.compile(text, type: .standard).0)
        var execution = Execution(
            Execution.Identity(id: 1, arn: "a", name: "e", machineARN: "m", machineName: "m"))
        var stimulus = Stimulus.start(input: .emptyObject, roleARN: "r", seed: 1)
        var outputs: [Int: Payload] = [:]
        var asked = 0
        for _ in 0..<100 where !execution.isClosed {
            let done = advance(
                &execution, stimulus, machine: machine, now: Timestamp(milliseconds: 1), patience: .full)
            for event in done.events {
                if case .stateExited(let exited) = event.kind { outputs[event.id] = exited.output }
            }
            if done.needsOutputs {
                asked += 1
                let wanted = execution.storedOutputs
                #expect(wanted.count >= 2 && wanted.count < 8)
                execution.supply(outputs.filter { wanted.contains($0.key) })
            }
            stimulus = .wake
        }
        #expect(asked == 1)
        guard case .succeeded(let output) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        #expect(output.text == "1600000")
    }
}
