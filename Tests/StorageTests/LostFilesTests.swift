// Files of the store that are missing, cut or damaged: refused with what is lost, or accepted once.

import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite("Lost and damaged files")
struct LostFilesTests {
    let folder = TemporaryFolder()

    /// 300 commits, and the end of the process without a stop.
    private func writeAndDie(frames: Int = 1_000) async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String, frames = frames as Int] in
            var options = SQLiteStore.Options()
            options.checkpointFrames = frames
            let store = try SQLiteStore.open(folder: path, options: options)
            let epoch = try store.claim()
            if try store.machines().isEmpty { try store.commit([.createMachine(.sample(1))], epoch: epoch) }
            let first = try store.highestNumber() + 1
            for number in first..<first + 300 { try store.commit([.start(.sample(number))], epoch: epoch) }
            kill(getpid(), SIGKILL)
        }
    }

    private var log: URL { URL(fileURLWithPath: folder.database + "-wal") }

    enum Damage: CaseIterable {
        case cutToNothing
        case damagedHeader
        case cutToHalf
        case oneBitInTheMiddle
        case lastPage
        case removed
    }

    private func apply(_ damage: Damage) throws {
        var bytes = try Data(contentsOf: log)
        switch damage {
        case .cutToNothing: bytes = Data()
        case .damagedHeader: bytes[18] ^= 4
        case .cutToHalf: bytes = bytes.prefix(bytes.count / 2)
        case .oneBitInTheMiddle: bytes[bytes.count / 2] ^= 1
        // Newer pages after older ones, where the log has begun again: only those of this round count.
        case .lastPage: bytes[bytes.count - 100] ^= 1
        case .removed: return try FileManager.default.removeItem(at: log)
        }
        try bytes.write(to: log)
    }

    @Test(
        "A log that has lost commits keeps the store shut, until the loss is accepted.",
        arguments: LostFilesTests.Damage.allCases)
    func damagedLog(damage: Damage) async throws {
        try await writeAndDie(frames: 100_000)
        try apply(damage)
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.hasPrefix("newel.db-wal") == true, "\(error?.message ?? "")")
        #expect(error?.hint.contains("--accept-loss") == true)
        let notices = Mutex<[String]>([])
        var options = SQLiteStore.Options()
        options.acceptsLoss = true
        options.notice = { text in notices.withLock { $0.append(text) } }
        let store = try SQLiteStore.open(folder: folder.path, options: options)
        #expect(notices.withLock { $0.contains { $0.hasPrefix("Continuing with what is left") } })
        let epoch = try store.claim()
        try store.commit([.putActivity(.init(arn: "a", name: "a", creationDate: time(1)))], epoch: epoch)
        store.close()
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("A process that is killed, also again and again, leaves a log that is taken.", arguments: [20, 100_000])
    func killed(frames: Int) async throws {
        for _ in 0..<3 { try await writeAndDie(frames: frames) }
        let store = try SQLiteStore.open(folder: folder.path)
        #expect(try store.executionCounts()[.running] == 900)
        store.close()
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("An older note of the log's end, as a power cut may leave it, is no reason to refuse.")
    func olderNote() async throws {
        try await writeAndDie(frames: 100_000)
        let lock = URL(fileURLWithPath: folder.path + "/newel.lock")
        var bytes = try Data(contentsOf: lock)
        #expect(bytes.count == 72)
        // Fewer pages, then nothing.
        bytes[70] = 0
        try bytes.write(to: lock)
        try SQLiteStore.open(folder: folder.path).close()
        try await writeAndDie(frames: 100_000)
        bytes = try Data(contentsOf: lock)
        bytes.replaceSubrange(64..<72, with: Data(count: 8))
        try bytes.write(to: lock)
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("A missing database is refused beside its lock, and made again where the loss is accepted.")
    func missingDatabase() throws {
        try SQLiteStore.open(folder: folder.path).close()
        try FileManager.default.removeItem(atPath: folder.database)
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.hasPrefix("newel.db is missing in \(folder.path)") == true)
        var options = SQLiteStore.Options()
        options.acceptsLoss = true
        try SQLiteStore.open(folder: folder.path, options: options).close()
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("A database that was cut to nothing after a stop is refused.")
    func emptyDatabase() throws {
        try SQLiteStore.open(folder: folder.path).close()
        try Data().write(to: URL(fileURLWithPath: folder.database))
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.hasPrefix("newel.db is empty in \(folder.path)") == true)
    }

    @Test("A lock of a first start that never made its database is no reason to refuse.")
    func interruptedFirstStart() throws {
        _ = try StateFolder(path: folder.path, allowNetworkFileSystem: false)
        try SQLiteStore.open(folder: folder.path).close()
    }

    @Test("A database that was cut is refused.")
    func cutDatabase() async throws {
        try await writeAndDie()
        let url = URL(fileURLWithPath: folder.database)
        try SQLiteStore.open(folder: folder.path).close()
        try Data(contentsOf: url).prefix(40_960).write(to: url)
        let error = storeError { _ = try SQLiteStore.open(folder: folder.path) }
        #expect(error?.code == .corrupt)
    }

    // MARK: Modes

    @Test("Folder and files are for the owner only, whatever the umask and whatever they were.")
    func modes() throws {
        let before = umask(0)
        defer { umask(before) }
        func modes() throws -> [String: Int] {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            return try names.reduce(into: [:]) { modes, name in
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
                modes[name] = attributes[.posixPermissions] as? Int
            }
        }
        let store = try SQLiteStore.open(folder: folder.path)
        try store.commit([.createMachine(.sample(1))], epoch: try store.claim())
        #expect(try modes() == ["newel.db": 0o600, "newel.db-wal": 0o600, "newel.db-shm": 0o600, "newel.lock": 0o600])
        store.close()
        for name in ["newel.db", "newel.lock"] { chmod("\(folder.path)/\(name)", 0o644) }
        chmod(folder.path, 0o755)
        let notices = Mutex<[String]>([])
        var options = SQLiteStore.Options()
        options.notice = { text in notices.withLock { $0.append(text) } }
        try SQLiteStore.open(folder: folder.path, options: options).close()
        #expect(try modes() == ["newel.db": 0o600, "newel.lock": 0o600])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(notices.withLock { $0.filter { $0.hasPrefix("The mode of") }.count } == 3)
    }

    // MARK: Files under a running daemon

    @Test("A file that is removed or replaced is noticed; one that is written to is not.")
    func watched() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        let epoch = try store.claim()
        let watch = FileWatch(SQLiteStore.files(in: folder.path))
        try store.commit([.createMachine(.sample(1))], epoch: epoch)
        #expect(watch.missing() == nil)
        let aside = folder.path + "/aside"
        for name in ["newel.db", "newel.db-wal", "newel.lock"] {
            let path = "\(folder.path)/\(name)"
            rename(path, aside)
            #expect(watch.missing() == path)
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(watch.missing() == path)
            rename(aside, path)
            #expect(watch.missing() == nil)
        }
    }
}
