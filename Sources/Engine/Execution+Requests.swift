// What StartExecution takes, checked.

import Core
import JSON
import States

package struct StartExecution: Sendable {
    package var stateMachineARN: String
    /// A random UUID where there is none.
    package var name: String?
    /// The client's text; `{}` where there is none.
    package var input: String?
    package var traceHeader: String?
    /// How many executions have started one another before this one; 0 for a start by a client.
    package var depth = 0

    package init(stateMachineARN: String, name: String? = nil, input: String? = nil, traceHeader: String? = nil) {
        self.stateMachineARN = stateMachineARN
        self.name = name
        self.input = input
        self.traceHeader = traceHeader
    }
}

enum ExecutionInput {
    /// The input as history keeps it: the client's own text. Throws InvalidExecutionInput.
    static func payload(_ text: String?, limits: Limits) throws(ServiceError) -> Payload {
        guard let text else { return .emptyObject }
        if text.isEmpty {
            throw ServiceError(
                .invalidExecutionInput, "Invalid State Machine Execution Input: 'Invalid execution input.'")
        }
        do throws(JSONError) { return Payload(text: text, value: try JSONValue.parse(text)) } catch {
            throw .invalidExecutionInput(error.message)
        }
    }
}
