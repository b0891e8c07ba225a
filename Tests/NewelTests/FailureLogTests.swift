// Warnings and metrics of executions that fail.

import AsyncHTTPClient
import Core
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import States
import Storage
import Synchronization
import Testing

@testable import Engine
@testable import newel

@Suite("Failed executions in the log")
struct FailureLogTests {
    private static let late =
        #"{"StartAt":"A","TimeoutSeconds":1,"States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}"#
    private static let branch = """
        {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
         {"StartAt":"Inner","States":{"Inner":{"Type":"Fail","Error":"Deep","Cause":"\(String(repeating: "x", count: 900))"}}}]}}}
        """

    private func metrics(_ daemon: SharedDaemon) async throws -> String {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(daemon.daemon.port("admin") ?? 0)/metrics")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        return String(buffer: try await response.body.collect(upTo: 8 << 20))
    }

    /// Asks until the metrics have the line, for ten seconds at most.
    private func hasMetric(_ line: String, _ daemon: SharedDaemon) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if try await metrics(daemon).contains(line) { return true }
            usleep(20_000)
        }
        return false
    }

    @Test("Each failure is a warning with machine, name, ARN, status, state, error and cut cause; all are counted.")
    func failures() async throws {
        let daemon = try SharedDaemon(["--set", "log.failures=all"])
        defer { daemon.daemon.remove() }
        try daemon.create("deep", Self.branch)
        try daemon.create("late", Self.late)
        try daemon.create("fine", OperatorTests.pass)
        try daemon.create("quick", OperatorTests.fail, ["--type", "express"])
        try daemon.create("waits", OperatorTests.wait)
        for machine in ["deep", "late", "fine"] {
            _ = try daemon.newel(["execution", "start", machine, "--name", "one", "--watch"])
        }
        _ = try daemon.newel(["execution", "start", "quick", "--name", "one", "--sync"])
        _ = try daemon.newel(["execution", "start", "waits", "--name", "one"])
        // Rejected: the name is taken.
        _ = try? daemon.newel(["execution", "start", "fine", "--name", "one"])
        #expect(daemon.daemon.wait(for: "machine=quick"))
        let lines = daemon.daemon.text.split(separator: "\n").filter { $0.contains("An execution failed") }
        #expect(lines.count == 3, "\(lines)")
        let deep = try #require(lines.first { $0.contains("machine=deep") })
        for part in [
            "level=warning", "name=one", "execution=arn:aws:states:us-east-1:000000000000:execution:deep:one",
            "status=FAILED", "state=Inner", "error=Deep", "cause=xxx",
        ] { #expect(deep.contains(part), "\(part): \(deep)") }
        #expect(deep.count < 800)
        #expect(lines.contains { $0.contains("machine=late") && $0.contains("status=TIMED_OUT") })
        let expected = [
            #"newel_executions_started_total{type="STANDARD"} 4"#,
            #"newel_executions_started_total{type="EXPRESS"} 1"#,
            #"newel_executions_closed_total{type="STANDARD",status="FAILED"} 1"#,
            #"newel_executions_closed_total{type="STANDARD",status="TIMED_OUT"} 1"#,
            #"newel_executions_closed_total{type="STANDARD",status="SUCCEEDED"} 1"#,
            #"newel_executions_closed_total{type="EXPRESS",status="FAILED"} 1"#,
            #"newel_executions_closed_total{type="EXPRESS",status="ABORTED"} 0"#,
            #"newel_machine_executions_closed_total{machine="deep",status="FAILED"} 1"#, "newel_executions_running 1",
        ]
        for line in expected { #expect(try await hasMetric(line, daemon), "\(line)") }
    }

    @Test("Sampled, a machine that fails all the time has ten lines in a window and then a sum.")
    func sampled() {
        let lines = Lines()
        let log = FailureLog(.sampled, logger: Logger(label: "test") { _ in lines })
        var closed = ClosedExecutions()
        for number in 1...30 {
            closed.add(
                .init(machine: "no", type: .standard, status: .failed, milliseconds: 1),
                .init(machine: "no", name: "\(number)", arn: "arn", status: .failed))
        }
        closed.add(
            .init(machine: "other", type: .standard, status: .timedOut, milliseconds: 1),
            .init(machine: "other", name: "1", arn: "arn", status: .timedOut))
        log.take(closed)
        log.finish()
        let failed = lines.all.filter { $0.contains("An execution failed") }
        #expect(failed.count == 11 && failed.filter { $0.contains("other") }.count == 1, "\(failed)")
        #expect(lines.all.filter { $0.contains("More executions failed") && $0.contains("20") }.count == 1)
        log.take(closed)
        log.finish()
        #expect(lines.all.count { $0.contains("An execution failed") } == 22)
    }

    @Test("Off, there is no line.")
    func off() throws {
        let daemon = try SharedDaemon(["--set", "log.failures=off"])
        defer { daemon.daemon.remove() }
        try daemon.create("no", OperatorTests.fail)
        _ = try daemon.newel(["execution", "start", "no", "--watch"])
        daemon.daemon.signal(SIGTERM)
        #expect(daemon.daemon.end() == 0)
        #expect(!daemon.daemon.text.contains("An execution failed"))
    }
}

/// Keeps what is logged.
private final class Lines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
