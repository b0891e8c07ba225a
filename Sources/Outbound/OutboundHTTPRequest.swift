// One HTTP call of another service and its result, as data.

/// A call of a service, without its endpoint.
package struct OutboundHTTPRequest: Sendable {
    package var method: String
    /// Path and query below the endpoint's path, percent-encoded, beginning with a slash.
    package var target: String
    /// `Host` and `Content-Length` are added.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String = "POST", target: String, headers: [(name: String, value: String)], body: [UInt8]
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

package struct OutboundHTTPResponse: Sendable {
    package var status: Int
    /// As they came, in order.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    /// The first value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why a call has no response.
package enum OutboundError: Error, Sendable, Equatable {
    case cancelled
    /// The response was not complete by the deadline.
    case deadlineExceeded
    /// The response is larger than the client's limit.
    case responseTooLarge
    case connectTimeout
    /// The connection could not be made; `reason` is the system's text.
    case connectFailed(reason: String)
    /// The service closed the connection before the response was complete; `reason` is the system's text, if it has
    /// one.
    case connectionClosed(reason: String?)
    /// The response is not HTTP.
    case malformedResponse(String)
    /// The request could not be sent: its URL is wrong, for instance.
    case invalidRequest(String)
    /// Anything else, in the HTTP client's words.
    case other(String)
}

extension OutboundError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cancelled: "the call was cancelled"
        case .deadlineExceeded: "no response within the time limit"
        case .responseTooLarge: "the response is too large"
        case .connectTimeout: "connecting took too long"
        case .connectFailed(let reason): "connecting failed: \(reason)"
        case .connectionClosed(let reason): "the connection was closed\(reason.map { ": \($0)" } ?? "")"
        case .malformedResponse(let reason), .invalidRequest(let reason), .other(let reason): reason
        }
    }
}
