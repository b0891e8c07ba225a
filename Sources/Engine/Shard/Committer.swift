// The one writer: what arrives while a commit is being synced goes into the next one.

package import Core
package import Logging
import Metrics
package import Storage
import Synchronization

/// Groups the changes of all shards into transactions. One fsync serves every caller; there is no timer and no delay:
/// a commit begins as soon as the last one has returned.
package final class Committer: Sendable {
    private let runtime: Runtime
    private let store: any Store
    private let epoch: Epoch
    private let state = Mutex(State())
    private let fatal: @Sendable (StoreError) -> Void
    private let logger: Logger
    private let duration = Timer(label: MetricName.commitDuration.rawValue)
    private let changes = Recorder(label: MetricName.commitChanges.rawValue)
    private let repeats: RepeatLimit

    private struct State {
        var waiting: [Item] = []
        var isCommitting = false
        /// The last one, and when it was; `nil` once a commit is made.
        var refusal: (error: StoreError, at: MonotonicTime)?
    }

    private struct Item {
        var changes: [Change]
        var done: @Sendable (StoreError?) -> Void
    }

    /// `fatal` is told when the store must not be written to any more; the process is to end.
    package init(
        store: any Store, epoch: Epoch, runtime: Runtime, logger: Logger,
        fatal: @escaping @Sendable (StoreError) -> Void
    ) {
        self.runtime = runtime
        repeats = RepeatLimit(clock: runtime.clock)
        self.logger = logger
        self.store = store
        self.epoch = epoch
        self.fatal = fatal
    }

    /// Writes the changes with whatever else has arrived; `done` is called on the committer's lane.
    package func submit(_ changes: [Change], done: @escaping @Sendable (StoreError?) -> Void) {
        let starts = state.withLock { state in
            state.waiting.append(Item(changes: changes, done: done))
            defer { state.isCommitting = true }
            return !state.isCommitting
        }
        if starts { runtime.executor.run(on: .committer) { self.run() } }
    }

    /// Why a commit was refused within the last 10 s, with none made since. A full disk is the store's to report, which
    /// knows when there is space again.
    var refusal: String? {
        let now = runtime.clock.monotonic()
        return state.withLock { state in
            state.refusal.flatMap { now - $0.at < Self.pause && $0.error.code != .full ? $0.error.message : nil }
        }
    }

    private func run() {
        while let items = take() { commit(items) }
    }

    private func take() -> [Item]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isCommitting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func commit(_ items: [Item]) {
        let began = runtime.clock.monotonic()
        do throws(StoreError) {
            try store.commit(items.flatMap(\.changes), epoch: epoch)
            duration.recordNanoseconds(runtime.clock.monotonic() - began)
            changes.record(items.reduce(0) { $0 + $1.changes.count })
            // Without changes nothing was written: it says nothing about the disk.
            if items.contains(where: { !$0.changes.isEmpty }) { noteMade() }
            for item in items { item.done(nil) }
        } catch {
            // One batch shares one fate only while it is one: alone, each gets its own.
            if items.count > 1, [.conflict, .failed, .full, .corrupt].contains(error.code) {
                for item in items { commit([item]) }
                return
            }
            noteRefused(error)
            if error.code == .fatal || error.code == .fenced { fatal(error) }
            for item in items { item.done(error) }
        }
    }

    // MARK: - Refused commits

    /// How long a refusal counts, in nanoseconds.
    private static let pause: Int64 = 10_000_000_000

    private func noteMade() {
        let was = state.withLock { state in
            defer { state.refusal = nil }
            return state.refusal
        }
        if let was, was.error.code != .full { logger.notice("Commits are made again") }
    }

    /// A name that is taken is an answer and no fault.
    private func noteRefused(_ error: StoreError) {
        if error.code == .conflict { return }
        // One row: other executions are committed.
        if error.row != nil { return }
        Counter(
            label: MetricName.storeErrors.rawValue,
            dimensions: [("operation", "commit"), ("code", error.code.rawValue)]
        ).increment()
        let now = runtime.clock.monotonic()
        state.withLock { $0.refusal = (error, now) }
        // The disk's watch reports a full one, once.
        guard error.code != .full, let omitted = repeats.admit(error.code.rawValue) else { return }
        logger.error("A commit was refused", metadata: ["error": "\(error)", "repeats": "\(omitted)"])
    }
}
