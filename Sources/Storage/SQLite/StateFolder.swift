// The folder that a daemon keeps its state in, held by one process at a time.

import CSQLite
import Glibc

/// Holds `newel.lock` in the folder for as long as it lives. SQLite 3.40 can damage a WAL when two connections write or
/// checkpoint at once (sqlite.org/wal.html#walresetbug), so that a second daemon must never come that far.
final class StateFolder: Sendable {
    let path: String
    let lock: LockFile
    private let descriptor: Int32

    var database: String { "\(path)/newel.db" }
    var log: String { "\(path)/newel.db-wal" }

    /// Makes the folder (0700) where there is none, and takes from other users what they may do with it and its files.
    init(
        path: String, allowNetworkFileSystem: Bool, notice: @Sendable (String) -> Void = { _ in }
    ) throws(StoreError) {
        self.path = path
        try Self.create(path)
        if !allowNetworkFileSystem { try Self.refuseNetworkFileSystem(path) }
        Self.correctModes(path, notice)
        descriptor = open("\(path)/newel.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw Self.failed("open the lock in", path, errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            let holder = LockFile.holder(descriptor)
            Glibc.close(descriptor)
            throw code == EWOULDBLOCK ? Self.locked(path, by: holder) : Self.failed("lock", path, code)
        }
        lock = LockFile(descriptor)
        lock.update { $0.holder = getpid() }
    }

    /// Releases the lock; closing alone would not while a child process that is being made still has the descriptor.
    deinit {
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    // MARK: The files beside the lock

    /// The log holds what the database file does not.
    func databaseNeedsLog() {
        if lock.current.state != .open {
            lock.update {
                $0.state = .open
                $0.database = nil
            }
        }
    }

    /// The database file holds everything and is synced. To be called before the log is emptied.
    func databaseIsComplete() {
        lock.setLogEnd(nil)
        lock.update { $0.state = .closed }
    }

    /// The database has been closed: whether it was changed since is seen at the next start.
    func databaseIsClosed() {
        let stamp = LockFile.Stamp(path: database)
        lock.update { $0.database = stamp }
    }

    /// Whether the database file is as it was when it was closed, by its length and the time of its last change.
    var isAsClosed: Bool {
        let text = lock.current
        return text.state == .closed && text.database != nil && text.database == LockFile.Stamp(path: database)
    }

    /// Throws `.corrupt` where files are missing, or the log holds less than was committed. SQLite takes what is left
    /// for everything, and commits that were acknowledged would be lost silently.
    func checkFiles() throws(StoreError) {
        guard access(database, F_OK) == 0 else {
            if !lock.existed || lock.current.state == .new { return }
            throw Self.lost("newel.db is missing in \(path), and newel.lock says that it was there: everything is lost")
        }
        if lock.existed, lock.current.state != .new, LockFile.Stamp(path: database)?.bytes == 0 {
            throw Self.lost("newel.db is empty in \(path), and newel.lock says that it was not: everything is lost")
        }
        guard lock.current.state == .open else { return }
        guard access(log, F_OK) == 0 else {
            throw Self.lost("newel.db-wal is missing in \(path): newel.db alone is not all that was written")
        }
        var salt: UInt32 = 0
        var frames: UInt32 = 0
        let all = "what was acknowledged since the last checkpoint is lost"
        switch newel_wal_read(log, &salt, &frames) {
        case 0: break
        case 1:
            throw Self.lost("newel.db-wal in \(path) is empty, and newel.db alone is not all that was written: \(all)")
        case 2: throw Self.lost("newel.db-wal in \(path) is damaged at its beginning: \(all)")
        default: throw Self.failed("read newel.db-wal in", path, errno)
        }
        guard let end = lock.logEnd else {
            if frames > 0 { return }
            throw Self.lost("newel.db-wal in \(path) holds no commit, and newel.db alone is not all that was written")
        }
        // A log that has begun again since holds everything that counts. Salts count up and wrap.
        if salt != end.salt, Int32(bitPattern: salt &- end.salt) > 0 { return }
        guard salt == end.salt else { throw Self.lost("newel.db-wal in \(path) is older than newel.lock: \(all)") }
        guard frames >= end.frames else {
            throw Self.lost(
                """
                newel.db-wal in \(path) is cut or damaged: \(frames) of \(end.frames) pages can be read, and what was \
                acknowledged after them is lost
                """)
        }
    }

    static func lost(_ message: String) -> StoreError {
        StoreError(
            .corrupt, message,
            hint: """
                Put the files back as they were, or restore a backup. To start without what is lost, run "newel serve \
                --accept-loss" once.
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

    /// Payloads are nobody's but the daemon's: 0700 for the folder, 0600 for the files. A folder that is shared on
    /// purpose, such as /tmp, and files of another owner are left as they are, with a notice.
    private static func correctModes(_ path: String, _ notice: (String) -> Void) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        if status.st_mode & 0o1000 != 0 {
            notice("The state folder \(path) is shared with other users; give the daemon a folder of its own")
        } else if status.st_mode & 0o077 != 0 {
            correct(path, status, 0o700, notice)
        }
        for file in ["db", "db-wal", "db-shm", "lock", "secret", "reserve", "crash"] {
            let file = "\(path)/newel.\(file)"
            guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0
            else { continue }
            correct(file, status, 0o600, notice)
        }
    }

    private static func correct(_ path: String, _ status: stat, _ mode: mode_t, _ notice: (String) -> Void) {
        let before = String(status.st_mode & 0o777, radix: 8)
        if chmod(path, mode) == 0 {
            notice("The mode of \(path) was 0\(before) and is 0\(String(mode, radix: 8)) now")
        } else {
            notice("\(path) has the mode 0\(before), which cannot be changed: \(String(cString: strerror(errno)))")
        }
    }

    static func failed(_ deed: String, _ path: String, _ code: Int32) -> StoreError {
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
