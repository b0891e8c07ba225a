// One call of a function: whom, with what.

import JSON

/// What a task request asks for, in the Invoke API's words.
struct FunctionCall: Sendable {
    /// Name or ARN as the definition has it.
    var function: String
    /// JSON text.
    var payload: String
    var request: TaskRequest

    init(_ request: TaskRequest) {
        self.request = request
        function = request.functionARN
        payload = request.input
    }

    /// The same for every redelivery of this attempt, so that the far side can tell a repetition from a new call.
    var requestID: String { request.requestID }

    /// Calls a function of this process; blocks.
    func run(_ function: InProcessFunction) -> TaskOutcome {
        let context = FunctionContext(
            id: request.id, executionARN: request.executionARN, functionARN: self.function)
        do {
            let input = try JSONValue.parse(payload)
            return .succeeded(output: try function.body(input, context).text)
        } catch let error as FunctionError {
            return LambdaFailure.functionError(type: error.type, message: error.message)
        } catch {
            return LambdaFailure.functionError(type: "\(type(of: error))", message: "\(error)")
        }
    }
}
