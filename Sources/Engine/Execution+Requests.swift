// What StartExecution takes, checked.

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

/// Random UUIDs, version 4.
package enum UUIDText {
    package static func random() -> String {
        let high = UInt64.random(in: .min ... .max) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = UInt64.random(in: .min ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = hex(high) + hex(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
