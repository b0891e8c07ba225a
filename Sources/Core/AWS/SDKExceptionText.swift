// Texts of service exceptions, as the AWS SDKs for Java print them. They are the Cause of a failed Task
// (integrations.md §3).

package enum SDKExceptionText {
    /// Version 1 of the SDK, which the optimized integrations use.
    package static func version1(
        _ message: String, service: String, status: Int, code: String?, requestID: String
    ) -> String {
        "\(message) (Service: \(service); Status Code: \(status); Error Code: \(code ?? "null"); "
            + "Request ID: \(requestID); Proxy: null)"
    }

    /// Version 2 of the SDK, which the integrations of the form `aws-sdk:service:action` use.
    package static func version2(_ message: String, service: String, status: Int, requestID: String) -> String {
        "\(message) (Service: \(service), Status Code: \(status), Request ID: \(requestID)) (SDK Attempt Count: 1)"
    }
}
