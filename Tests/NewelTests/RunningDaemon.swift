// A daemon that a test runs from outside.

import AsyncHTTPClient
import Foundation
import Glibc
import JSON
import NIOCore
import NIOHTTP1
import TestSupport

/// A daemon on ports of its own.
final class RunningDaemon {
    let folder: URL
    private let process: ChildProcess
    private let log: URL

    init(_ arguments: [String] = [], folder: URL? = nil, environment: [String: String] = [:]) throws {
        self.folder = try folder ?? Program.temporaryFolder()
        log = self.folder.appendingPathComponent("log-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let settings = [
            "serve", "--store-url", "sqlite:\(self.folder.path)", "--listen-api", "127.0.0.1:0", "--listen-gateway",
            "off",
            "--listen-admin", "127.0.0.1:0", "--log-format", "logfmt",
        ]
        let file = try FileHandle(forWritingTo: log)
        defer { try? file.close() }
        process = try ChildProcess(
            Program.newel, settings + arguments, environment: Program.plainEnvironment.merging(environment) { $1 },
            folder: self.folder.path, errors: file.fileDescriptor)
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

    /// What the API answers.
    func call(_ operation: String, _ input: JSONValue) async throws -> JSONValue {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port("api") ?? 0)/")
        request.method = .POST
        request.headers.add(name: "X-Amz-Target", value: "AWSStepFunctions.\(operation)")
        request.body = .bytes(ByteBuffer(string: input.text))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        return try JSONValue.parse(Array(try await response.body.collect(upTo: 1 << 20).readableBytesView))
    }

    func signal(_ number: Int32) { process.signal(number) }

    func end() -> Int32 { process.waitUntilExit() }

    func remove() {
        signal(SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
