// Definitions grown from a seed: nested Parallels and Maps, tasks with Retry, Catch and timeouts, waits, choices,
// variables, in JSONPath and in JSONata.

import Core
import Expressions
import JSON
import States

/// A source of random definitions; names are unique within one definition.
struct RandomMachine {
    var chance: Chance
    /// Machines that the definition may start executions of.
    var callees: [String] = []
    /// Without what an Express machine cannot have.
    var isExpress = false
    private var names = 0
    private var nested = 0
    /// Variables that the state being made can see.
    private(set) var variables: [String] = []

    /// An input that every such definition can work on: `n` is a number, `list` what the Maps go over.
    static func input(_ chance: inout Chance) -> JSONValue {
        let list = (0..<chance.number(below: 5)).map { JSONValue.int($0) }
        return ["n": .int(chance.number(below: 6) == 0 ? 1 : 0), "list": .array(list)]
    }

    init(seed: UInt64) { chance = Chance(seed: ~seed) }

    /// The text of a definition that `StateMachine.compile` accepts.
    mutating func definition() -> String {
        names = 0
        nested = 0
        variables = []
        var machine = graph(depth: 0)
        if chance.number(below: 8) == 0 { machine["TimeoutSeconds"] = .int(20 + chance.number(below: 200)) }
        return JSONValue.object(machine).text
    }

    mutating func graph(depth: Int) -> JSONObject {
        let count = 1 + chance.number(below: depth == 0 ? 5 : 3)
        let states = (0..<count).map { _ in freshName() }
        let outside = variables
        defer { variables = outside }
        var members = JSONObject()
        for (index, name) in states.enumerated() {
            members[name] = .object(state(next: index + 1 < count ? states[index + 1] : nil, depth: depth))
        }
        return ["StartAt": .string(states[0]), "States": .object(members)]
    }

    private mutating func freshName() -> String {
        names += 1
        return "S\(names)"
    }

    /// A variable that the states behind can see.
    mutating func freshVariable() -> String {
        names += 1
        variables.append("v\(names)")
        return "v\(names)"
    }

    private mutating func state(next: String?, depth: Int) -> JSONObject {
        if chance.number(below: 4) == 0 { return jsonataState(next: next, depth: depth) }
        var state: JSONObject
        switch chance.number(below: depth < 2 ? 14 : 9) {
        case 0...1: state = pass()
        case 2: state = ["Type": "Wait", "Seconds": .int(chance.number(below: 30))]
        case 3 where next == nil: return ["Type": "Succeed"]
        case 4 where next == nil: return ["Type": "Fail", "Error": "Planned", "Cause": "a Fail state"]
        case 5 where next != nil: return choice(next: next ?? "")
        case 9...11: state = parallel(depth: depth)
        case 12...13: state = map(depth: depth)
        default: state = task(depth: depth)
        }
        if let next { state["Next"] = .string(next) } else { state["End"] = true }
        addHandlers(&state, next: next)
        return state
    }

    private mutating func pass() -> JSONObject {
        var state: JSONObject = ["Type": "Pass", "ResultPath": "$.pass"]
        if variables.isEmpty || chance.number(below: 2) == 0 {
            state["Result"] = ["passed": true]
        } else {
            let variable = variables[chance.number(below: variables.count)]
            state["Parameters"] = ["seen.$": .string("$" + variable)]
        }
        if chance.number(below: 2) == 0 {
            let value: JSONValue =
                chance.number(below: 2) == 0 ? "States.Format('{} of {}', $$.State.Name, $)" : "$"
            state["Assign"] = [freshVariable() + ".$": value]
        }
        return state
    }

    private mutating func map(depth: Int) -> JSONObject {
        var state: JSONObject = [
            "Type": "Map", "ItemsPath": "$.list", "ResultPath": "$.map",
            "ItemSelector": ["n.$": "$.n", "list.$": "$.list", "item.$": "$$.Map.Item.Value"],
            "ItemProcessor": .object(graph(depth: depth + 1)),
        ]
        if chance.number(below: 2) == 0 { state["MaxConcurrency"] = .int(1 + chance.number(below: 3)) }
        return state
    }

