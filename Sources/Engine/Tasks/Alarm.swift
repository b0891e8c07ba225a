// Timers: one clock for all executions that wait. They are rows in the store, not objects in memory.

import Dispatch
import Logging
import Metrics
import States
import Storage
import Synchronization

/// Looks into the store when the earliest timer is due, wakes what is due batch by batch, and sleeps until the next.
package final class Alarm: Sendable {
    private let queue = DispatchQueue(label: "newel.alarm")
    private let store: any Store
    private let clock: @Sendable () -> Timestamp
    private let batch: Int
    private let wake: @Sendable (_ execution: Int64, _ done: @escaping @Sendable (Bool) -> Void) -> Void
    private let logger: Logger
    private let lateness = Timer(label: "newel_timer_lateness_seconds")
    private let state = Mutex(State())

    private struct State {
        /// When the queue will look next; `nil` when no look is planned.
        var next: Timestamp?
        var isLooking = false
        var isStopped = false
        var hasFailed = false
        /// Counts the plans: a look that was planned and overtaken does nothing.
        var plan = 0
    }

    init(
        store: any Store, clock: @escaping @Sendable () -> Timestamp, batch: Int, logger: Logger,
        wake: @escaping @Sendable (_ execution: Int64, _ done: @escaping @Sendable (Bool) -> Void) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.batch = batch
        self.logger = logger
        self.wake = wake
    }

    /// A timer has been committed.
    func consider(_ time: Timestamp) {
        let plan: Int? = state.withLock { state in
            guard !state.isStopped, !state.isLooking, state.next.map({ time < $0 }) ?? true else {
                // A look in progress reads the store once more before it sleeps, this timer with it.
                if state.isLooking { state.next = min(state.next ?? time, time) }
                return nil
            }
            state.next = time
            state.plan += 1
            return state.plan
        }
        if let plan { sleep(until: time, plan) }
    }

    func start() { consider(clock()) }

    func stop() { state.withLock { $0.isStopped = true } }

    private func sleep(until time: Timestamp, _ plan: Int) {
        let delay = max(0, time.milliseconds - clock().milliseconds)
        // The wall clock may be set while we sleep: look at least once a minute.
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(min(delay, 60_000)))) { self.look(plan) }
    }

    private func look(_ plan: Int) {
        let isCurrent = state.withLock { state in
            guard !state.isStopped, state.plan == plan else { return false }
            state.isLooking = true
            state.next = nil
            return true
        }
        guard isCurrent else { return }
        do throws(StoreError) {
            let now = clock()
            let due = try store.due(at: now, limit: batch)
            if due.isEmpty { return schedule(try store.nextWake()) }
            let group = DispatchGroup()
            for record in due {
                if let wakeAt = record.wakeAt {
                    lateness.recordMilliseconds(max(0, now.milliseconds - wakeAt.milliseconds))
                }
                group.enter()
                wake(record.id) { isDone in
                    if !isDone { self.state.withLock { $0.hasFailed = true } }
                    group.leave()
                }
            }
            group.notify(queue: queue) { self.again() }
        } catch {
            logger.error("The timers could not be read", metadata: ["error": "\(error)"])
            again(after: 1_000)
        }
    }

    /// Looks for more at once; what could not be woken is left alone for a moment.
    private func again(after milliseconds: Int64 = 0) {
        let hasFailed = state.withLock { state in
            defer { state.hasFailed = false }
            return state.hasFailed
        }
        schedule(clock().adding(milliseconds: hasFailed ? 1_000 : milliseconds))
    }

    private func schedule(_ time: Timestamp?) {
        let next: (Timestamp, Int)? = state.withLock { state in
            state.isLooking = false
            let earliest = [time, state.next].compactMap { $0 }.min()
            state.next = earliest
            state.plan += 1
            return earliest.map { ($0, state.plan) }
        }
        if let next { sleep(until: next.0, next.1) }
    }
}
