// Another process holds the recipes' files, as a backup tool does.

import Foundation
import Functions
import JSON
import Synchronization
import Testing

@testable import RecipeMove

/// A lock on a file by a connection of its own, as another process would have it.
private final class OtherProcess: Sendable {
    private let connection: Mutex<Connection>

    /// Holds the file for writers (`BEGIN EXCLUSIVE` in WAL), or for all with `locking_mode=EXCLUSIVE`.
    init(_ path: String, everything: Bool) throws {
        connection = Mutex(try Connection(path: path, synchronous: .normal))
        try connection.withLock { connection in
            if everything {
                _ = try connection.query("PRAGMA locking_mode=EXCLUSIVE") { $0.text(0) }
            }
            try connection.execute("BEGIN EXCLUSIVE")
        }
    }

    func release() { connection.withLock { $0.close() } }
}

@Suite("Recipes held by another process")
struct LockTests {
    @Test("Reads are answered while moves wait for the file, and the moves are Db.Busy until it is free.")
    func reads() async throws {
        let folder = try Folder()
        let move = try RecipeMove(configuration: folder.configuration)
        defer { move.close() }
        let other = try OtherProcess(folder.configuration.databasePath, everything: false)
        let refused = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 1...4 {
                group.addTask {
                    do {
                        _ = try move.call("update-recipe", ["id": .int(number), "user_id": 5, "token": "t\(number)"])
                        return "moved"
                    } catch let error as FunctionError { return error.type }
                }
            }
            for number in 1...4 { #expect(try move.recipe("\(number)")?["id"] == .int(number)) }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(refused == Array(repeating: "Db.Busy", count: 4))
        other.release()
        let moved = try move.call("update-recipe", ["id": 1, "user_id": 5, "token": "t1"])
        #expect(moved["moved"] == true)
        #expect(move.database.isOpen)
    }

    @Test("A file that is held at the start is opened once it is free.")
    func start() throws {
        let folder = try Folder()
        try RecipeMove(configuration: folder.configuration).close()
        let other = try OtherProcess(folder.configuration.databasePath, everything: true)
        let move = try RecipeMove(configuration: folder.configuration)
        defer { move.close() }
        #expect(!move.isOpen)
        #expect(throws: FunctionError.self) { try move.call("update-recipe", ["id": 1, "user_id": 5, "token": "t"]) }
        #expect(throws: DatabaseError.self) { try move.recipe("1") }
        other.release()
        #expect(try move.call("update-recipe", ["id": 1, "user_id": 5, "token": "t"])["moved"] == true)
        #expect(move.isOpen)
        try move.sweepOutbox(olderThan: 0)
        #expect(move.verify() == [])
    }

    @Test("A file that is no database is an error at once.")
    func damaged() throws {
        let folder = try Folder()
        try String(repeating: "no database ", count: 1_000).write(
            toFile: folder.configuration.databasePath, atomically: true, encoding: .utf8)
        #expect(throws: DatabaseError.self) { try RecipeMove(configuration: folder.configuration) }
    }

    @Test("The files that a daemon must keep are named.")
    func files() throws {
        let folder = try Folder()
        var configuration = folder.configuration
        let move = try RecipeMove(configuration: configuration)
        defer { move.close() }
        #expect(move.files == [configuration.databasePath, configuration.searchPath])
        configuration.server = RecipeMoveConfiguration.Server(url: "http://127.0.0.1:1")
        let remote = try RecipeMove(configuration: configuration)
        defer { remote.close() }
        #expect(remote.files == [configuration.databasePath])
    }
}
