// What a listener makes of connections: limits, timeouts, pipelining, smuggling, draining.

import HTTPSupport
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import HTTPServer

@Suite("HTTP connections")
struct HTTPListenerTests {
    private static var tight: HTTPLimits {
        var limits = HTTPLimits()
        limits.bodyBytes = 100
        limits.headerFields = 8
        limits.headerListBytes = 1024
        limits.headerFieldBytes = 512
        limits.headerTimeout = .milliseconds(100)
        limits.bodyTimeout = .milliseconds(100)
        limits.idleTimeout = .milliseconds(100)
        limits.drainTimeout = .seconds(5)
        return limits
    }

    private static var patient: HTTPLimits {
        var limits = tight
        limits.headerTimeout = .seconds(60)
        limits.bodyTimeout = .seconds(60)
        limits.idleTimeout = .seconds(60)
        return limits
    }

    /// Answers with method, target and body.
    private static func withEcho<Result: Sendable>(
        _ limits: HTTPLimits, _ body: @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        try await Running.with(
            { announce in
                HTTPListener(
                    name: "test", host: "127.0.0.1", port: 0, limits: limits, logger: Running.quiet,
                    onServerRunning: announce
                ) { request, reply in
                    reply(.text(.ok, "\(request.method) \(request.uri) \(String(buffer: request.body))"))
                }
            }, body)
    }

