// One HTTP/1.1 connection: collects a request, asks the handler, writes the answer, then reads the next request or
// closes.

import NIOCore
import NIOHTTP1
import Synchronization

/// After NIO's HTTP decoder and pipelining handler in the pipeline, so that it sees one request at a time. Belongs to
/// its event loop.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case idle
        case head
        case body(HTTPRequestHead, ByteBuffer)
        /// A whole request that waits until the client has read the answers before it.
        case held(HTTPRequestHead, ByteBuffer)
        /// The handler has the request; of its head no more is kept than the answer needs.
        case handling(keepAlive: Bool, isHead: Bool)
        /// Refused before its end: what still comes is thrown away, so that the client gets to read its answer.
        case refused
        case closed
    }

    /// When the connection is cut off, unless it gets on.
    private(set) var deadline: NIODeadline
    private var phase = Phase.idle
    private var isFinishing = false
    /// Counts requests, so that no answer can reach another request than its own.
    private var number = 0
    private var context: ChannelHandlerContext?
    private var remoteAddress: String?
    private let client = ClientConnection()
    private let table: ConnectionTable
    private let limits: HTTPLimits
    private let denied: DeniedRequests
    private let handler: HTTPHandler
    private let refusal: HTTPRefusal
    /// Bytes of the body that has begun to arrive, and those of all connections of the process.
    private var heldBytes = 0
    private static let allHeldBytes = Atomic(0)
    /// Whether the client has closed its sending side. It may still read the answer to its last request.
    private var isInputClosed = false

    init(
        table: ConnectionTable, limits: HTTPLimits, denied: DeniedRequests, refusal: @escaping HTTPRefusal,
        handler: @escaping HTTPHandler
    ) {
        self.table = table
        self.limits = limits
        self.denied = denied
        self.refusal = refusal
        self.handler = handler
        deadline = .now() + limits.headerTimeout
    }

    // MARK: - Coming and going

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.remoteAddress?.ipAddress
        table.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        table.remove(self)
        releaseHeldBytes()
        self.context = nil
        phase = .closed
        client.close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        client.close()
        context.fireChannelInactive()
    }

    func cutOff() { context?.close(promise: nil) }

    /// The deadline has passed.
    func timeOut() {
        switch phase {
        case .head, .body: denied.count(.tooSlow)
        case .idle, .held, .handling, .refused, .closed: break
        }
        cutOff()
    }

    /// Takes no further request: closes now when idle, else after the answer.
    func finish() {
        isFinishing = true
        if case .idle = phase { cutOff() }
    }

    /// The first byte of a request has come in; the decoder tells only when the header is whole.
    func bytesArrived() {
        guard case .idle = phase else { return }
        phase = .head
        deadline = .now() + limits.headerTimeout
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { inputClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client sends no more. A request that is being handled still gets its answer, except where a handler wants to
    /// know when the client leaves: a worker that has closed its connection must not be given a task.
    private func inputClosed() {
        isInputClosed = true
        switch phase {
        case .idle, .head, .body: cutOff()
        case .handling: if client.inputClosed() { cutOff() }
        case .held, .refused, .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A client that sends and never reads must not fill the memory with answers.
        try? context.channel.syncOptions?.setOption(.autoRead, value: context.channel.isWritable)
        if context.channel.isWritable, case .held(let head, let body) = phase { handle(head, body) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return cutOff() }
        switch phase {
        case .idle, .head, .body:
            refuse(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest)
        case .held, .handling, .refused, .closed: cutOff()
        }
    }

    // MARK: - The request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (_, .refused), (_, .closed), (_, .handling), (_, .held): break
        case (.head(let head), _): begin(head)
        case (.body(let part), .body(let head, let body)):
            phase = .idle
            collect(part, head, body)
        case (.end, .body(let head, let body)): handle(head, body)
        default: cutOff()
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let framing = Framing(head.headers)
        if framing.hosts > 1 || framing.hosts == 0 && head.version == .http1_1 { return refuse(.badRequest) }
        guard framing.isPlainOrChunked else { return refuse(.notImplemented) }
        if let length = framing.length, length > limits.bodyBytes { return refuse(.payloadTooLarge) }
        phase = .body(head, ByteBuffer())
        deadline = .now() + limits.bodyTimeout
        if framing.expectsContinue {
            context?.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    private func collect(_ part: ByteBuffer, _ head: HTTPRequestHead, _ body: ByteBuffer) {
        guard body.readableBytes + part.readableBytes <= limits.bodyBytes else { return refuse(.payloadTooLarge) }
        heldBytes += part.readableBytes
        guard Self.allHeldBytes.wrappingAdd(part.readableBytes, ordering: .relaxed).newValue <= limits.unfinishedBytes
        else { return refuse(.serviceUnavailable) }
        if body.readableBytes == 0 {
            phase = .body(head, part)
        } else {
            var part = part
            var body = body
            body.writeBuffer(&part)
            phase = .body(head, body)
        }
    }

    /// The body is whole, or is not read any further.
    private func releaseHeldBytes() {
        Self.allHeldBytes.wrappingSubtract(heldBytes, ordering: .relaxed)
        heldBytes = 0
    }

    private func handle(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        releaseHeldBytes()
        guard let context else { return }
        // The requests that a client has pipelined are here already, however little it reads of the answers.
        guard context.channel.isWritable else {
            phase = .held(head, body)
            deadline = .now() + limits.idleTimeout
            return
        }
        let eventLoop = context.eventLoop
        phase = .handling(keepAlive: head.isKeepAlive, isHead: head.method == .HEAD)
        deadline = .distantFuture
        number += 1
        let number = number
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let request = HTTPRequest(
            method: head.method, uri: head.uri, headers: head.headers, body: body, remoteAddress: remoteAddress,
            connection: client)
        handler(request) { answer in
            if eventLoop.inEventLoop {
                bound.value.answer(answer, to: number)
            } else {
                eventLoop.execute { bound.value.answer(answer, to: number) }
            }
        }
    }

    // MARK: - The answer

    private func answer(_ answer: HTTPAnswer, to number: Int) {
        // The client may have gone in the meantime.
        guard case .handling(let keepAlive, let isHead) = phase, number == self.number else {
            answer.sent?(false)
            return
        }
        client.answered()
        write(answer, keepAlive: keepAlive && !isFinishing && !isInputClosed, isHead: isHead)
    }

    private func refuse(_ status: HTTPResponseStatus) {
        releaseHeldBytes()
        denied.count(status == .badRequest || status == .notImplemented ? .malformed : .tooLarge)
        write(refusal(status), keepAlive: false, isHead: false)
    }

    private func write(_ answer: HTTPAnswer, keepAlive: Bool, isHead: Bool) {
        guard let context else {
            answer.sent?(false)
            return
        }
        var headers = answer.headers
        // RFC 9110 §6.4.1: the client takes what follows for the next answer. A final answer has no status below 200.
        let isBodiless = answer.status.code == 204 || answer.status.code == 304
        let status = answer.status.code < 200 ? HTTPResponseStatus.internalServerError : answer.status
        if !isBodiless { headers.add(name: "Content-Length", value: String(answer.body.readableBytes)) }
        headers.add(name: "Date", value: table.date)
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if answer.body.readableBytes > 0, !isHead, !isBodiless {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        var end: EventLoopPromise<Void>?
        if let sent = answer.sent {
            end = context.eventLoop.makePromise()
            end?.futureResult.whenComplete { result in
                if case .success = result { sent(true) } else { sent(false) }
            }
        }
        if keepAlive {
            phase = .idle
            deadline = .now() + limits.idleTimeout
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: end)
        } else {
            close(context, end)
        }
    }

    /// Ends the answer and the connection. A close with bytes unread would reset it and take the answer with it, so the
    /// sending side closes first and what still comes is read for a moment.
    private func close(_ context: ChannelHandlerContext, _ end: EventLoopPromise<Void>?) {
        let wasWhole = if case .handling = phase { true } else { false }
        phase = .refused
        deadline = .now() + .seconds(2)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let promise = end ?? context.eventLoop.makePromise()
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
        promise.futureResult.whenComplete { _ in
            bound.value.close(mode: wasWhole ? .all : .output, promise: nil)
        }
    }
}

/// What the header says of the request's framing, read in one pass.
private struct Framing {
    var hosts = 0
    /// No transfer coding, or `chunked` once.
    var isPlainOrChunked = true
    /// The first Content-Length.
    var length: Int?
    var expectsContinue = false

    init(_ headers: HTTPHeaders) {
        var isChunked = false
        for (name, value) in headers {
            // The lengths come first: they tell most names apart.
            switch name.utf8.count {
            case 4 where name.lowercased() == "host": hosts += 1
            case 6 where name.lowercased() == "expect": expectsContinue = value.lowercased() == "100-continue"
            case 14 where length == nil && name.lowercased() == "content-length": length = Int(value)
            case 17 where name.lowercased() == "transfer-encoding":
                isPlainOrChunked = !isChunked && value.lowercased() == "chunked"
                isChunked = true
            default: break
            }
        }
    }
}

/// Stands before the decoder and tells the connection when a request begins.
final class RequestBeginning: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: HTTPConnection

    init(_ connection: HTTPConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.bytesArrived()
        context.fireChannelRead(data)
    }
}
