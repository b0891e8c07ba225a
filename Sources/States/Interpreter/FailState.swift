// Fail: no input or output processing, an Error and a Cause, written out or behind paths.

import Core
import Expressions
import JSON

extension Interpreter {
    mutating func fail(_ frame: Frame, _ state: State, _ fail: State.Fail) throws(StateFailure) -> Never {
        let scope = scope(frame, input: frame.input.value)
        probe?.record(.afterInputPath, frame.input.value)
        throw StateFailure(
            Failure(
                error: try text(fail.error, field: "ErrorPath", scope, frame),
                cause: try text(fail.cause, field: "CausePath", scope, frame)))
    }

    private mutating func text(
        _ field: TextField?, field name: String, _ scope: PathScope, _ frame: Frame
    ) throws(StateFailure) -> String? {
        switch field {
        case nil: return nil
        case .value(let text): return text
        case .expression(let expression): return try text(expression, frame)
        case .path(let expression):
            let value = try evaluate(expression, field: name, scope)
            guard let text = value.stringValue else {
                throw .runtime(
                    "The \(name) field refers to value \"\(value.excerpt)\" which is not a string: \(expression.source)"
                )
            }
            return text
        }
    }
}