    private mutating func task(depth: Int) -> JSONObject {
        var state: JSONObject
        switch isExpress ? 9 : chance.number(below: 10) {
        case 0...1: state = activityTask()
        case 2...3: state = tokenTask()
        case 4...6 where !callees.isEmpty && depth == 0 && nested < 2: state = nestedTask()
        default:
            state = ["Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"]
            if chance.number(below: 3) == 0 { state["TimeoutSeconds"] = .int(3 + chance.number(below: 20)) }
        }
        state["Type"] = "Task"
        state["ResultPath"] = "$.task"
        return state
    }

    private mutating func activityTask() -> JSONObject {
        let name = chance.number(below: 4) == 0 ? Machines.deletableActivity : Machines.activity
        var state: JSONObject = ["Resource": .string(World.scope.activityARN(name))]
        addTimeouts(&state)
        return state
    }

    private mutating func tokenTask() -> JSONObject {
        var state: JSONObject = [
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": ["FunctionName": "f", "Payload": ["token.$": "$$.Task.Token", "n.$": "$.n"]],
        ]
        addTimeouts(&state)
        return state
    }

    /// Time-outs, so that a worker that dies is noticed; a few wait for ever.
    private mutating func addTimeouts(_ state: inout JSONObject) {
        if chance.number(below: 5) > 0 { state["TimeoutSeconds"] = .int(20 + chance.number(below: 60)) }
        if chance.number(below: 3) == 0 { state["HeartbeatSeconds"] = .int(3 + chance.number(below: 10)) }
    }

    private mutating func nestedTask() -> JSONObject {
        nested += 1
        let callee = callees[chance.number(below: callees.count)]
        let isWaitedFor = callee != Machines.express && chance.number(below: 6) > 0
        let pattern = !isWaitedFor ? "" : chance.number(below: 2) == 0 ? ".sync" : ".sync:2"
        return [
            "Resource": .string("arn:aws:states:::states:startExecution" + pattern),
            "Parameters": [
                "StateMachineArn": .string(World.machineARN(callee)),
                "Input": ["n.$": "$.n", "list.$": "$.list"],
            ],
        ]
    }

    mutating func parallel(depth: Int) -> JSONObject {
        let branches = (0..<(1 + chance.number(below: 3))).map { _ in JSONValue.object(graph(depth: depth + 1)) }
        return ["Type": "Parallel", "Branches": .array(branches), "ResultPath": "$.parallel"]
    }

    private func choice(next: String) -> JSONObject {
        [
            "Type": "Choice", "Default": .string(next),
            "Choices": [["Variable": "$.pass", "IsPresent": true, "Next": .string(next)]],
        ]
    }

    mutating func addHandlers(_ state: inout JSONObject, next: String?) {
        guard ["Task", "Parallel", "Map"].contains(state["Type"]?.stringValue) else { return }
        if chance.number(below: 2) == 0 {
            state["Retry"] = [
                [
                    "ErrorEquals": [chance.number(below: 2) == 0 ? "States.ALL" : "Transient"],
                    "IntervalSeconds": .int(1 + chance.number(below: 4)),
                    "MaxAttempts": .int(chance.number(below: 4)), "BackoffRate": 2,
                    "JitterStrategy": chance.number(below: 2) == 0 ? "FULL" : "NONE",
                ]
            ]
        }
        if let next, chance.number(below: 2) == 0 {
            let handsOn: (field: String, value: JSONValue) =
                state["QueryLanguage"] == "JSONata"
                ? ("Output", input(with: "'error': $states.errorOutput")) : ("ResultPath", "$.error")
            state["Catch"] = [
                .object(["ErrorEquals": ["States.ALL"], handsOn.field: handsOn.value, "Next": .string(next)])
            ]
        }
    }
}
