// The space that the store needs on its disk, and the reserve for when there is none.

import CSQLite
import Glibc
import Synchronization

/// Keeps `newel.reserve`, blocks of the disk that are given back when a commit meets a full one: running executions can
/// then be carried on until there is space again. A small part is kept over a stop, so that the next start can make the
/// log even on a full disk.
final class StoreSpace: Sendable {
    /// Enough for an empty log, its index and the commit that claims the store.
    static let bytesOverStop = 128 << 10

    private let folder: String
    private let minimumFree: Int
    private let reserve: Int
    private let state: Mutex<State>

    private struct State {
        var reserved = 0
        /// A commit was refused for want of space, and none has succeeded since.
        var isFull = false
        var isLow = false
        /// The operator has been told that it is full or low.
        var isReported = false
    }

    private var path: String { "\(folder)/newel.reserve" }

    init(folder: String, minimumFree: Int, reserve: Int) {
        self.folder = folder
        self.minimumFree = minimumFree
        self.reserve = reserve
        var status = stat()
        let reserved = stat("\(folder)/newel.reserve", &status) == 0 ? Int(status.st_size) : 0
        state = Mutex(State(reserved: reserved))
    }

    /// Bytes that the disk has for this user; `nil` where it cannot be asked.
    var free: Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Whether new executions are to be refused.
    var refusesStarts: Bool { state.withLock { $0.isFull || $0.isLow } }

    /// Gives the reserve back to the disk; whether there was one.
    func release() -> Bool {
        state.withLock { state in
            guard state.reserved > 0, unlink(path) == 0 else { return false }
            state.reserved = 0
            return true
        }
    }

    /// Whether a commit was refused for want of space and there is some again, so that one may be tried.
    var mayHaveSpaceAgain: Bool {
        guard state.withLock({ $0.isFull }), let free else { return false }
        return free > 4 * Self.bytesOverStop
    }

    /// A commit was refused, or one was made after that.
    func note(isFull: Bool) {
        state.withLock { if $0.isFull != isFull { $0.isFull = isFull } }
    }

    /// Looks at the disk, and makes the reserve again where there is space for it. To be called each second or so.
    /// Returns what the operator is to know where it has changed.
    func look(makesReserve: Bool = true) -> StoreSpaceChange? {
        guard let free else { return nil }
        return state.withLock { state in
            // The reserve is space that the disk has.
            state.isLow = minimumFree > 0 && free + state.reserved < minimumFree
            if makesReserve, !state.isLow, !state.isFull, state.reserved < reserve { fill(&state, free) }
            let isLow = state.isLow || state.isFull
            if isLow == state.isReported { return nil }
            state.isReported = isLow
            return isLow ? .low(free: free, minimum: minimumFree) : .enough(free: free)
        }
    }

    /// Allocates the reserve, half of the free space beyond the minimum at most.
    private func fill(_ state: inout State, _ free: Int) {
        let spare = (free + state.reserved - minimumFree) / 2
        let bytes = min(reserve, spare) / 4_096 * 4_096
        if bytes > state.reserved { allocate(bytes, &state) }
    }

    private func allocate(_ bytes: Int, _ state: inout State) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        // Not every file system can allocate without writing; there is no reserve then.
        if newel_allocate(file, bytes) == 0 {
            state.reserved = bytes
        } else {
            unlink(path)
            state.reserved = 0
        }
    }

    /// Leaves a small reserve for the next start.
    func finish() {
        state.withLock { state in
            unlink(path)
            state.reserved = 0
            if reserve > 0 { allocate(Self.bytesOverStop, &state) }
        }
    }
}

/// What `SQLiteStore.lookAtDisk` has found out.
package enum StoreSpaceChange: Sendable, Equatable {
    /// New executions are refused; in bytes.
    case low(free: Int, minimum: Int)
    case enough(free: Int)
}
