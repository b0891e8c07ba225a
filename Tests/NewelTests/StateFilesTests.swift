// State files that are missing at the start, or removed under the running daemon.

import Foundation
import Glibc
import Storage
import Testing

@testable import newel

@Suite("The daemon's state files")
struct StateFilesTests {
    private static let ready = #"event="Ready""#

    /// A daemon that has been ready and was stopped; its folder.
    private func stopped() throws -> RunningDaemon {
        let daemon = try RunningDaemon()
        try #require(daemon.wait(for: Self.ready), "\(daemon.text)")
        daemon.signal(SIGTERM)
        try #require(daemon.end() == 0)
        return daemon
    }

    static let losses: [(String, String, String?)] = [
        ("newel.secret", "newel.secret is missing", nil), ("newel.secret", "newel.secret is empty", ""),
        ("newel.secret", "newel.secret is damaged", "abc"), ("newel.db", "newel.db is missing", nil),
    ]

    @Test(
        "A start without a state file ends with 65 and says what is lost; --accept-loss continues once.",
        arguments: StateFilesTests.losses)
    func lost(file: String, words: String, contents: String?) throws {
        let daemon = try stopped()
        defer { daemon.remove() }
        let path = daemon.folder.appendingPathComponent(file)
        try FileManager.default.removeItem(at: path)
        if let contents { try Data(contents.utf8).write(to: path) }
        let refused = try RunningDaemon(folder: daemon.folder)
        #expect(refused.end() == 65)
        #expect(refused.text.contains(words), "\(refused.text)")
        #expect(refused.text.contains("--accept-loss"))
        for arguments in [["--accept-loss"], []] {
            let accepted = try RunningDaemon(arguments, folder: daemon.folder)
            #expect(accepted.wait(for: Self.ready), "\(accepted.text)")
            accepted.signal(SIGTERM)
            #expect(accepted.end() == 0)
        }
    }

    @Test(
        "A state file that is removed under the daemon ends it with 74 and names the file.",
        arguments: ["newel.db", "newel.db-wal", "newel.lock", "newel.secret"])
    func removed(file: String) throws {
        let daemon = try RunningDaemon()
        defer { daemon.remove() }
        try #require(daemon.wait(for: Self.ready), "\(daemon.text)")
        try FileManager.default.removeItem(at: daemon.folder.appendingPathComponent(file))
        #expect(daemon.wait(for: "A state file was removed or replaced"), "\(daemon.text)")
        #expect(daemon.end() == 74)
        #expect(daemon.text.contains(file))
    }

    @Test("A secret is made once and read again, and a first start needs none.")
    func secret() throws {
        let folder = try Program.temporaryFolder().path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try StateSecret.read(folder: folder, storeWasUsed: false, acceptsLoss: false)
        #expect(first.utf8.count == 64)
        #expect(try StateSecret.read(folder: folder, storeWasUsed: true, acceptsLoss: false) == first)
        let path = URL(fileURLWithPath: folder + "/newel.secret")
        let written = try Data(contentsOf: path)
        for place in written.indices {
            var damaged = written
            damaged[place] = damaged[place] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
            try damaged.write(to: path)
            let error = #expect(throws: StoreError.self) {
                try StateSecret.read(folder: folder, storeWasUsed: true, acceptsLoss: false)
            }
            #expect(error?.message.contains("newel.secret is damaged") == true)
        }
        // As secrets were before they had a checksum.
        try Data(first.utf8).write(to: path)
        #expect(try StateSecret.read(folder: folder, storeWasUsed: true, acceptsLoss: false) == first)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/newel.secret")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try FileManager.default.removeItem(atPath: folder + "/newel.secret")
        let error = #expect(throws: StoreError.self) {
            try StateSecret.read(folder: folder, storeWasUsed: true, acceptsLoss: false)
        }
        #expect(error?.code == .corrupt)
        #expect(try StateSecret.read(folder: folder, storeWasUsed: true, acceptsLoss: true) != first)
    }
}
