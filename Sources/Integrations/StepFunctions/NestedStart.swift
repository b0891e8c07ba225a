// `arn:aws:states:::states:startExecution`: an execution that a task starts (integrations.md §4,
// states:startExecution). The engine starts it, and for `.sync` waits for its end.

package import Core
package import JSON

/// What the parameters name.
package struct NestedStart: Sendable {
    package let stateMachineARN: String
    /// The client's own name of the execution.
    package let name: String?
    /// JSON text; `nil` for none.
    package let input: String?

    package init(_ parameters: JSONValue) {
        stateMachineARN = parameters["StateMachineArn"]?.stringValue ?? ""
        name = parameters["Name"]?.stringValue
        input = parameters["Input"].flatMap { $0.isNull ? nil : $0.stringValue ?? $0.text }
    }

    /// The action's result; `StartDate` in milliseconds since 1970.
    package static func result(executionARN: String, startDate: Timestamp, requestID: String) -> Payload {
        let headers = [("x-amzn-RequestId", requestID), ("Content-Type", "application/x-amz-json-1.0")]
        let response = OutboundResponse(status: 200, headers: headers.map { (name: $0.0, value: $0.1) }, value: nil)
        let metadata = SDKMetadata.members(of: response, requestID: requestID)
        return Payload([
            "ExecutionArn": .string(executionARN), "SdkHttpMetadata": metadata.http,
            "SdkResponseMetadata": metadata.response, "StartDate": .int(Int(startDate.milliseconds)),
        ])
    }

    /// The failure of a start that the API has refused with that error.
    package static func failure(code: String, message: String, status: Int, requestID: String) -> Failure {
        StepFunctions.errors.failure(code: code, message: message, status: status, requestID: requestID)
    }
}
