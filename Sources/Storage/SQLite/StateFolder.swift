// The folder that a daemon keeps its state in, held by one process at a time.

import CSQLite
import Glibc

/// Holds `newel.lock` in the folder for as long as it lives. SQLite 3.40 can damage a WAL when two connections write or
/// checkpoint at once (sqlite.org/wal.html#walresetbug), so that a second daemon must never come that far.
final class StateFolder: Sendable {
    let path: String
    private let descriptor: Int32

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
            defer { Glibc.close(descriptor) }
            if code != EWOULDBLOCK { throw Self.failed("lock", path, code) }
            throw Self.locked(path, by: Self.holder(descriptor))
        }
        write(holder: getpid())
    }

    /// Closing the descriptor gives the lock up.
    deinit { Glibc.close(descriptor) }

    // MARK: The lock's text is the pid of the holder

    private func write(holder: pid_t) {
        let text = Array("\(holder)\n".utf8)
        // Only words for the one who is kept off: the lock holds without them.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    private static func holder(_ descriptor: Int32) -> pid_t? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 1 ? pid_t(String(decoding: bytes[..<(count - 1)], as: UTF8.self)) : nil
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
