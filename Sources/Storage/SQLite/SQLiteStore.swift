// The store in one SQLite file.

import Dispatch
import Synchronization

/// `newel.db` in a folder that one process holds. One connection writes and checkpoints, others only read; each stands
/// behind a lock of its own and is used by one thread at a time. Calls block: keep them off Swift's cooperative
/// threads.
package final class SQLiteStore: Store {
    package struct Options: Sendable {
        /// Connections that read; more calls at once than these wait for one another.
        package var readers = 4
        /// Upper bounds of the page caches, filled as pages are used.
        package var writerCacheKiB = 16_384
        package var readerCacheKiB = 2_048
        /// How many frames (pages of 4 KiB) the write-ahead log takes in before they are copied into the database file.
        /// With 1,000 a commit that met a checkpoint waited 24–48 ms at most on a busy disk, with 4,000 up to 190 ms,
        /// for the same CPU.
        package var checkpointFrames = 1_000
        /// SQLite can lose data over NFS and its kin.
        package var allowNetworkFileSystem = false

        package init() {}
    }

    let writer: Mutex<Writer?>
    let readers: [ReaderSlot]
    /// Checkpoints are made on a thread of their own, on the writer's connection.
    let checkpoints = DispatchQueue(label: "newel.store.checkpoints")
    /// Where the next reader is looked for first.
    private let nextReader = Atomic<Int>(0)

    /// Opens the store in `folder`, making both where there are none. Throws `.locked` naming the process that holds
    /// the folder, `.newerSchema` where a newer version wrote it, `.corrupt` where it is not what Newel wrote,
    /// `.failed` where the system refuses.
    package static func open(folder: String, options: Options = Options()) throws(StoreError) -> SQLiteStore {
        let folder = try StateFolder(path: folder, allowNetworkFileSystem: options.allowNetworkFileSystem)
        return try SQLiteStore(folder, options)
    }

    private init(_ folder: StateFolder, _ options: Options) throws(StoreError) {
        let database = folder.database
        writer = Mutex(try Writer(folder, options))
        var readers: [ReaderSlot] = []
        do throws(SQLiteFailure) {
            for _ in 0..<max(1, options.readers) {
                readers.append(ReaderSlot(try Reader(database: database, cacheKiB: options.readerCacheKiB)))
            }
        } catch {
            throw error.opening(database)
        }
        self.readers = readers
    }

    package func close() {
        for slot in readers { slot.reader.withLock { $0 = nil } }
        writer.withLock { writer in
            guard let folder = writer?.folder else { return }
            writer?.finish()
            // The folder is let go when no connection is left.
            withExtendedLifetime(folder) { writer = nil }
        }
    }

    // MARK: Connections, one thread at a time

    func read<T: Sendable>(
        _ deed: String, _ body: (Reader) throws(SQLiteFailure) -> T
    ) throws(StoreError) -> T {
        do throws(SQLiteFailure) {
            return try withReader { reader throws(SQLiteFailure) in
                guard let reader else { throw .closed }
                return try body(reader)
            }
        } catch {
            throw error.during(deed)
        }
    }

    /// The first reader that is free, or the next one's turn.
    private func withReader<T: Sendable>(_ body: (Reader?) throws(SQLiteFailure) -> T) throws(SQLiteFailure) -> T {
        let first = nextReader.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max
        for offset in readers.indices {
            let slot = readers[(first + offset) % readers.count]
            let result = try slot.reader.withLockIfAvailable { reader throws(SQLiteFailure) in try body(reader) }
            if let result { return result }
        }
        return try readers[first % readers.count].reader.withLock { reader throws(SQLiteFailure) in try body(reader) }
    }
}

final class ReaderSlot: Sendable {
    let reader: Mutex<Reader?>

    init(_ reader: sending Reader) { self.reader = Mutex(reader) }
}
