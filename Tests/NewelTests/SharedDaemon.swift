// A daemon that the tests of one suite share, and the commands that are run against it.

import Foundation

@testable import newel

/// A daemon for a suite: a process for each test would take the machine away from the others.
final class SharedDaemon {
    let daemon: RunningDaemon

    init(_ arguments: [String] = []) throws {
        daemon = try RunningDaemon(arguments)
        guard daemon.wait(for: #"event="Ready""#) else { throw Exit(.unavailable, daemon.text) }
    }

    var folder: URL { daemon.folder }

    /// Runs a command in the daemon's folder, with the daemon as its endpoint.
    func newel(_ arguments: [String], _ variables: [String: String] = [:]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        var environment = Program.plainEnvironment.filter { !$0.key.hasPrefix("AWS_") }
        environment["AWS_ENDPOINT_URL_SFN"] = "http://127.0.0.1:\(daemon.port("api") ?? 0)"
        return try Program.run(
            Program.newel, arguments, in: folder, environment: environment.merging(variables) { $1 })
    }

    /// Writes a file into the daemon's folder.
    func write(_ name: String, _ text: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Creates a machine, or lets one of that name have this definition.
    func create(_ name: String, _ definition: String, _ more: [String] = []) throws {
        try write("\(name).asl.json", definition)
        let end = try newel(["machine", "create", name, "\(name).asl.json", "--update"] + more)
        guard end.code == 0 else { throw Exit(.failure, end.errors) }
    }
}
