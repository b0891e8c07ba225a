// How Lambda's response to a call of a function reads as a task's outcome.

import Core
import JSON

enum LambdaResponse {
    /// `result` makes the task's result of the response to a call that succeeded.
    static func outcome(
        of response: OutboundResponse, _ call: IntegrationCall, result: (OutboundResponse) -> JSONValue
    ) -> TaskOutcome {
        guard (200..<300).contains(response.status) else { return .failed(serviceFailure(response, call)) }
        if response.header("x-amz-function-error") != nil { return .failed(functionFailure(response)) }
        return .succeeded(Payload(result(response)))
    }

    /// A function that failed: the payload's `errorType` is the Error, the payload as compact JSON the Cause.
    private static func functionFailure(_ response: OutboundResponse) -> Failure {
        guard let value = response.value, let type = value["errorType"]?.stringValue else {
            return Failure(
                error: "Lambda.Unknown",
                cause: "The cause could not be determined because Lambda did not return an error type. "
                    + "Returned payload: \(response.text)")
        }
        return Failure(error: type, cause: value.text)
    }

    private static func serviceFailure(_ response: OutboundResponse, _ call: IntegrationCall) -> Failure {
        let message = (response.value?["message"] ?? response.value?["Message"])?.stringValue
        return call.errors.failure(
            code: code(response), message: message ?? "null", status: response.status,
            requestID: response.header("x-amzn-requestid") ?? call.requestID)
    }

    /// What names the error: the header, the body's `__type` or, where an endpoint leaves out both, the status.
    private static func code(_ response: OutboundResponse) -> String? {
        let named = response.header("x-amzn-errortype") ?? response.value?["__type"]?.stringValue
        if let named {
            // `com.amazon.coral#Name:http://…` in its full form.
            let bare = named.split(separator: ":", maxSplits: 1).first ?? ""
            return bare.split(separator: "#").last.map(String.init)
        }
        return byStatus[response.status]
    }

    private static let byStatus = [
        404: "ResourceNotFoundException", 413: "RequestTooLargeException", 415: "UnsupportedMediaTypeException",
        429: "TooManyRequestsException", 500: "ServiceException", 502: "ServiceException", 503: "ServiceException",
        504: "ServiceException",
    ]
}
