// The one writer: what arrives while a commit is being synced goes into the next one.

import Dispatch
import Logging
import Metrics
package import Storage
import Synchronization

/// Groups the changes of all shards into transactions. One fsync serves every caller; there is no timer and no delay:
/// a commit begins as soon as the last one has returned.
package final class Committer: Sendable {
    private let queue = DispatchQueue(label: "newel.committer")
    private let store: any Store
    private let epoch: Epoch
    private let state = Mutex(State())
    private let fatal: @Sendable (StoreError) -> Void
    private let duration = Timer(label: "newel_store_commit_seconds")

    private struct State {
        var waiting: [Item] = []
        var isCommitting = false
    }

    private struct Item {
        var changes: [Change]
        var done: @Sendable (StoreError?) -> Void
    }

    /// `fatal` is told when the store must not be written to any more; the process is to end.
    package init(store: any Store, epoch: Epoch, fatal: @escaping @Sendable (StoreError) -> Void) {
        self.store = store
        self.epoch = epoch
        self.fatal = fatal
    }

    /// Writes the changes with whatever else has arrived; `done` is called on the committer's queue.
    package func submit(_ changes: [Change], done: @escaping @Sendable (StoreError?) -> Void) {
        let starts = state.withLock { state in
            state.waiting.append(Item(changes: changes, done: done))
            defer { state.isCommitting = true }
            return !state.isCommitting
        }
        if starts { queue.async { self.run() } }
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
        let began = DispatchTime.now().uptimeNanoseconds
        do throws(StoreError) {
            try store.commit(items.flatMap(\.changes), epoch: epoch)
            duration.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - began))
            for item in items { item.done(nil) }
        } catch {
            // One batch shares one fate only while it is one: alone, each gets its own.
            if items.count > 1, error.code == .conflict || error.code == .failed {
                for item in items { commit([item]) }
                return
            }
            if error.code == .fatal || error.code == .fenced { fatal(error) }
            for item in items { item.done(error) }
        }
    }
}
