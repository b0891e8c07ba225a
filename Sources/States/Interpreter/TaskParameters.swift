// Whether the parameters of an optimized integration can start its task (language.md §9).

import JSON
import Integrations

extension Interpreter {
    /// Throws States.Runtime where they cannot: nothing is scheduled then.
    func check(_ parameters: Payload, of task: State.Task) throws(StateFailure) {
        guard let schema = task.target.entry?.parameters, let reason = schema.mismatch(of: parameters.value) else {
            return
        }
        throw .runtime("The Parameters '\(parameters.text)' could not be used to start the Task: \(reason)")
    }
}
