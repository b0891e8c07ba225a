// What the doors take and give: one HTTP request with its whole body, one answer.

package import NIOCore
package import NIOHTTP1

/// A request whose body has arrived.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// The request target as it was sent: path and query.
    package var uri: String
    package var headers: HTTPHeaders
    package var body: ByteBuffer
    /// The client's address without its port, where the socket has one.
    package var remoteAddress: String?

    package init(
        method: HTTPMethod, uri: String, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer(),
        remoteAddress: String? = nil
    ) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The target up to its query.
    package var path: Substring { uri.prefix { $0 != "?" } }

    /// The query behind the `?`, `nil` where there is none.
    package var query: Substring? {
        guard let mark = uri.firstIndex(of: "?") else { return nil }
        return uri[uri.index(after: mark)...]
    }
}

/// An answer. The connection adds `Content-Length`, `Date` and `Connection`.
package struct HTTPAnswer: Sendable {
    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package init(status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func text(
        _ status: HTTPResponseStatus, _ text: String, type: String = "text/plain; charset=utf-8"
    ) -> HTTPAnswer {
        HTTPAnswer(status: status, headers: ["Content-Type": type], body: ByteBuffer(string: text))
    }
}

/// Answers requests. It is called on an event loop and must not block; it calls `reply` exactly once, from any thread.
package typealias HTTPHandler =
    @Sendable (_ request: HTTPRequest, _ reply: @escaping @Sendable (HTTPAnswer) -> Void)
    -> Void
