// Pass: `Result`, or the input as Parameters shape it, becomes the result.

import JSON

extension Interpreter {
    mutating func pass(_ frame: Frame, _ state: State, _ result: JSONValue?) throws(StateFailure) {
        let result = if let result { result } else { try parameters(frame, state) }
        try exit(frame, state, output: output(frame, state, result: result))
    }
}
