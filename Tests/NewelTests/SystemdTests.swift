// What systemd is told, and how the unit is hardened.

import Foundation
import Glibc
import TestSupport
import Testing

@testable import newel

@Suite("systemd")
struct SystemdTests {
    @Test("Readiness, the watchdog and the end are told on the notify socket.")
    func messages() throws {
        let socket = try NotifySocket()
        defer { socket.close() }
        let systemd = Systemd(environment: ["NOTIFY_SOCKET": socket.path])
        systemd.ready("Serving")
        #expect(socket.message() == "READY=1\nSTATUS=Serving")
        systemd.watchdog()
        #expect(socket.message() == "WATCHDOG=1")
        systemd.stopping("Draining")
        #expect(socket.message() == "STOPPING=1\nSTATUS=Draining")
        systemd.extendTimeout(seconds: 3)
        #expect(socket.message() == "EXTEND_TIMEOUT_USEC=3000000")
        #expect(socket.message() == nil)
    }

    @Test("Without systemd nothing is told, and a socket that is gone is no failure.")
    func nobody() {
        Systemd(environment: [:]).ready("Serving")
        Systemd(environment: ["NOTIFY_SOCKET": "/nowhere/notify"]).ready("Serving")
        Systemd(environment: ["NOTIFY_SOCKET": String(repeating: "x", count: 200)]).ready("Serving")
    }

    @Test("The watchdog is fed only when systemd asks this very process for it.")
    func watchdog() {
        let own = "\(getpid())"
        #expect(Systemd(environment: ["WATCHDOG_USEC": "30000000"]).watchdogMicroseconds == 30_000_000)
        #expect(
            Systemd(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": own]).watchdogMicroseconds == 30_000_000)
        #expect(Systemd(environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]).watchdogMicroseconds == nil)
        #expect(Systemd(environment: ["WATCHDOG_USEC": "0"]).watchdogMicroseconds == nil)
        #expect(Systemd(environment: [:]).watchdogMicroseconds == nil)
    }

    private static let analyze = "/usr/bin/systemd-analyze"

    @Test(
        "The unit's exposure is at most 1.5.",
        .enabled(if: FileManager.default.isExecutableFile(atPath: SystemdTests.analyze)))
    func exposure() throws {
        let unit = Conformance.root.appendingPathComponent("systemd/newel.service").path
        let text = try Program.run(Self.analyze, ["security", "--offline=true", "--no-pager", unit]).output
        let words = text.split(whereSeparator: \.isWhitespace)
        let place = try #require(words.lastIndex(of: "newel.service:"), "\(text)")
        let score = try #require(Double(words[place + 1]), "\(text)")
        #expect(score <= 1.5)
    }

    @Test("The unit waits for READY, is watched, restarts on failure and keeps its state.")
    func unit() throws {
        let url = Conformance.root.appendingPathComponent("systemd/newel.service")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
        for line in [
            "Type=notify", "WatchdogSec=30", "Restart=on-failure", "DynamicUser=yes", "StateDirectory=newel",
            "ExecStart=/usr/local/bin/newel serve --config /etc/newel/newel.yaml",
        ] { #expect(lines.contains(line), "\(line)") }
    }
}
