// What AsyncHTTPClient does not survive.

package import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension HTTPClient.Configuration {
    /// Fails calls that a server answers with a status below 100, instead of ending the process: AsyncHTTPClient 1.37
    /// takes such an answer for an informational one and traps at its body (`receivedHTTPResponseBodyPart`).
    package mutating func refuseImpossibleStatuses() {
        httpVersion = .http1Only
        http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                try pipeline.addHandler(ImpossibleStatusHandler(), position: .after(decoder))
            }
        }
    }
}

/// A server has answered with a status that HTTP does not have.
struct ImpossibleStatus: Error, CustomStringConvertible {
    var code: UInt

    var description: String { "The server answered with the status \(code), which HTTP does not have" }
}

private final class ImpossibleStatusHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.status.code < 100, !isRefused {
            isRefused = true
            context.fireErrorCaught(ImpossibleStatus(code: head.status.code))
            context.close(promise: nil)
        }
        if !isRefused { context.fireChannelRead(data) }
    }
}
