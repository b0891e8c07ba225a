// Succeed: ends its strand with the input, as InputPath and OutputPath shape it.

import JSON

extension Interpreter {
    mutating func succeed(_ frame: Frame, _ state: State) throws(StateFailure) {
        let output = try apply(state.outputPath, to: effectiveInput(frame, state), frame)
        try exit(frame, state, output: output, transition: .end)
    }
}
