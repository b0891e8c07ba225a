// The store in one SQLite file.

import CSQLite
import Core
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
        /// Called once for each row that is found damaged, on the thread that reads it.
        package var damage: @Sendable (DamagedRow) -> Void = { _ in }
        /// Called with what the operator is to know of the opening.
        package var notice: @Sendable (String) -> Void = { _ in }
        /// Continues with what is left where files are missing, cut or damaged.
        package var acceptsLoss = false
        /// With less free space than this new executions are refused, in bytes; 0 for no bound.
        package var minimumFree = 0
        /// Space that is kept for running executions on a full disk, in bytes.
        package var reserve = 0

        package init() {}
    }

    let writer: Mutex<Writer?>
    let readers: [ReaderSlot]
    let space: StoreSpace
    private let damage: @Sendable (DamagedRow) -> Void
    private let damaged = Mutex<Set<DamagedRow>>([])
    /// Checkpoints are made on a thread of their own, on the writer's connection.
    let checkpoints = DispatchQueue(label: "newel.store.checkpoints")
    /// Where the next reader is looked for first.
    private let nextReader = Atomic<Int>(0)

    /// Opens the store in `folder`, making both where there are none. Throws `.locked` naming the process that holds
    /// the folder, `.newerSchema` where a newer version wrote it, `.corrupt` where it is not what Newel wrote,
    /// `.failed` where the system refuses.
    package static func open(folder: String, options: Options = Options()) throws(StoreError) -> SQLiteStore {
        let folder = try StateFolder(
            path: folder, allowNetworkFileSystem: options.allowNetworkFileSystem, notice: options.notice)
        let space = StoreSpace(folder: folder.path, minimumFree: options.minimumFree, reserve: options.reserve)
        do throws(StoreError) {
            return try SQLiteStore(folder, space, options)
        } catch {
            // The log cannot be made on a full disk: what was kept for this is enough for it.
            guard error.code == .full, space.release() else { throw error }
        }
        return try SQLiteStore(folder, space, options)
    }

    private init(_ folder: StateFolder, _ space: StoreSpace, _ options: Options) throws(StoreError) {
        let database = folder.database
        self.space = space
        damage = options.damage
        writer = Mutex(try Writer(folder, space, options))
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
            let isComplete = folder.lock.current.state == .closed
            // The folder is let go when no connection is left.
            writer = nil
            if isComplete { folder.databaseIsClosed() }
        }
    }

    // MARK: The disk

    package var refusesStarts: Bool { space.refusesStarts }

    /// Looks at the disk's space; to be called each second. Returns what the operator is to know where it has changed.
    package func lookAtDisk() -> StoreSpaceChange? {
        // What the disk says of its space is no proof: quotas and reservations are not in it.
        if space.mayHaveSpaceAgain, writer.withLock({ $0?.canCommit() ?? false }) { space.note(isFull: false) }
        return space.look()
    }

    /// As `lookAtDisk`, without making the reserve: for a start that is not to wait for it.
    package func lookAtDiskBeforeWork() { _ = space.look(makesReserve: false) }

    /// Whether a process has claimed the store before this one.
    package var wasUsed: Bool { writer.withLock { $0?.wasUsed ?? false } }

    package func probe() throws(StoreError) {
        try read("read from its disk") { reader throws(SQLiteFailure) in
            sqlite3_db_release_memory(reader.connection.handle)
            for query in [Query.counts, .highestIDs] {
                let statement = try reader.statement(query)
                defer { statement.reset() }
                if query == .highestIDs { statement.bind(1, EventPosition.lastExecution) }
                _ = try statement.step()
            }
        }
    }

    /// The files of an open store, for a `FileWatch`.
    package static func files(in folder: String) -> [String] {
        [folder] + ["lock", "db", "db-wal"].map { "\(folder)/newel.\($0)" }
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
            if let row = error.row { report(row) }
            throw error.during(deed)
        }
    }

    /// Passes the row on where it is not known. What is kept is bounded: beyond it rows are reported again.
    func report(_ row: DamagedRow) {
        let isNew = damaged.withLock { damaged in
            damaged.count < Limits.Store.maximumDamagedRows ? damaged.insert(row).inserted : true
        }
        if isNew { damage(row) }
    }

    /// Executions whose own row has been found damaged.
    var damagedExecutions: Set<Int64> {
        damaged.withLock { damaged in
            damaged.isEmpty ? [] : Set(damaged.lazy.filter { $0.table == "executions" }.compactMap(\.execution))
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
