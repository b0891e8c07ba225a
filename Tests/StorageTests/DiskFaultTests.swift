// Disks that are full or refuse, and processes that are killed.

import Foundation
import States
import Synchronization
import Testing

@testable import Storage

@Suite("A store on a bad disk")
struct DiskFaultTests {
    let folder = TemporaryFolder()

    /// Starts executions of ids behind `first`, four in a commit with the last id noted in `acknowledged` after each,
    /// until one fails; gives the error.
    private static func write(_ store: SQLiteStore, _ epoch: Epoch, acknowledged: String) throws -> StoreError? {
        let notes = open(acknowledged, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { Glibc.close(notes) }
        var first = try store.highestNumber() + 1
        while first < 100_000 {
            let ids = first...first + 3
            let batch = ids.map { Change.start(.sample($0), events: .sample($0, 1...3, bytes: 3_000), opened: [2]) }
            if let error = storeError({ try store.commit(batch, epoch: epoch) }) { return error }
            let note = "\(ids.upperBound)\n"
            _ = Glibc.write(notes, note, note.utf8.count)
            first += 4
        }
        return nil
    }

    /// What must hold whatever happened: what was acknowledged is there, batches are whole.
    private static func check(_ store: SQLiteStore, acknowledged: String) throws {
        let notes = (try? String(contentsOfFile: acknowledged, encoding: .utf8)) ?? ""
        let last = notes.split(separator: "\n").last.flatMap { Int64($0) } ?? 0
        let highest = try store.highestNumber()
        #expect(highest >= last)
        #expect(highest.isMultiple(of: 4))
        #expect(try store.executionCounts() == (highest == 0 ? [:] : [.running: Int(highest)]))
        #expect(try store.openTasks(after: nil, limit: .max).map(\.number) == Array(1..<highest + 1))
        for id in 1..<highest + 1 {
            #expect(
                try store.events(execution: run(id), from: 1, through: 3, limit: 9) == [
                    .sample(id, 1...3, bytes: 3_000)
                ])
        }
    }

    private func prepare() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        try store.commit([.createMachine(.sample(1))], epoch: try store.claim())
        store.close()
    }

    private func checkReopened() throws {
        let store = try SQLiteStore.open(folder: folder.path)
        defer { store.close() }
        try Self.check(store, acknowledged: folder.path + "/acknowledged")
        try store.commit([.start(.sample(200_000))], epoch: try store.claim())
    }

    @Test("A full database refuses the commit that meets it, and takes it when there is space; reading goes on.")
    func full() throws {
        try prepare()
        let store = try SQLiteStore.open(folder: folder.path)
        let epoch = try store.claim()
        func limit(_ pages: Int) throws {
            try store.writer.withLock { try $0?.connection.execute("PRAGMA max_page_count = \(pages)") }
        }
        try limit(100)
        let error = try Self.write(store, epoch, acknowledged: folder.path + "/acknowledged")
        #expect(error?.code == .full)
        #expect(error?.hint == "Free space on it; the daemon continues by itself.")
        #expect(store.refusesStarts)
        try Self.check(store, acknowledged: folder.path + "/acknowledged")
        try limit(1_000_000)
        _ = store.lookAtDisk()
        #expect(!store.refusesStarts)
        try store.commit([.tagMachine(id: 1, tags: "[]")], epoch: epoch)
        store.close()
        try checkReopened()
    }

    @Test("A write that the system refuses is fatal, and loses nothing that was acknowledged.")
    func refusedWrite() async throws {
        try prepare()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            // A file that may not grow: the write fails as on a bad disk.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 700_000, rlim_max: 700_000)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let store = try SQLiteStore.open(folder: path)
            let epoch = try store.claim()
            let error = try Self.write(store, epoch, acknowledged: path + "/acknowledged")
            #expect(error?.code == .fatal)
            #expect(storeError { try store.commit([], epoch: epoch) } == error)
            try Self.check(store, acknowledged: path + "/acknowledged")
        }
        try checkReopened()
    }

    /// CAP_SYS_ADMIN, bit 21 of the effective set.
    static let canMount: Bool = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let capabilities = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
        return capabilities >> 21 & 1 == 1
    }()

    /// unshare(CLONE_NEWNS), which Swift's Glibc module leaves out: mounts of this process go with it.
    private static func leaveMountNamespace() -> Int32 {
        typealias Unshare = @convention(c) (Int32) -> Int32
        guard let unshare = dlsym(nil, "unshare") else { return -1 }
        return unsafeBitCast(unshare, to: Unshare.self)(0x0002_0000)
    }

    @Test(
        "A full disk ends nothing and loses nothing; its reserve and new space are used.",
        .enabled(if: DiskFaultTests.canMount))
    func fullDisk() async throws {
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            try #require(Self.leaveMountNamespace() == 0)
            try #require(mkdir(path, 0o700) == 0)
            try #require(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
            try #require(mount("tmpfs", path, "tmpfs", 0, "size=3m") == 0)
            var options = SQLiteStore.Options()
            options.reserve = 512 << 10
            var store = try SQLiteStore.open(folder: path, options: options)
            var epoch = try store.claim()
            try store.commit([.createMachine(.sample(1))], epoch: epoch)
            _ = store.lookAtDisk()
            #expect(access("\(path)/newel.reserve", F_OK) == 0)
            let error = try Self.write(store, epoch, acknowledged: "\(path)/acknowledged")
            #expect(error?.code == .full)
            #expect(store.refusesStarts)
            #expect(access("\(path)/newel.reserve", F_OK) != 0)
            try Self.check(store, acknowledged: "\(path)/acknowledged")
            // A start on the full disk: the claim is written with the first commit that there is space for.
            store.close()
            store = try SQLiteStore.open(folder: path, options: options)
            epoch = try store.claim()
            try #require(mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=30m") == 0)
            _ = store.lookAtDisk()
            #expect(!store.refusesStarts)
            try Self.check(store, acknowledged: "\(path)/acknowledged")
            try store.commit([.start(.sample(200_000))], epoch: epoch)
            store.close()
            store = try SQLiteStore.open(folder: path, options: options)
            #expect(try store.claim().value > epoch.value)
            #expect(try store.execution(id: run(200_000)) != nil)
            store.close()
        }
    }

    @Test("A process that is killed while it commits loses nothing that was acknowledged, and halves no batch.")
    func killed() async throws {
        try prepare()
        for _ in 0..<5 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
                var options = SQLiteStore.Options()
                options.checkpointFrames = 60
                let store = try SQLiteStore.open(folder: path, options: options)
                let epoch = try store.claim()
                let start = try store.highestNumber()
                Thread.detachNewThread {
                    while ((try? store.highestNumber()) ?? 0) < start + 80 {}
                    kill(getpid(), SIGKILL)
                }
                _ = try Self.write(store, epoch, acknowledged: path + "/acknowledged")
            }
            let store = try SQLiteStore.open(folder: folder.path)
            try Self.check(store, acknowledged: folder.path + "/acknowledged")
            store.close()
        }
        try checkReopened()
    }
}
