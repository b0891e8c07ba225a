// Who may hold the state folder, and what is said to the one who may not.

import Foundation
import Storage
import Testing

@Suite("The state folder")
struct StateFolderTests {
    let folder = TemporaryFolder()

    @Test("It is made for the owner alone.")
    func made() throws {
        let path = folder.path + "/a/b"
        try SQLiteStore.open(folder: path).close()
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test("A second store on it is kept off and told by whom.")
    func lockedHere() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .locked)
        #expect(error?.message == "The state folder \(folder.path) is held by process \(getpid())")
        #expect(error?.hint.isEmpty == false)
        store.close()
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("Another process is kept off and told by whom.")
    func lockedElsewhere() async throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let expected = "The state folder \(folder.path) is held by process \(getpid())"
        await #expect(processExitsWith: .success) { [path = folder.path as String, expected = expected as String] in
            let error = storeError { _ = try SQLiteStore.open(folder: path) }
            #expect(error?.code == .locked)
            #expect(error?.message == expected)
        }
        try store.commit([], epoch: try store.claim())
    }

    @Test("The lock of a process that was killed holds nobody off.")
    func killed() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let store = try SQLiteStore.open(folder: path)
            try store.commit([.createMachine(.sample(1))], epoch: try store.claim())
            kill(getpid(), SIGKILL)
        }
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        #expect(try store.machines().count == 1)
        #expect(try store.claim().value == 2)
    }

    @Test("A folder that cannot be one says why.", arguments: ["/proc/newel", "/dev/null", "/dev/null/newel"])
    func impossible(path: String) {
        let error = storeError { _ = try SQLiteStore.open(folder: path) }
        #expect(error?.code == .failed)
        #expect(error?.message.contains("the state folder /") == true)
        #expect(error?.hint.isEmpty == false)
    }

    @Test("A folder that may not be written to says so.")
    func readOnly() async throws {
        try SQLiteStore.open(folder: folder.path).close()
        chmod(folder.path, 0o555)
        for file in ["newel.db", "newel.lock"] { chmod("\(folder.path)/\(file)", 0o444) }
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            // Root may write anywhere.
            if getuid() == 0 { #expect(setuid(65_534) == 0) }
            let error = storeError { _ = try SQLiteStore.open(folder: path) }
            #expect(error?.code == .failed)
            #expect(error?.message == "Cannot open the lock in the state folder \(path): Permission denied")
            #expect(error?.hint == "Give the daemon's user a folder that it may write to.")
        }
        chmod(folder.path, 0o700)
    }

    // MARK: The log belongs to the database

    @Test("A database whose log was taken away is refused until that is said to be right.")
    func missingLog() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let store = try SQLiteStore.open(folder: path)
            try store.commit([.createMachine(.sample(1))], epoch: try store.claim())
            kill(getpid(), SIGKILL)
        }
        try FileManager.default.removeItem(atPath: folder.database + "-wal")
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.hasPrefix("newel.db-wal is missing in \(folder.path)") == true)
        #expect(error?.hint.contains("--accept-loss") == true)
        try FileManager.default.removeItem(atPath: folder.path + "/newel.lock")
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("A database that was closed needs no log.")
    func closedWithoutLog() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        try store.commit([.createMachine(.sample(1))], epoch: try store.claim())
        store.close()
        #expect(!FileManager.default.fileExists(atPath: folder.database + "-wal"))
        let again = try SQLiteStore.open(folder: folder.path)
        defer { again.close() }
        #expect(try again.machines().count == 1)
    }
}
