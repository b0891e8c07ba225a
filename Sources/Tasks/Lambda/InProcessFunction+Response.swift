// The response of a function that runs here, as Lambda would send it.

import Functions
import Integrations
import JSON

extension InProcessFunction {
    /// Calls the function; blocks. Lambda keeps an `Event` in a queue of its own and responds at once; here the task is
    /// what outlives a crash, so the response comes when the function has run.
    func response(to invocation: FunctionInvocation, _ context: FunctionContext) -> OutboundResponse {
        if invocation.invocationType == .dryRun { return .ofFunction(context.requestID, status: 204) }
        let response: OutboundResponse
        do {
            response = .ofFunction(
                context.requestID, value: try body(invocation.payload?.value ?? .object([:]), context))
        } catch let error as FunctionError {
            response = .ofFunction(context.requestID, errorType: error.type, message: error.message)
        } catch {
            response = .ofFunction(context.requestID, errorType: "\(type(of: error))", message: "\(error)")
        }
        return invocation.invocationType == .event ? .ofFunction(context.requestID, status: 202) : response
    }
}

extension OutboundResponse {
    static func ofFunction(_ requestID: String, status: Int = 200, value: JSONValue? = nil) -> OutboundResponse {
        OutboundResponse(
            status: status,
            headers: [
                ("Content-Type", "application/json"), ("X-Amz-Executed-Version", "$LATEST"),
                ("x-amzn-RequestId", requestID),
            ], value: value)
    }

    /// Of a function that has failed.
    static func ofFunction(_ requestID: String, errorType: String, message: String) -> OutboundResponse {
        var response = ofFunction(
            requestID, value: ["errorMessage": .string(message), "errorType": .string(errorType)])
        response.headers.append(("X-Amz-Function-Error", "Unhandled"))
        return response
    }
}
