// How a failed call of a Lambda function reads as a task's Error and Cause.

import JSON

enum LambdaFailure {
    /// A function that failed on purpose or threw: its type is the Error, its payload as JSON text the Cause.
    static func functionError(type: String, message: String) -> TaskOutcome {
        let payload: JSONValue = ["errorMessage": .string(message), "errorType": .string(type)]
        return .failed(error: type, cause: payload.text)
    }

    /// The words of a service exception, as the AWS SDK for Java that Step Functions uses prints it.
    static func cause(message: String, status: Int, code: String?, requestID: String) -> String {
        "\(message) (Service: AWSLambda; Status Code: \(status); Error Code: \(code ?? "null"); "
            + "Request ID: \(requestID); Proxy: null)"
    }
}
