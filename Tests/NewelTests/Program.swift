// Programs that tests run from outside.

import Foundation
import TestSupport

enum Program {
    /// The daemon that was built with these tests.
    static var newel: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("newel").path
    }

    /// An environment without settings of the daemon.
    static var plainEnvironment: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NEWEL_") && $0.key != "JOURNAL_STREAM" }
    }

    static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("newel-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    /// Runs a program to its end.
    static func run(
        _ program: String, _ arguments: [String], in folder: URL? = nil,
        environment: [String: String] = plainEnvironment
    ) throws -> (code: Int32, output: String, errors: String) {
        // Files rather than pipes: nobody has to read while it runs.
        let logs = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: logs) }
        let (output, errors) = (logs.appendingPathComponent("output"), logs.appendingPathComponent("errors"))
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        let (outputFile, errorsFile) = (
            try FileHandle(forWritingTo: output), try FileHandle(forWritingTo: errors)
        )
        defer { for file in [outputFile, errorsFile] { try? file.close() } }
        let process = try ChildProcess(
            program, arguments, environment: environment, folder: folder?.path,
            output: outputFile.fileDescriptor, errors: errorsFile.fileDescriptor)
        return (
            process.waitUntilExit(), try String(contentsOf: output, encoding: .utf8),
            try String(contentsOf: errors, encoding: .utf8)
        )
    }
}
