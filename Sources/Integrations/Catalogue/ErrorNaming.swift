// How the errors of a service are named in a task's Error and Cause (integrations.md §3).

package import Core

package struct ErrorNaming: Sendable {
    /// The version of the AWS SDK for Java, which the texts are of.
    enum SDK: Sendable {
        /// Of optimized integrations.
        case version1
        /// Of `aws-sdk:` actions.
        case version2
    }

    let sdk: SDK
    /// The first part of the Error: `Lambda`.
    let prefix: String
    /// The service in the Cause: `AWSLambda`.
    let service: String
    /// The exceptions that the SDK models; `nil` for every one.
    var modeled: Set<String>?
    /// The name of all others.
    let other: String

    /// The failure of a task whose service has responded with an error. `code` is the error's name in the response,
    /// `nil` where it has none.
    package func failure(code: String?, message: String, status: Int, requestID: String) -> Failure {
        let cause =
            switch sdk {
            case .version1:
                SDKExceptionText.version1(
                    message, service: service, status: status, code: code, requestID: requestID)
            case .version2:
                SDKExceptionText.version2(message, service: service, status: status, requestID: requestID)
            }
        return Failure(error: "\(prefix).\(name(code))", cause: cause)
    }

    private func name(_ code: String?) -> String {
        guard let code, modeled?.contains(code) != false else { return other }
        return code.hasSuffix("Exception") ? code : code + "Exception"
    }

    /// The failure of a task whose service has not responded.
    package func failure(_ failure: OutboundFailure) -> Failure {
        switch failure {
        case .timedOut:
            Failure(
                error: "\(prefix).ClientExecutionTimeoutException",
                cause: "Client execution did not complete before the specified timeout configuration.")
        case .notSent(let reason):
            Failure(error: "\(prefix).SdkClientException", cause: "Unable to execute HTTP request: \(reason)")
        }
    }
}
