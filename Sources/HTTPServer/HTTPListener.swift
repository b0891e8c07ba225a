// A listening socket and what becomes of its connections: HTTP/1.1 on NIO's own pipeline.
//
// Hummingbird is one layer higher: measured here, an echo costs it 50 µs of CPU and NIO's pipeline 20 µs. What the
// listeners need of a framework is this file and HTTPConnection.swift.

import Core
import Glibc
package import Logging
import Metrics
package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Serves HTTP on one address until its service group shuts down gracefully: then it stops listening, closes idle
/// connections and lets the others have their answer.
package struct HTTPListener: Service {
    private let name: String
    private let host: String
    private let port: Int
    private let socketPath: String?
    private let limits: HTTPLimits
    private let validatesHeaders: Bool
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onServerRunning: @Sendable (Int) -> Void
    private let refusal: HTTPRefusal
    private let handler: HTTPHandler

    /// `port` 0 takes any free port; `onServerRunning` is called with the port that is bound. Without
    /// `validatesHeaders` every header of an answer must be the server's own. `socketPath` is a socket of the file
    /// system to listen on instead; one that is there is replaced.
    package init(
        name: String, host: String, port: Int, socketPath: String? = nil, limits: HTTPLimits = HTTPLimits(),
        validatesHeaders: Bool = true,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger,
        onServerRunning: @escaping @Sendable (Int) -> Void = { _ in },
        refusal: @escaping HTTPRefusal = { HTTPAnswer(status: $0) }, handler: @escaping HTTPHandler
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.socketPath = socketPath
        self.limits = limits
        self.validatesHeaders = validatesHeaders
        self.group = group
        self.logger = logger
        self.onServerRunning = onServerRunning
        self.refusal = refusal
        self.handler = handler
    }

    package func run() async throws {
        let tables = Tables(group: group, interval: limits.sweepInterval)
        let channel: any Channel
        do {
            if let socketPath {
                channel = try await bootstrap(tables)
                    .bind(unixDomainSocketPath: socketPath, cleanupExistingSocketFile: true).get()
            } else {
                channel = try await bootstrap(tables).bind(host: host, port: port).get()
            }
        } catch {
            throw ListenFailure(name: name, address: socketPath ?? "\(host):\(port)", error: error)
        }
        let bound = channel.localAddress?.port ?? port
        logger.info("Listening", metadata: ["listener": "\(name)", "address": "\(socketPath ?? "\(host):\(bound)")"])
        onServerRunning(bound)
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
        await tables.drain(until: .now() + limits.drainTimeout)
    }

    private func bootstrap(_ tables: Tables) -> ServerBootstrap {
        let count = OpenConnections(server: name)
        let denied = DeniedRequests(server: name)
        var bootstrap = ServerBootstrap(group: group).serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        if socketPath == nil {
            bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        }
        return
            bootstrap
            // Each connection keeps a buffer of the size that its last request wanted: ten thousand workers that wait
            // are to cost little.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 65_536)
            )
            .childChannelInitializer { [limits, refusal, handler, validatesHeaders] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard count.enter(limit: limits.connections) else {
                        denied.count(.tooManyConnections)
                        throw TooManyConnections()
                    }
                    channel.closeFuture.whenComplete { _ in count.leave() }
                    let connection = HTTPConnection(
                        table: tables.table(of: channel.eventLoop), limits: limits, denied: denied,
                        refusal: refusal, handler: handler)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(RequestBeginning(connection))
                    try pipeline.configureHTTPServerPipeline(
                        withErrorHandling: false, withOutboundHeaderValidation: validatesHeaders,
                        withEncoderConfiguration: .init(),
                        withDecoderLimitConfiguration: limits.decoder)
                    try pipeline.addHandler(connection)
                }
            }
    }
}

/// An address that could not be listened on.
package struct ListenFailure: Error, CustomStringConvertible {
    package var name: String
    package var address: String
    package var reason: String

    init(name: String, address: String, error: any Error) {
        self.name = name
        self.address = address
        switch (error as? IOError)?.errnoCode {
        case EACCES, EPERM:
            reason =
                "permission denied. Ports below 1024 are reserved: choose another, or grant the service "
                + "AmbientCapabilities=CAP_NET_BIND_SERVICE."
        case EADDRINUSE: reason = "another program is listening there. Stop it, or choose another port."
        case EADDRNOTAVAIL: reason = "this machine does not have the address."
        default: reason = "\(error)."
        }
    }

    package var description: String { "The \(name) listener cannot use \(address): \(reason)" }
}

/// Thrown in a channel's initializer, which closes the channel.
private struct TooManyConnections: Error {}

private final class OpenConnections: Sendable {
    private let count = Atomic(0)
    private let gauge: Gauge

    init(server: String) { gauge = Gauge(label: MetricName.httpConnections.rawValue, dimensions: [("server", server)]) }

    func enter(limit: Int) -> Bool {
        let open = count.wrappingAdd(1, ordering: .relaxed).newValue
        guard open <= limit else {
            leave()
            return false
        }
        gauge.record(open)
        return true
    }

    func leave() { gauge.record(count.wrappingSubtract(1, ordering: .relaxed).newValue) }
}

/// A connection table for each event loop.
private struct Tables: Sendable {
    private let boxes: [ObjectIdentifier: NIOLoopBoundBox<ConnectionTable>]
    private let eventLoops: [any EventLoop]

    init(group: any EventLoopGroup, interval: TimeAmount) {
        eventLoops = Array(group.makeIterator())
        var boxes: [ObjectIdentifier: NIOLoopBoundBox<ConnectionTable>] = [:]
        for eventLoop in eventLoops {
            let box = NIOLoopBoundBox.makeBoxSendingValue(ConnectionTable(eventLoop: eventLoop), eventLoop: eventLoop)
            eventLoop.execute { box.value.start(every: interval) }
            boxes[ObjectIdentifier(eventLoop)] = box
        }
        self.boxes = boxes
    }

    /// The table of the event loop that the caller is on.
    func table(of eventLoop: any EventLoop) -> ConnectionTable {
        guard let box = boxes[ObjectIdentifier(eventLoop)] else { preconditionFailure("a loop of another group") }
        return box.value
    }

    /// Returns when every connection is closed.
    func drain(until deadline: NIODeadline) async {
        let ends = eventLoops.map { eventLoop in
            let done = eventLoop.makePromise(of: Void.self)
            eventLoop.execute { boxes[ObjectIdentifier(eventLoop)]?.value.drain(until: deadline, done: done) }
            return done.futureResult
        }
        for end in ends { try? await end.get() }
    }
}
