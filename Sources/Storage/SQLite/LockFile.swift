// What `newel.lock` says about the files beside it.

import CSQLite
import Glibc
import Synchronization

/// The text of the lock and, after it, how far the write-ahead log had come at the last commit.
///
/// That number is what tells a cut or damaged log from one that ends there. It is written after the commit, without a
/// sync: a killed process leaves it in the kernel's cache, at or just below the log's end. After a power cut it may be
/// older than the log, which was synced before it, but not newer. So the log must hold at least what the lock says, and
/// neither a kill nor a power cut makes a whole log look damaged.
final class LockFile: Sendable {
    enum State: String {
        /// No database has been made yet.
        case new
        /// The log holds what the database file does not.
        case open
        /// The database file holds everything.
        case closed
    }

    /// Length and time of the last change of the database file when it was closed.
    struct Stamp: Equatable {
        var bytes: Int
        var nanoseconds: Int

        init(bytes: Int, nanoseconds: Int) {
            self.bytes = bytes
            self.nanoseconds = nanoseconds
        }

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            bytes = Int(status.st_size)
            nanoseconds = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        }
    }

    struct Text: Equatable {
        var holder: pid_t?
        var state = State.new
        var database: Stamp?
    }

    /// The first salt of the log's header, which is one higher each time that the log begins again, and its length.
    struct LogEnd: Equatable {
        var salt: UInt32
        var frames: UInt32
    }

    private static let textBytes = 64
    private static let bytes = 72

    private let descriptor: Int32
    private let text: Mutex<Text>
    /// As it was when the lock was taken; `nil` where nothing is known.
    let logEnd: LogEnd?
    /// Whether the file was there before.
    let existed: Bool

    var current: Text { text.withLock { $0 } }

    /// Takes over the descriptor, which is open for reading and writing and locked.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        let bytes = Self.read(descriptor)
        existed = !bytes.isEmpty
        text = Mutex(Self.text(bytes))
        let words = bytes.count >= Self.bytes ? bytes[Self.textBytes..<Self.bytes] : []
        let word = words.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        logEnd = word == 0 ? nil : LogEnd(salt: UInt32(word >> 32), frames: UInt32(word & 0xffff_ffff))
    }

    private static func read(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.bytes)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    static func holder(_ descriptor: Int32) -> pid_t? { text(read(descriptor)).holder }

    private static func text(_ bytes: [UInt8]) -> Text {
        let lines = String(decoding: bytes.prefix(textBytes), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        var text = Text(holder: lines.first.flatMap { pid_t($0) })
        if lines.count > 1 { text.state = State(rawValue: String(lines[1])) ?? .closed }
        let stamp = lines.dropFirst(2).first?.split(separator: " ").compactMap { Int($0) } ?? []
        if stamp.count == 2 { text.database = Stamp(bytes: stamp[0], nanoseconds: stamp[1]) }
        return text
    }

    /// Changes the text and syncs it. A failure is not reported: the lock holds without its text.
    func update(_ change: (inout Text) -> Void) {
        let line = text.withLock { text in
            change(&text)
            let stamp = text.database.map { "\($0.bytes) \($0.nanoseconds)" } ?? ""
            return "\(text.holder ?? 0)\n\(text.state.rawValue)\n\(stamp)\n"
        }
        let bytes = Array(line.utf8.prefix(Self.textBytes))
        let padded = bytes + [UInt8](repeating: UInt8(ascii: "\n"), count: Self.textBytes - bytes.count)
        _ = pwrite(descriptor, padded, padded.count, 0)
        fdatasync(descriptor)
    }

    /// Notes the log's end after a commit; `nil` where the database file holds everything.
    func setLogEnd(_ end: LogEnd?) {
        var word = (end.map { UInt64($0.salt) << 32 | UInt64($0.frames) } ?? 0).bigEndian
        _ = pwrite(descriptor, &word, 8, off_t(Self.textBytes))
    }
}
