// The threads on which blocking work runs.

package import Dispatch
package import States

/// A bounded pool of threads for work that blocks, fair between executions and with a limit for each function.
///
/// Each slot is a serial Dispatch queue of its own: on Linux a concurrent queue does not widen for blocked jobs (3–7 of
/// 64 ran at once), serial queues reach any width.
package final class WorkerPool: Sendable {
    private let admission: Admission
    private let queues: [DispatchQueue]

    /// - Parameters:
    ///   - width: how many jobs run at once at most.
    ///   - limit: how many jobs of a function run at once at most.
    package init(width: Int = 8, limit: @escaping @Sendable (String) -> Int = { _ in .max }) {
        admission = Admission(width: width, limit: limit)
        queues = (0..<width).map { DispatchQueue(label: "newel.worker.\($0)") }
    }

    package var counts: WorkCounts { admission.counts }

    /// Runs `job` on a thread of the pool when its turn comes; returns at once. It may block there.
    package func submit(_ id: TaskID, function: String, job: @escaping @Sendable () -> Void) {
        admission.submit(id, function: function) { [admission, queues] slot in
            queues[slot].async {
                job()
                admission.finish(slot, function: function)
            }
        }
    }

    /// Drops a job that still waits; one that runs is not interrupted.
    package func cancel(_ id: TaskID) { admission.cancel(id) }

    /// Starts nothing more, waits for what runs and returns how many jobs still ran at the `timeout`. What had
    /// not begun is dropped: its task is open in the store and is sent again at the next start.
    package func drain(within timeout: DispatchTimeInterval) async -> Int { await admission.drain(within: timeout) }
}
