// How a failed call of a Lambda function reads as a task's Error and Cause.

import Core
import Engine
import JSON
import Outbound

enum LambdaFailure {
    /// A function that failed: the payload's `errorType` is the Error, the payload as compact JSON the Cause.
    static func function(_ payload: String) -> TaskOutcome {
        guard let value = try? JSONValue.parse(payload), let type = value["errorType"]?.stringValue else {
            return .failed(
                error: "Lambda.Unknown",
                cause: "The cause could not be determined because Lambda did not return an error type. "
                    + "Returned payload: \(payload)")
        }
        return .failed(error: type, cause: value.text)
    }

    /// The service refused the call. Errors that the AWS SDK for Java models have their own name, all others are
    /// `AWSLambdaException`.
    static func service(_ answer: InvokeAnswer, _ call: FunctionCall) -> TaskOutcome {
        let body = try? JSONValue.parse(answer.payload)
        let code = self.code(answer, body)
        let message = (body?["message"] ?? body?["Message"])?.stringValue
        let name = code.map { modeled.contains($0) ? $0 : "AWSLambdaException" } ?? "AWSLambdaException"
        return .failed(
            error: "Lambda.\(name)",
            cause: SDKExceptionText.version1(
                message ?? "null", service: "AWSLambda", status: answer.status, code: code,
                requestID: answer.header("x-amzn-requestid") ?? call.request.requestID))
    }

    /// What names the error: the header, the body's `__type` or, where an endpoint leaves out both, the status.
    private static func code(_ answer: InvokeAnswer, _ body: JSONValue?) -> String? {
        let named = answer.header("x-amzn-errortype") ?? body?["__type"]?.stringValue
        if let named {
            // `com.amazon.coral#Name:http://…` in its full form.
            let bare = named.split(separator: ":", maxSplits: 1).first ?? ""
            return bare.split(separator: "#").last.map(String.init)
        }
        return byStatus[answer.status]
    }

    private static let byStatus = [
        404: "ResourceNotFoundException", 413: "RequestTooLargeException", 415: "UnsupportedMediaTypeException",
        429: "TooManyRequestsException", 500: "ServiceException", 502: "ServiceException", 503: "ServiceException",
        504: "ServiceException",
    ]

    /// The exceptions of Invoke in the Lambda API reference.
    private static let modeled: Set = [
        "CodeArtifactUserDeletedException", "CodeArtifactUserFailedException", "CodeArtifactUserPendingException",
        "EC2AccessDeniedException", "EC2ThrottledException", "EC2UnexpectedException", "EFSIOException",
        "EFSMountConnectivityException", "EFSMountFailureException", "EFSMountTimeoutException",
        "ENILimitReachedException", "InvalidParameterValueException", "InvalidRequestContentException",
        "InvalidRuntimeException", "InvalidSecurityGroupIDException", "InvalidSubnetIDException",
        "InvalidZipFileException", "KMSAccessDeniedException", "KMSDisabledException", "KMSInvalidStateException",
        "KMSNotFoundException", "RecursiveInvocationException", "RequestTooLargeException",
        "ResourceConflictException", "ResourceNotFoundException", "ResourceNotReadyException", "ServiceException",
        "SnapStartException", "SnapStartNotReadyException", "SnapStartTimeoutException",
        "SubnetIPAddressLimitReachedException", "TooManyRequestsException", "UnsupportedMediaTypeException",
    ]

    /// The call has no response, in the words of Java's client where it has some.
    static func client(_ error: OutboundError, _ url: String) -> TaskOutcome {
        let authority = Endpoint(url).authority
        let reason =
            switch error {
            case .connectTimeout: "Connect to \(authority) failed: connect timed out"
            case .connectFailed(let reason): "Connect to \(authority) failed: \(reason)"
            case .connectionClosed(nil): "\(authority) failed to respond"
            case .connectionClosed(let reason?): "\(authority) failed to respond: \(reason)"
            case .malformedResponse(let reason): "\(authority): \(reason)"
            case .invalidRequest(let reason): "\(url): \(reason)"
            case .other(let reason): reason
            case .cancelled, .deadlineExceeded, .responseTooLarge: error.description
            }
        return .failed(error: "Lambda.SdkClientException", cause: "Unable to execute HTTP request: \(reason)")
    }

    /// The response did not come within the client's time limit.
    static let timeout = TaskOutcome.failed(
        error: "Lambda.ClientExecutionTimeoutException",
        cause: "Client execution did not complete before the specified timeout configuration.")
}
