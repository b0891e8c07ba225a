// The daemon from outside: starting, stopping, its lock, its ports, what systemd hears.

import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A daemon on ports of its own.
private final class RunningDaemon {
    let folder: URL
    private let process = Process()
    private let log: URL

    init(_ arguments: [String] = [], folder: URL? = nil) throws {
        self.folder = try folder ?? Program.temporaryFolder()
        log = self.folder.appendingPathComponent("log-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = URL(fileURLWithPath: Program.newel)
        process.arguments =
            [
                "serve", "--store-url", "sqlite:\(self.folder.path)", "--listen-api", "127.0.0.1:0", "--listen-door",
                "off",
                "--listen-admin", "127.0.0.1:0", "--log-format", "logfmt",
            ] + arguments
        process.environment = Program.plainEnvironment
        process.currentDirectoryURL = self.folder
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
    }

    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Waits until the log has it or the daemon has ended.
    func wait(for text: String) -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if self.text.contains(text) { return true }
            if !process.isRunning { return self.text.contains(text) }
            usleep(5_000)
        }
        return false
    }

    func port(_ name: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.contains(#"event="Ready""#) }
        let word = line?.split(separator: " ").first { $0.hasPrefix("\(name)=") }
        return word?.split(separator: ":").last.flatMap { Int($0) }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    func remove() {
        if process.isRunning { signal(SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}

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
}
