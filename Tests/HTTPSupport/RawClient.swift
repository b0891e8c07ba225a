// A client that sends any bytes at any pace: what well-behaved libraries will not do.

import NIOCore
import NIOPosix

/// A TCP connection over which a test writes bytes and reads until the server closes or a text has come.
package final class RawClient: Sendable {
    private let channel: any Channel
    private let received: Received

    private init(channel: any Channel, received: Received) {
        self.channel = channel
        self.received = received
    }

    /// With `reads` false nothing is read before `read`.
    package static func connect(port: Int, reads: Bool = true) async throws -> RawClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let received = Received(eventLoop: loop)
        let channel = try await ClientBootstrap(group: loop)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReceivingHandler(received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, received: received)
    }

    package func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    /// Begins to read.
    package func read() async throws { try await channel.setOption(.autoRead, value: true).get() }

    /// Everything that came until the server closed the connection.
    package func untilClosed() async throws -> String { try await received.closed.futureResult.get() }

    /// What has come once it holds that text.
    package func until(_ text: String) async throws -> String { try await received.wait(for: text) }

    /// Closes the sending side alone, as `nc -N` does.
    package func closeOutput() async throws { try await channel.close(mode: .output) }

    package func close() async throws { try await channel.close() }

    /// Sends a whole request and gives the answer, for which the server must close the connection.
    package static func exchange(port: Int, _ text: String) async throws -> String {
        let client = try await connect(port: port)
        try? await client.send(text)
        return try await client.untilClosed()
    }
}

private final class Received: Sendable {
    let closed: EventLoopPromise<String>
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    struct State {
        var text = ""
        var waiting: [(String, EventLoopPromise<String>)] = []
    }

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        closed = eventLoop.makePromise()
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    func wait(for text: String) async throws -> String {
        let promise = eventLoop.makePromise(of: String.self)
        eventLoop.execute {
            self.state.value.waiting.append((text, promise))
            self.look()
        }
        return try await promise.futureResult.get()
    }

    func take(_ text: String) {
        state.value.text += text
        look()
    }

    func end() {
        closed.succeed(state.value.text)
        for (_, promise) in state.value.waiting { promise.fail(ChannelError.eof) }
        state.value.waiting = []
    }

    private func look() {
        let text = state.value.text
        for (wanted, promise) in state.value.waiting where text.contains(wanted) { promise.succeed(text) }
        state.value.waiting.removeAll { text.contains($0.0) }
    }
}

private final class ReceivingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let received: Received

    init(_ received: Received) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.take(String(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) { received.end() }

    // A reset ends the connection as a close does.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
