// The states of random definitions that are written in JSONata.

import Expressions
import JSON

extension RandomMachine {
    /// A state whose output is its input with something more in it, as the states around it need. Much of it is of
    /// chance and of time: what was once evaluated must stay what it was, whatever dies.
    mutating func jsonataState(next: String?, depth: Int) -> JSONObject {
        var state: JSONObject
        switch chance.number(below: depth < 2 ? 12 : 8) {
        case 0...2: state = ["Type": "Pass", "Output": input(with: "'seen': \(value())")]
        case 3: state = ["Type": "Wait", "Seconds": "{% $floor($random() * 30) %}"]
        case 4 where next == nil:
            return ["Type": "Succeed", "QueryLanguage": "JSONata", "Output": input(with: "'end': \(value())")]
        case 5 where next == nil:
            return ["Type": "Fail", "QueryLanguage": "JSONata", "Error": "Planned", "Cause": "{% 'by ' & $uuid() %}"]
        case 6 where next != nil: return jsonataChoice(next: next ?? "")
        case 8...9: state = jsonataParallel(depth: depth)
        case 10...11: state = jsonataMap(depth: depth)
        default: state = jsonataTask()
        }
        state["QueryLanguage"] = "JSONata"
        if let next { state["Next"] = .string(next) } else { state["End"] = true }
        addHandlers(&state, next: next)
        if chance.number(below: 2) == 0 { addAssign(&state) }
        return state
    }

    /// An expression that gives the state's input with more members.
    func input(with members: String) -> JSONValue { .string("{% $merge([$states.input, {\(members)}]) %}") }

    /// An expression without its delimiters: of chance, of time, of the context, or what a variable has.
    private mutating func value() -> String {
        let others = ["$uuid()", "$random()", "$now()", "$states.context.State.EnteredTime", "$states.input.n"]
        let drawn = chance.number(below: others.count + variables.count)
        return drawn < others.count ? others[drawn] : "$" + variables[drawn - others.count]
    }

    /// A new variable, whose value tells which way the state was left by.
    private mutating func addAssign(_ state: inout JSONObject) {
        let own: JSONValue =
            ["Pass", "Wait"].contains(state["Type"]) ? .string("{% \(value()) %}") : "{% $states.result %}"
        let variable = freshVariable()
        state["Assign"] = [variable: own]
        if var catcher = state["Catch"]?[0]?.objectValue {
            catcher["Assign"] = [variable: "{% $states.errorOutput.Error %}"]
            state["Catch"] = [.object(catcher)]
        }
    }

    private mutating func jsonataChoice(next: String) -> JSONObject {
        let condition = "{% $exists($states.input.seen) or \(value()) = 1 %}"
        let output = input(with: "'chosen': \(value())")
        let variable = freshVariable()
        return [
            "Type": "Choice", "QueryLanguage": "JSONata", "Default": .string(next),
            "Assign": [variable: "{% 'default at ' & $now() %}"],
            "Choices": [
                [
                    "Condition": .string(condition), "Next": .string(next), "Output": output,
                    "Assign": [variable: "{% $random() %}"],
                ]
            ],
        ]
    }

    private mutating func jsonataTask() -> JSONObject {
        var state: JSONObject = [
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
            "Arguments": ["n": "{% $states.input.n %}", "drawn": .string("{% \(value()) %}")],
            "Output": input(with: "'task': $states.result"),
        ]
        if chance.number(below: 3) == 0 { state["TimeoutSeconds"] = "{% 3 + $floor($random() * 20) %}" }
        return state
    }

    private mutating func jsonataParallel(depth: Int) -> JSONObject {
        let arguments = input(with: "'drawn': \(value())")
        var state = parallel(depth: depth)
        state["ResultPath"] = nil
        state["Arguments"] = arguments
        state["Output"] = input(with: "'parallel': $states.result")
        return state
    }

    private mutating func jsonataMap(depth: Int) -> JSONObject {
        // A list of one is no list any more once it is read, and one of none is nothing: hence the brackets.
        let list: JSONValue = "{% [$states.input.list] %}"
        return [
            "Type": "Map", "Items": list, "Output": input(with: "'map': $states.result"),
            "ItemSelector": [
                "n": "{% $states.input.n %}", "list": list, "item": "{% $states.context.Map.Item.Value %}",
                "drawn": .string("{% \(value()) %}"),
            ],
            "MaxConcurrency": "{% 1 + $floor($random() * 3) %}",
            "ItemProcessor": .object(graph(depth: depth + 1)),
        ]
    }
}
