// Succeed: ends its frame with the input, as InputPath and OutputPath shape it.

import JSON

extension Interpreter {
    mutating func succeed(_ frame: Frame, _ state: State) throws(StateFailure) {
        let output = try passedOn(frame, state, input: effectiveInput(frame, state))
        try exit(frame, state, output: output, transition: .end)
    }
}
