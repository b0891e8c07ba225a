// `arn:aws:states:::lambda:invoke`: a call of a function whose parameters are those of Invoke, and whose result is the
// whole response (integrations.md §4).

import Core
import JSON

struct LambdaInvoke: ServiceIntegration {
    func request(_ call: IntegrationCall) throws(Failure) -> OutboundRequest {
        guard let parameters = call.input.value.objectValue else {
            throw call.rejected("[The parameters are not an object]")
        }
        guard let function = parameters["FunctionName"]?.stringValue, !function.isEmpty else {
            throw call.rejected(ParameterSchema.missing("FunctionName"))
        }
        let type = parameters["InvocationType"]?.stringValue.map { FunctionInvocation.InvocationType(rawValue: $0) }
        guard let type = type ?? .requestResponse else {
            throw call.rejected("[The value of the field 'InvocationType' has an invalid format]")
        }
        return .function(
            FunctionInvocation(
                function: function,
                qualifier: parameters["Qualifier"]?.stringValue ?? FunctionName(function).qualifier,
                payload: Self.payload(parameters["Payload"] ?? .null), invocationType: type,
                clientContext: parameters["ClientContext"]?.stringValue,
                logType: parameters["LogType"]?.stringValue))
    }

    /// Null is as good as none (recorded: a function that returns its input returns `{}`). A string is the payload
    /// itself where it is JSON (recorded: `"true"` arrives as `true`); any other would be no payload at all.
    private static func payload(_ parameter: JSONValue) -> Payload? {
        if parameter.isNull { return nil }
        if let text = parameter.stringValue, let value = try? JSONValue.parse(text) {
            return Payload(text: text, value: value)
        }
        return Payload(parameter)
    }

    func outcome(of response: OutboundResponse, _ call: IntegrationCall) -> TaskOutcome {
        LambdaResponse.outcome(of: response, call) { .object(result(of: $0, call)) }
    }

    /// `{ExecutedVersion, LogResult, Payload, SdkHttpMetadata, SdkResponseMetadata, StatusCode}`.
    private func result(of response: OutboundResponse, _ call: IntegrationCall) -> JSONObject {
        var result = JSONObject()
        if let version = response.header("x-amz-executed-version") { result["ExecutedVersion"] = .string(version) }
        if let log = response.header("x-amz-log-result") { result["LogResult"] = .string(log) }
        if !response.isEmpty { result["Payload"] = response.value ?? .string(response.text) }
        let requestID = response.header("x-amzn-requestid") ?? call.requestID
        let metadata = SDKMetadata.members(of: response, requestID: requestID)
        result["SdkHttpMetadata"] = metadata.http
        result["SdkResponseMetadata"] = metadata.response
        result["StatusCode"] = .int(response.status)
        return result
    }
}
