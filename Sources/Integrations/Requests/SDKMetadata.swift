// What the results of optimized integrations have of the HTTP response (integrations.md §4).

import JSON

enum SDKMetadata {
    /// `SdkHttpMetadata` and `SdkResponseMetadata`.
    static func members(of response: OutboundResponse, requestID: String) -> (http: JSONValue, response: JSONValue) {
        var all = JSONObject()
        var last = JSONObject()
        for (name, value) in response.headers {
            all[name] = .array((all[name]?.arrayValue ?? []) + [.string(value)])
            last[name] = .string(value)
        }
        return (
            ["AllHttpHeaders": .object(all), "HttpHeaders": .object(last), "HttpStatusCode": .int(response.status)],
            ["RequestId": .string(requestID)]
        )
    }
}
