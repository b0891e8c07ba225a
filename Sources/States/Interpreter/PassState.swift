// Pass: `Result`, or the input as Parameters shape it, becomes the result.

import JSON

extension Interpreter {
    mutating func pass(_ frame: Frame, _ state: State, _ result: JSONValue?) throws(StateFailure) {
        if let result { probe?.record(.result, result) }
        let result = if let result { result } else { try parameters(frame, state) }
        try finish(frame, state, result: result)
    }

    /// Leaves a state with what it has brought forth.
    mutating func finish(_ frame: Frame, _ state: State, result: JSONValue) throws(StateFailure) {
        let assigned = try assigned(
            state.assign, frame, input: result, states: states(frame, state, result: result))
        try exit(frame, state, output: output(frame, state, result: result), assigned: assigned)
    }
}
