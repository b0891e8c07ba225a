// Functions that run in the daemon's own process.

package import JSON

/// A function in this process. It runs on a thread of the worker pool and may block.
/// What it throws as `FunctionError` becomes `Error` and `Cause` as on Lambda: `errorType`, and the error payload
/// `{"errorMessage","errorType"}` as JSON text.
package struct InProcessFunction: Sendable {
    /// The function's name, the last part of its ARN.
    package var name: String
    package var body: @Sendable (_ input: JSONValue, _ context: FunctionContext) throws -> JSONValue

    package init(
        name: String, body: @escaping @Sendable (_ input: JSONValue, _ context: FunctionContext) throws -> JSONValue
    ) {
        self.name = name
        self.body = body
    }
}

package struct FunctionContext: Sendable {
    /// The same for each delivery of an attempt, as Lambda's `awsRequestId` is for each retry of an event.
    package var requestID: String
    package var executionARN: String
    /// The function's ARN as the definition has it, perhaps with a qualifier.
    package var functionARN: String

    package init(requestID: String, executionARN: String, functionARN: String) {
        self.requestID = requestID
        self.executionARN = executionARN
        self.functionARN = functionARN
    }
}

/// An error that a function raises on purpose: its type is what Retry and Catch match.
package struct FunctionError: Error, Sendable, Equatable {
    package var type: String
    package var message: String

    package init(type: String, message: String) {
        self.type = type
        self.message = message
    }
}
