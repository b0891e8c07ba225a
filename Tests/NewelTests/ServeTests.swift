// The daemon from outside: starting, stopping, its lock, its ports, what systemd hears.

import Foundation
import Glibc
import JSON
import Testing

@Suite("Serving")
struct ServeTests {
    @Test("It says when it is ready, and SIGTERM ends it with 0.", arguments: [SIGTERM, SIGINT])
    func readyAndStop(signal: Int32) throws {
        let daemon = try RunningDaemon()
        defer { daemon.remove() }
        #expect(daemon.wait(for: #"event="Ready""#), "\(daemon.text)")
        #expect(daemon.port("api") != 0)
        daemon.signal(signal)
        #expect(daemon.end() == 0)
        #expect(daemon.text.contains(#"event="Stopped""#))
    }

    @Test("A second daemon is kept off the folder of state, by name of the first.")
    func lock() throws {
        let daemon = try RunningDaemon()
        defer { daemon.remove() }
        #expect(daemon.wait(for: #"event="Ready""#))
        let second = try RunningDaemon(folder: daemon.folder)
        #expect(second.end() == 75)
        #expect(second.text.contains("is held by process"))
    }

    @Test("A port in use is told with its listener and ends with 73.")
    func port() throws {
        let daemon = try RunningDaemon()
        defer { daemon.remove() }
        #expect(daemon.wait(for: #"event="Ready""#))
        let port = try #require(daemon.port("api"))
        let second = try RunningDaemon(["--listen-api", "127.0.0.1:\(port)"])
        defer { second.remove() }
        #expect(second.end() == 73)
        #expect(second.text.contains("The api listener cannot use 127.0.0.1:\(port)"), "\(second.text)")
    }

    @Test("After kill -9 the folder opens again.")
    func killed() throws {
        let daemon = try RunningDaemon()
        #expect(daemon.wait(for: #"event="Ready""#))
        daemon.signal(SIGKILL)
        _ = daemon.end()
        let second = try RunningDaemon(folder: daemon.folder)
        defer { second.remove() }
        #expect(second.wait(for: #"event="Ready""#), "\(second.text)")
    }

    @Test("systemd hears READY when the listeners are open, then the watchdog, then STOPPING.")
    func systemd() throws {
        let socket = try NotifySocket()
        defer { socket.close() }
        let daemon = try RunningDaemon(environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "60000"])
        defer { daemon.remove() }
        #expect(daemon.wait(for: #"event="Ready""#))
        #expect(socket.next()?.hasPrefix("EXTEND_TIMEOUT_USEC=") == true)
        var messages: [String] = []
        while messages.count < 4, let message = socket.next() { messages.append(message) }
        let ready = try #require(messages.first { $0.hasPrefix("READY=1\n") }, "\(messages)")
        #expect(ready.contains("STATUS=Serving on 127.0.0.1:\(daemon.port("api") ?? 0)"))
        #expect(messages.count { $0 == "WATCHDOG=1" } == 3)
        daemon.signal(SIGTERM)
        while let message = socket.next() {
            if message.hasPrefix("STOPPING=1\n") { break }
            #expect(message == "WATCHDOG=1")
        }
        #expect(daemon.end() == 0)
    }

    @Test("Under journald every line carries its priority.")
    func journal() throws {
        let daemon = try RunningDaemon(["--log-format", "auto"], environment: ["JOURNAL_STREAM": "8:1"])
        defer { daemon.remove() }
        #expect(daemon.wait(for: "<6>Ready "), "\(daemon.text)")
        #expect(daemon.text.split(separator: "\n").allSatisfy { $0.hasPrefix("<6>") }, "\(daemon.text)")
    }

    private static func definition(_ result: Int) -> String {
        #"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":\#(result),"End":true}}}"#
    }

    @Test("Machines of the configuration are there at once, and a changed definition is taken over at the next start.")
    func machines() async throws {
        let folder = try Program.temporaryFolder()
        let definition = folder.appendingPathComponent("one.asl.json")
        try Data("machines: { one: { definition: one.asl.json } }\n".utf8)
            .write(to: folder.appendingPathComponent("newel.yaml"))
        let arn: JSONValue = "arn:aws:states:us-east-1:000000000000:stateMachine:one"
        for result in [1, 1, 2] {
            try Data(Self.definition(result).utf8).write(to: definition)
            let daemon = try RunningDaemon(["--config", "newel.yaml"], folder: folder)
            #expect(daemon.wait(for: #"event="Ready""#), "\(daemon.text)")
            let machine = try await daemon.call("DescribeStateMachine", ["stateMachineArn": arn])
            #expect(machine["definition"]?.stringValue == Self.definition(result))
            daemon.signal(SIGTERM)
            #expect(daemon.end() == 0)
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test("A wait of an hour does not hold up SIGTERM, and is there again at the next start.")
    func waiting() async throws {
        let daemon = try RunningDaemon()
        defer { daemon.remove() }
        #expect(daemon.wait(for: #"event="Ready""#))
        let made = try await daemon.call(
            "CreateStateMachine",
            [
                "name": "wait", "roleArn": "arn:aws:iam::000000000000:role/any",
                "definition": #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}"#,
            ])
        let started = try await daemon.call(
            "StartExecution", ["stateMachineArn": made["stateMachineArn"] ?? .null, "name": "one"])
        daemon.signal(SIGTERM)
        #expect(daemon.end() == 0)
        let second = try RunningDaemon(folder: daemon.folder)
        #expect(second.wait(for: #"event="Ready""#))
        let execution = try await second.call("DescribeExecution", ["executionArn": started["executionArn"] ?? .null])
        #expect(execution["status"]?.stringValue == "RUNNING")
        second.signal(SIGTERM)
        #expect(second.end() == 0)
    }

    @Test("The demo moves a recipe and ends.")
    func demo() throws {
        let end = try Program.run(
            Program.newel,
            [
                "demo", "--once", "--listen-api", "127.0.0.1:0", "--listen-gateway", "127.0.0.1:0", "--listen-admin",
                "127.0.0.1:0",
            ])
        #expect(end.code == 0, "\(end.errors)")
        let parts = end.output.components(separatedBy: "\nAfter\n")
        #expect(parts.count == 2)
        #expect(parts.first?.contains("row       recipes/1  version 1   owner 1") == true)
        #expect(parts.last?.contains("document  recipes/1  version 2   owner 2") == true)
        #expect(parts.first?.contains("ExecutionSucceeded") == true)
    }
}
