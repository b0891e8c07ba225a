// One HTTP request with its whole body, and its answer.

package import NIOCore
package import NIOHTTP1
import Synchronization

/// A request whose body has arrived.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// The request target as it was sent: path and query.
    package var uri: String
    package var headers: HTTPHeaders
    package var body: ByteBuffer
    /// The client's address without its port, where the socket has one.
    package var remoteAddress: String?
    /// Reports when the client closes; `nil` where that is not known.
    package var connection: ClientConnection?

    package init(
        method: HTTPMethod, uri: String, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer(),
        remoteAddress: String? = nil, connection: ClientConnection? = nil
    ) {
        self.connection = connection
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The target up to its query.
    package var path: Substring { Substring(uri.utf8.prefix { $0 != UInt8(ascii: "?") }) }

    /// The query after the `?`, `nil` where there is none.
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
    /// Called with whether the answer was written to the socket; whether the client has read it is not known.
    package var sent: (@Sendable (Bool) -> Void)?

    package init(
        status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer(),
        sent: (@Sendable (Bool) -> Void)? = nil
    ) {
        self.sent = sent
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

/// Reports when a client closes its connection while it waits for an answer. One for each connection.
package final class ClientConnection: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var isInputClosed = false
        var handler: (@Sendable () -> Void)?
    }

    package init() {}

    /// Calls `handler` once the client has closed, at once where it already has; it replaces the one before.
    package func whenClosed(_ handler: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            let isClosed = state.isClosed || state.isInputClosed
            if !isClosed { state.handler = handler }
            return isClosed
        }
        if isClosed { handler() }
    }

    /// Whether the client has closed the connection.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The answer has come: the handler is not called any more.
    func answered() { state.withLock { $0.handler = nil } }

    /// Notes that the client sends no more. Returns whether a handler was waiting for that, and calls it.
    func inputClosed() -> Bool {
        let handler = state.withLock { state in
            defer { state.handler = nil }
            state.isInputClosed = true
            return state.handler
        }
        handler?()
        return handler != nil
    }

    /// Notes that the client has closed the connection.
    package func close() {
        let handler = state.withLock { state in
            defer { state.handler = nil }
            state.isClosed = true
            return state.handler
        }
        handler?()
    }
}

/// Answers requests. It is called on an event loop and must not block; it calls `reply` exactly once, from any thread.
package typealias HTTPHandler =
    @Sendable (_ request: HTTPRequest, _ reply: @escaping @Sendable (HTTPAnswer) -> Void)
    -> Void

/// Makes the answer to a request that the listener refuses by itself: 400 malformed, 413 body too large, 431 header too
/// large, 501 a transfer coding other than chunked.
package typealias HTTPRefusal = @Sendable (HTTPResponseStatus) -> HTTPAnswer
