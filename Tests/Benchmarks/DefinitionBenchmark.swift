// How long a definition takes to be checked and compiled: 500 states with one JSONata expression each.

import JSON
import States

enum DefinitionBenchmark {
    /// A chain of Pass states whose Output is an expression of its own.
    static func definition(states count: Int) -> String {
        let states = (0..<count).map { number -> (String, JSONValue) in
            let output =
                "{% $sum($states.input.items[price > \(number)].(price * quantity)) + $count($states.input.items) %}"
            var state: JSONObject = ["Type": "Pass", "Output": .string(output)]
            if number + 1 < count { state["Next"] = .string("S\(number + 1)") } else { state["End"] = true }
            return ("S\(number)", .object(state))
        }
        return JSONValue.object([
            "QueryLanguage": "JSONata", "StartAt": "S0", "States": .object(JSONObject(states)),
        ]).text
    }

    static func run() {
        let text = definition(states: 500)
        precondition(StateMachine.compile(text, type: .standard).machine != nil, "the definition is refused")
        let (compiled, parsed) = Comparison.medians(calls: 3) {
            _ = StateMachine.compile(text, type: .standard)
        } _: {
            _ = try? JSONValue.parse(text)
        }
        print(
            "definition of 500 expressions: \(Int(compiled)) µs checked and compiled, "
                + "\(Int(compiled / parsed)) times as long as its JSON takes to parse")
    }
}
