// Definitions grown from a seed: nested Parallels, tasks with Retry, Catch and timeouts, waits, choices, loops.

import JSON
import States

/// A source of random definitions; names are unique within one definition.
struct RandomMachine {
    private var chance: Chance
    private var names = 0

    init(seed: UInt64) { chance = Chance(seed: seed, salt: 77) }

    /// The text of a definition that `StateMachine.compile` accepts.
    mutating func definition() -> String {
        names = 0
        var machine = graph(depth: 0)
        if chance.next(below: 8) == 0 { machine["TimeoutSeconds"] = .int(20 + Int(chance.next(below: 200))) }
        return JSONValue.object(machine).text
    }

    private mutating func graph(depth: Int) -> JSONObject {
        let count = 1 + Int(chance.next(below: depth == 0 ? 5 : 3))
        let states = (0..<count).map { _ in freshName() }
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

    private mutating func state(next: String?, depth: Int) -> JSONObject {
        var state: JSONObject
        switch chance.next(below: depth < 2 ? 12 : 9) {
        case 0...1: state = ["Type": "Pass", "Result": ["passed": true], "ResultPath": "$.pass"]
        case 2: state = ["Type": "Wait", "Seconds": .int(Int(chance.next(below: 30)))]
        case 3 where next == nil: return ["Type": "Succeed"]
        case 4 where next == nil: return ["Type": "Fail", "Error": "Planned", "Cause": "a Fail state"]
        case 5 where next != nil: return choice(next: next ?? "")
        case 9...11: state = parallel(depth: depth)
        default: state = task()
        }
        if let next { state["Next"] = .string(next) } else { state["End"] = true }
        addHandlers(&state, next: next)
        return state
    }

    private mutating func task() -> JSONObject {
        var state: JSONObject = [
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "ResultPath": "$.task",
        ]
        if chance.next(below: 3) == 0 { state["TimeoutSeconds"] = .int(3 + Int(chance.next(below: 20))) }
        return state
    }

    private mutating func parallel(depth: Int) -> JSONObject {
        let branches = (0..<(1 + Int(chance.next(below: 3)))).map { _ in JSONValue.object(graph(depth: depth + 1)) }
        return ["Type": "Parallel", "Branches": .array(branches), "ResultPath": "$.parallel"]
    }

    private func choice(next: String) -> JSONObject {
        [
            "Type": "Choice", "Default": .string(next),
            "Choices": [["Variable": "$.pass", "IsPresent": true, "Next": .string(next)]],
        ]
    }

    private mutating func addHandlers(_ state: inout JSONObject, next: String?) {
        guard ["Task", "Parallel"].contains(state["Type"]?.stringValue) else { return }
        if chance.next(below: 2) == 0 {
            state["Retry"] = [
                [
                    "ErrorEquals": [chance.next(below: 2) == 0 ? "States.ALL" : "Transient"],
                    "IntervalSeconds": .int(1 + Int(chance.next(below: 4))),
                    "MaxAttempts": .int(Int(chance.next(below: 4))), "BackoffRate": 2,
                    "JitterStrategy": chance.next(below: 2) == 0 ? "FULL" : "NONE",
                ]
            ]
        }
        if let next, chance.next(below: 2) == 0 {
            state["Catch"] = [["ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": .string(next)]]
        }
    }
}
