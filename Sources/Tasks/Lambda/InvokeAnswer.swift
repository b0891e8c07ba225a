// What an Invoke call answered, and what that is as a task's outcome.

import Engine
import JSON

struct InvokeAnswer: Sendable {
    var status = 200
    /// As they came, in order.
    var headers: [(name: String, value: String)]
    var payload = ""
    /// `X-Amz-Function-Error`: the function failed and the payload says how.
    var functionError: String?

    init(status: Int, headers: [(name: String, value: String)], payload: String) {
        self.status = status
        self.headers = headers
        self.payload = payload
        functionError = header("x-amz-function-error")
    }

    /// The answer of a function in this process.
    init(requestID: String) {
        headers = [
            ("Content-Type", "application/json"), ("X-Amz-Executed-Version", "$LATEST"),
            ("x-amzn-RequestId", requestID),
        ]
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    mutating func fail(type: String, message: String) {
        functionError = "Unhandled"
        payload = JSONValue.object(["errorMessage": .string(message), "errorType": .string(type)]).text
    }

    func outcome(of call: FunctionCall) -> TaskOutcome {
        guard (200..<300).contains(status) else { return LambdaFailure.service(self, call) }
        guard functionError == nil else { return LambdaFailure.function(payload) }
        if call.isIntegration { return .succeeded(output: integrationResult(call).text) }
        return .succeeded(output: payload.isEmpty ? "null" : jsonText)
    }

    /// The payload where it is JSON, else the payload as a JSON string.
    private var jsonText: String {
        (try? JSONValue.parse(payload)) == nil ? JSONValue.string(payload).text : payload
    }

    /// `{ExecutedVersion, LogResult, Payload, SdkHttpMetadata, SdkResponseMetadata, StatusCode}`, as the optimized
    /// integration returns it.
    private func integrationResult(_ call: FunctionCall) -> JSONValue {
        var result = JSONObject()
        if let version = header("x-amz-executed-version") { result["ExecutedVersion"] = .string(version) }
        if let log = header("x-amz-log-result") { result["LogResult"] = .string(log) }
        if !payload.isEmpty { result["Payload"] = (try? JSONValue.parse(payload)) ?? .string(payload) }
        var all = JSONObject()
        var last = JSONObject()
        for (name, value) in headers {
            all[name] = .array((all[name]?.arrayValue ?? []) + [.string(value)])
            last[name] = .string(value)
        }
        result["SdkHttpMetadata"] = .object([
            "AllHttpHeaders": .object(all), "HttpHeaders": .object(last), "HttpStatusCode": .int(status),
        ])
        let requestID = header("x-amzn-requestid") ?? call.request.requestID
        result["SdkResponseMetadata"] = .object(["RequestId": .string(requestID)])
        result["StatusCode"] = .int(status)
        return .object(result)
    }
}
