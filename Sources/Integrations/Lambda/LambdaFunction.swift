// A function's ARN as Resource: the task's input is the payload, the function's result the task's.

import Core
import JSON

struct LambdaFunction: ServiceIntegration {
    func request(_ call: IntegrationCall) throws(Failure) -> OutboundRequest {
        let function = call.target.resource
        return .function(
            FunctionInvocation(
                function: function, qualifier: FunctionName(function).qualifier, payload: call.input))
    }

    func outcome(of response: OutboundResponse, _ call: IntegrationCall) -> TaskOutcome {
        LambdaResponse.outcome(of: response, call) { response in
            if let value = response.value { return value }
            // A result that is no JSON becomes a string, as on Lambda.
            return response.isEmpty ? .null : .string(response.text)
        }
    }
}
