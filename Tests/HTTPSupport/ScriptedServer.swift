// An HTTP server on loopback that answers as a test tells it to, well or badly.

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What arrived.
package struct ScriptedRequest: Sendable {
    package var method: String
    package var uri: String
    /// Names in lower case.
    package var headers: [String: String]
    package var body: String
}

/// What goes back.
package enum ScriptedReply: Sendable {
    case answer(Int, [String: String] = [:], String = "")
    /// Reads the request and never answers.
    case silence
    /// Closes the connection without a word.
    case hangUp
    /// These bytes instead of HTTP, then closes.
    case raw(String)
    /// These bytes instead of HTTP, then nothing more.
    case stall(String)
}

/// Serves until `stop`. The script is asked once for each request, with the request's number from 0.
package final class ScriptedServer: Sendable {
    package typealias Script = @Sendable (_ request: ScriptedRequest, _ number: Int) -> ScriptedReply

    private let channel: any Channel
    private let log: RequestLog

    package init(_ script: @escaping Script) throws {
        let log = RequestLog()
        self.log = log
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(ScriptedHandler(script: script, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
    }

    /// Answers in this order, the last one for ever.
    package convenience init(_ replies: ScriptedReply...) throws {
        try self.init { _, number in replies[min(number, replies.count - 1)] }
    }

    package var port: Int { channel.localAddress?.port ?? 0 }
    package var url: String { "http://127.0.0.1:\(port)" }

    /// What has arrived so far.
    package var requests: [ScriptedRequest] { log.requests.withLock { $0 } }

    package func stop() { channel.close(promise: nil) }
}

/// A port of loopback that is taken, so that nobody else gets it, and where nobody listens.
package final class DeafPort: Sendable {
    package let port: Int
    private let socket: Int32

    package init() {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        port = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bare in
                let failed = bind(descriptor, bare, length) != 0 || getsockname(descriptor, bare, &length) != 0
                precondition(!failed, "no port on loopback")
            }
            return Int(UInt16(bigEndian: address.pointee.sin_port))
        }
    }

    deinit { close(socket) }

    package var url: String { "http://127.0.0.1:\(port)" }
}

private final class RequestLog: Sendable {
    let requests = Mutex<[ScriptedRequest]>([])

    func add(_ request: ScriptedRequest) -> Int {
        requests.withLock {
            $0.append(request)
            return $0.count - 1
        }
    }
}

private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let script: ScriptedServer.Script
    private let log: RequestLog
    private var request = ScriptedRequest(method: "", uri: "", headers: [:], body: "")

    init(script: @escaping ScriptedServer.Script, log: RequestLog) {
        self.script = script
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
            request = ScriptedRequest(
                method: head.method.rawValue, uri: head.uri,
                headers: Dictionary(headers, uniquingKeysWith: { "\($0),\($1)" }), body: "")
        case .body(let buffer): request.body += String(buffer: buffer)
        case .end: reply(script(request, log.add(request)), context)
        }
    }

    private func reply(_ reply: ScriptedReply, _ context: ChannelHandlerContext) {
        switch reply {
        case .silence: break
        case .hangUp: context.close(promise: nil)
        case .answer(let status, let headers, let body): answer(status, headers, body, context)
        case .raw(let text):
            write(text, context)
            context.close(promise: nil)
        case .stall(let text): write(text, context)
        }
    }

    /// Past the encoder.
    private func write(_ text: String, _ context: ChannelHandlerContext) {
        guard let below = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return context.close(promise: nil)
        }
        below.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
    }

    private func answer(_ status: Int, _ headers: [String: String], _ body: String, _ context: ChannelHandlerContext) {
        var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
        if fields["Content-Length"].isEmpty { fields.add(name: "Content-Length", value: "\(body.utf8.count)") }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
