// Parallel: branches over the same input, their outputs as an array in branch order (language.md §4, Parallel).

import JSON

extension Interpreter {
    mutating func startParallel(_ frame: Frame, _ state: State, _ branches: [StateGraph]) throws(StateFailure) {
        let input = try payload(parameters(frame, state), of: state)
        emit(
            .parallelStateStarted(ParallelStateStarted(branches: branches.count, input: input)), frame: frame.id,
            previous: frame.lastEvent)
        if let outcome = probe?.outcome { try finish(frame.id, state, mocked: outcome) }
    }

    mutating func finishParallel(_ frame: Frame, _ state: State, _ children: [FrameID]) throws(StateFailure) {
        let results = children.map { child in
            guard case .ended(let output)? = execution.frames[child]?.phase else {
                preconditionFailure("a Parallel ends before its branch \(child)")
            }
            return output.value
        }
        let result = JSONValue.array(results)
        let assigned = try assigned(
            state.assign, frame, input: result, states: states(frame, state, result: result))
        let output = try output(frame, state, result: result)
        emit(.parallelStateSucceeded(ParallelStateSucceeded()), frame: frame.id, previous: frame.lastEvent)
        try exit(frame, state, output: output, assigned: assigned)
    }
}
