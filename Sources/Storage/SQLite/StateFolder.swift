// The folder that a daemon keeps its state in, held by one process at a time.

import CSQLite
import Glibc
import Synchronization

/// Holds `newel.lock` in the folder for as long as it lives. SQLite 3.40 can damage a WAL when two connections write or
/// checkpoint at once (sqlite.org/wal.html#walresetbug), so that a second daemon must never come that far.
final class StateFolder: Sendable {
    let path: String
    private let descriptor: Int32
    private let text: Mutex<Text>

    var database: String { "\(path)/newel.db" }

    /// Makes the folder (0700) where there is none.
    init(path: String, allowNetworkFileSystem: Bool) throws(StoreError) {
        self.path = path
        try Self.create(path)
        if !allowNetworkFileSystem { try Self.refuseNetworkFileSystem(path) }
        descriptor = open("\(path)/newel.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw Self.failed("open the lock in", path, errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            let holder = Self.read(descriptor).holder
            Glibc.close(descriptor)
            throw code == EWOULDBLOCK ? Self.locked(path, by: holder) : Self.failed("lock", path, code)
        }
        text = Mutex(Self.read(descriptor))
        update { $0.holder = getpid() }
    }

    /// Gives the lock up; closing alone would not while a child process that is being made still has the descriptor.
    deinit {
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    // MARK: The lock's text

    /// Two lines: the pid of the holder, and whether the database needs the log beside it.
    private struct Text {
        var holder: pid_t?
        var needsLog = false
    }

    private static func read(_ descriptor: Int32) -> Text {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        return Text(holder: lines.first.flatMap { pid_t($0) }, needsLog: lines.dropFirst().first == "open")
    }

    private func update(_ change: (inout Text) -> Void) {
        let bytes = text.withLock { text in
            change(&text)
            return Array("\(text.holder ?? 0)\n\(text.needsLog ? "open" : "closed")\n".utf8)
        }
        // A note for the next one to come: the lock holds without it.
        _ = pwrite(descriptor, bytes, bytes.count, 0)
        _ = ftruncate(descriptor, off_t(bytes.count))
        fdatasync(descriptor)
    }

    /// To be told when the log holds what the database file does not, and when that is over.
    func databaseNeedsLog(_ needsLog: Bool) {
        if text.withLock({ $0.needsLog }) != needsLog { update { $0.needsLog = needsLog } }
    }

    /// SQLite takes a database without its log for what it is: one that ends where the last checkpoint did. Commits
    /// that were answered would be gone without a word.
    func checkLog() throws(StoreError) {
        guard text.withLock({ $0.needsLog }), access(database, F_OK) == 0, access(database + "-wal", F_OK) != 0 else {
            return
        }
        throw StoreError(
            .corrupt, "newel.db-wal is missing in \(path): newel.db alone is not all that was written",
            hint: """
                Put newel.db-wal back. If newel.db is a restored backup, or if what was written last may be lost, remove \
                newel.lock and start again.
                """)
    }

    private static func locked(_ path: String, by holder: pid_t?) -> StoreError {
        let who = holder.map { "process \($0)" } ?? "another process"
        return StoreError(
            .locked, "The state folder \(path) is held by \(who)",
            hint: "Only one daemon can run on a state folder: stop that one, or give this one a folder of its own.")
    }

    // MARK: The folder

    private static func create(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 { return }
        switch errno {
        case EEXIST:
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
            throw failed("use", path, ENOTDIR)
        case ENOENT:
            guard let parent = parent(of: path) else { throw failed("make", path, ENOENT) }
            try create(parent)
            if mkdir(path, 0o700) != 0 && errno != EEXIST { throw failed("make", path, errno) }
        case let code:
            throw failed("make", path, code)
        }
    }

    private static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
        return String(path[..<slash])
    }

    private static func failed(_ deed: String, _ path: String, _ code: Int32) -> StoreError {
        StoreError(
            .failed, "Cannot \(deed) the state folder \(path): \(String(cString: strerror(code)))",
            hint: "Give the daemon's user a folder that it may write to.")
    }

    /// Neither locks nor the shared memory of a WAL can be trusted over a network (sqlite.org/wal.html §1).
    private static func refuseNetworkFileSystem(_ path: String) throws(StoreError) {
        let type = newel_file_system_type(path)
        if type < 0 { throw failed("examine", path, errno) }
        let name: String
        // linux/magic.h
        switch UInt32(truncatingIfNeeded: type) {
        case 0x6969: name = "NFS"
        case 0xff53_4d42, 0xfe53_4d42, 0x517b: name = "SMB"
        case 0x00c3_6400: name = "Ceph"
        case 0x0102_1997: name = "9p"
        default: return
        }
        throw StoreError(
            .failed, "The state folder \(path) is on a network file system (\(name))",
            hint: "SQLite can lose data there. Put the state folder on a local disk.")
    }
}