    @Test("A request is answered and the connection goes on.")
    func keepAlive() async throws {
        try await Self.withEcho(Self.patient) { port in
            let client = try await RawClient.connect(port: port)
            for number in 1...3 {
                try await client.send("POST /\(number) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
                let text = try await client.until("POST /\(number) hi")
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(!text.contains("Connection: close"))
            }
            try await client.close()
        }
    }

    @Test("A client that sends no more after its request gets the answer, and the connection closes.")
    func halfClosed() async throws {
        let (held, release) = AsyncStream.makeStream(of: Void.self)
        let (arrived, announceArrival) = AsyncStream.makeStream(of: Void.self)
        try await Running.with(
            { announce in
                HTTPListener(
                    name: "test", host: "127.0.0.1", port: 0, limits: Self.patient, logger: Running.quiet,
                    onServerRunning: announce
                ) { request, reply in
                    announceArrival.yield()
                    Task {
                        for await _ in held { break }
                        reply(.text(.ok, "late \(request.uri)"))
                    }
                }
            },
            { port in
                let client = try await RawClient.connect(port: port)
                try await client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
                for await _ in arrived { break }
                try await client.closeOutput()
                release.yield()
                #expect(try await client.untilClosed().hasSuffix("late /1"))
            })
    }

    @Test("Pipelined requests of a client that sends no more are answered, all of them.")
    func halfClosedPipeline() async throws {
        try await Self.withEcho(Self.patient) { port in
            let client = try await RawClient.connect(port: port)
            try await client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
            try await client.closeOutput()
            let text = try await client.untilClosed()
            #expect(text.matches(of: /GET \/(\d)/).map { String($0.1) } == ["1", "2"])
        }
    }

    @Test("A client that someone waits to see leave has left when it sends no more.")
    func halfClosedPoll() async throws {
        let (gone, announceClose) = AsyncStream.makeStream(of: Void.self)
        try await Running.with(
            { announce in
                HTTPListener(
                    name: "test", host: "127.0.0.1", port: 0, limits: Self.patient, logger: Running.quiet,
                    onServerRunning: announce
                ) { request, _ in
                    request.connection?.whenClosed { announceClose.yield() }
                }
            },
            { port in
                let client = try await RawClient.connect(port: port)
                try await client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
                try await client.closeOutput()
                for await _ in gone { break }
                #expect(try await client.untilClosed().isEmpty)
            })
    }

    @Test(
        "A transfer coding other than chunked is not understood.",
        arguments: ["gzip, chunked", "gzip,chunked", "Chunked", "identity, chunked"])
    func transferCodings(coding: String) async throws {
        try await Self.withEcho(Self.patient) { port in
            let text = try await RawClient.exchange(
                port: port,
                "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Transfer-Encoding: \(coding)\r\n\r\n0\r\n\r\n")
            #expect(text.hasPrefix(coding == "Chunked" ? "HTTP/1.1 200" : "HTTP/1.1 501"), "\(text)")
        }
    }

    @Test(
        "An answer without a body writes none, so that the next answer on the connection is the next request's.",
        arguments: [(204, 204), (304, 304), (100, 500), (199, 500)])
    func bodiless(status: Int, written: Int) async throws {
        try await Running.with(
            { announce in
                HTTPListener(
                    name: "test", host: "127.0.0.1", port: 0, limits: Self.patient, logger: Running.quiet,
                    onServerRunning: announce
                ) { request, reply in
                    let isFirst = request.uri == "/1"
                    reply(.text(isFirst ? HTTPResponseStatus(statusCode: status) : .ok, isFirst ? "BODY" : "second"))
                }
            },
            { port in
                let text = try await RawClient.exchange(
                    port: port,
                    "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(text.hasPrefix("HTTP/1.1 \(written) "))
                #expect(text.contains("BODY") == (written == 500))
                #expect(text.hasSuffix("second"))
            })
    }

    @Test("Bodies that are not whole yet take a bounded space, and give it back.")
    func unfinishedBodies() async throws {
        var limits = Self.patient
        limits.bodyBytes = 1 << 20
        limits.unfinishedBytes = 500_000
        try await Self.withEcho(limits) { port in
            func request(_ bytes: Int, of length: Int) -> String {
                "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n"
                    + String(repeating: "a", count: bytes)
            }
            for _ in 0..<3 {
                let refused = try await RawClient.exchange(port: port, request(900_000, of: 900_001))
                #expect(refused.hasPrefix("HTTP/1.1 503 "))
            }
            let whole = try await RawClient.exchange(port: port, request(400_000, of: 400_000))
            #expect(whole.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("Pipelined requests are answered in their order.")
    func pipelining() async throws {
        try await Self.withEcho(Self.patient) { port in
            let last = "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let text = try await RawClient.exchange(
                port: port, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n" + last)
            let order = text.matches(of: /GET \/(\d)/).map { String($0.1) }
            #expect(order == ["1", "2", "3"])
        }
    }

    @Test("A pipelined request waits until the client has read the answers before it.")
    func backPressure() async throws {
        let answer = String(repeating: "a", count: 1 << 20)
        let handled = Atomic(0)
        try await Running.with(
            { announce in
                HTTPListener(
                    name: "test", host: "127.0.0.1", port: 0, limits: Self.patient, logger: Running.quiet,
                    onServerRunning: announce
                ) { request, reply in
                    if request.uri == "/small" { return reply(.text(.ok, "small")) }
                    handled.wrappingAdd(1, ordering: .relaxed)
                    reply(.text(.ok, answer))
                }
            },
            { port in
                let client = try await RawClient.connect(port: port, reads: false)
                let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                try await client.send(String(repeating: request, count: 199) + last)
                // The server has turned often enough to have answered all, had it not waited.
                for _ in 0..<50 {
                    _ = try await RawClient.exchange(
                        port: port, "GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                }
                // What the sockets' buffers take is a few megabytes.
                #expect(handled.load(ordering: .relaxed) < 100)
                try await client.read()
                let text = try await client.untilClosed()
                #expect(handled.load(ordering: .relaxed) == 200)
                #expect(text.utf8.count > 200 << 20)
            })
    }

    @Test("A chunked body is put together, and 100-continue is answered.")
    func chunked() async throws {
        try await Self.withEcho(Self.patient) { port in
            let client = try await RawClient.connect(port: port)
            let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
            try await client.send(head)
            _ = try await client.until("HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
            _ = try await client.until("POST / abcde")
            try await client.close()
        }
    }

    @Test(
        "What is malformed, ambiguous or too large is refused and the connection closed.",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", 413),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n\(String(repeating: "a", count: 101))\r\n",
                413
            ),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
            ("nonsense\r\n\r\n", 400),
            ("GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1 1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", 400),
            ("GET / HTTP/1.1\nHost: x\n\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 600))\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: x\r\n\((1...9).map { "H\($0): y\r\n" }.joined())\r\n", 431),
        ])
    func refused(_ request: String, _ status: Int) async throws {
        try await Self.withEcho(Self.patient) { port in
            let text = try await RawClient.exchange(port: port, request)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(60)): \(text.prefix(40))")
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.matches(of: /HTTP\/1.1 \d/).count == 1)
        }
    }

    @Test(
        "A client that is too slow is cut off.",
        arguments: [
            "", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
        ])
    func slow(_ beginning: String) async throws {
        try await Self.withEcho(Self.tight) { port in
            let client = try await RawClient.connect(port: port)
            // On a busy machine the connection may be gone before anything is sent: that is the point.
            try? await client.send(beginning)
            #expect(try await client.untilClosed() == "")
        }
    }

    @Test("An idle connection is closed after its time.")
    func idle() async throws {
        var limits = Self.patient
        limits.idleTimeout = .milliseconds(100)
        try await Self.withEcho(limits) { port in
            let client = try await RawClient.connect(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.untilClosed().hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test("Connections beyond the limit are closed at once.")
    func connectionLimit() async throws {
        var limits = Self.patient
        limits.connections = 1
        try await Self.withEcho(limits) { port in
            let first = try await RawClient.connect(port: port)
            try await first.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await first.until("GET /1")
            #expect(try await RawClient.exchange(port: port, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n") == "")
            try await first.send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await first.until("GET /3")
            try await first.close()
        }
    }

    @Test("HEAD has no body, HTTP/1.0 no second request.")
    func old() async throws {
        try await Self.withEcho(Self.patient) { port in
            let head = try await RawClient.exchange(
                port: port, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(head.hasSuffix("\r\n\r\n"))
            #expect(head.contains("Content-Length: 7\r\n"))
            let old = try await RawClient.exchange(port: port, "GET / HTTP/1.0\r\n\r\n")
            #expect(old.hasSuffix("GET / "))
        }
    }

    @Test("A shutdown closes idle connections and lets a request have its answer.")
    func drain() async throws {
        let (arrived, arrive) = AsyncStream<@Sendable (HTTPAnswer) -> Void>.makeStream()
        let busy = Task<String, any Error> {
            let client = try await Running.with(
                { announce in
                    HTTPListener(
                        name: "test", host: "127.0.0.1", port: 0, limits: Self.patient, logger: Running.quiet,
                        onServerRunning: announce
                    ) { _, reply in arrive.yield(reply) }
                },
                { port in
                    let idle = try await RawClient.connect(port: port)
                    let client = try await RawClient.connect(port: port)
                    try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    var replies = arrived.makeAsyncIterator()
                    let reply = try #require(await replies.next())
                    // Answered only when the idle connection is gone: the shutdown is under way by then.
                    Task {
                        _ = try await idle.untilClosed()
                        reply(.text(.ok, "at last"))
                    }
                    return client
                })
            return try await client.untilClosed()
        }
        let text = try await busy.value
        #expect(text.hasSuffix("at last"))
        #expect(text.contains("Connection: close\r\n"))
    }
}
