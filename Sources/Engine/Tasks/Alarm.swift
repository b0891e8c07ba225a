// Timers: one clock for all executions that wait. They are rows in the store, not objects in memory.

import Core
import Logging
import Metrics
import States
import Storage
import Synchronization

/// Loads due timers from the store in batches, posts a wake-up for each, and sleeps until the next deadline. A wake-up
/// that takes long, or fails, delays no other: the batches do not wait for one another.
package final class Alarm: Sendable {
    private let executor: any LaneExecutor
    private let store: any Store
    private let engineClock: EngineClock
    private let batch: Int
    private let replies: PendingReplies
    private let wake: @Sendable (_ execution: Int64, ReplyTo?) -> Void
    private let logger: Logger
    private let lateness = Timer(label: MetricName.timerLateness.rawValue)
    private let state = Mutex(State())

    private struct State {
        /// When the queue will look next; `nil` when no look is planned.
        var next: Timestamp?
        var isLooking = false
        var isStopped = false
        /// Counts the plans: a look that was planned and overtaken does nothing.
        var plan = 0
        /// Executions that have been posted and not answered for.
        var posted: Set<Int64> = []
        /// Executions that could not be woken, and when that is tried again.
        var postponed: [Int64: Timestamp] = [:]
    }

    /// How long an execution that could not be woken is left alone, in milliseconds.
    private static let postponement: Int64 = 1_000
    /// Between two looks while some rows that are due wait for other things, in milliseconds.
    private static let pause: Int64 = 20

    init(
        store: any Store, executor: any LaneExecutor, clock: EngineClock, batch: Int, logger: Logger,
        replies: PendingReplies, wake: @escaping @Sendable (_ execution: Int64, ReplyTo?) -> Void
    ) {
        self.replies = replies
        self.store = store
        self.executor = executor
        engineClock = clock
        self.batch = batch
        self.logger = logger
        self.wake = wake
    }

    private func clock() -> Timestamp { engineClock.read().engine }

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

    /// Wakes once all executions whose rows are due within `milliseconds`; those that are woken too early wait again.
    /// For rows that may be later than what is due: of executions that wait for a date after the wall clock was set
    /// forward, and of those that were on an evaluation thread when the process ended.
    func wakeEarly(by milliseconds: Int64) {
        guard milliseconds > 0 else { return }
        executor.run(on: .timers) { [self] in
            guard !state.withLock({ $0.isStopped }) else { return }
            do throws(StoreError) {
                let now = clock()
                for record in try store.due(at: now.adding(milliseconds: milliseconds), limit: .max) {
                    wake(record.id, nil)
                }
            } catch {
                logger.error("The timers could not be read", metadata: ["error": "\(error)"])
            }
        }
    }

    func start() {
        consider(clock())
        watchClock()
    }

    /// Reads the clock once a second, so that a daemon with nothing to do notices that it was set, and the timers once
    /// a minute: a timer that was not considered is late then, and not lost.
    private func watchClock(second: Int = 1) {
        executor.run(on: .timers, after: 1_000) { [weak self] in
            guard let self, !state.withLock({ $0.isStopped }) else { return }
            _ = clock()
            if second % 60 == 0 { lookAgain() }
            watchClock(second: second + 1)
        }
    }

    private func lookAgain() {
        let plan: Int? = state.withLock { state in
            guard !state.isLooking else { return nil }
            state.plan += 1
            return state.plan
        }
        if let plan { look(plan) }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private func sleep(until time: Timestamp, _ plan: Int) {
        let delay = max(0, time.milliseconds - clock().milliseconds)
        // The clock may run faster than the executor's: look at least once a minute.
        executor.run(on: .timers, after: min(delay, 60_000)) { self.look(plan) }
    }

    private func look(_ plan: Int) {
        let now = clock()
        let waiting: Int? = state.withLock { state in
            guard !state.isStopped, state.plan == plan else { return nil }
            state.isLooking = true
            state.next = nil
            state.postponed = state.postponed.filter { $0.value > now }
            return state.posted.count + state.postponed.count
        }
        guard let waiting else { return }
        do throws(StoreError) {
            let limit = batch + waiting
            let rows = try store.due(at: now, limit: limit)
            let due = state.withLock { state in
                let room = max(0, Limits.Turn.maximumPostedWakeUps - state.posted.count)
                let due = rows.filter { !state.posted.contains($0.id) && state.postponed[$0.id] == nil }.prefix(room)
                state.posted.formUnion(due.map(\.id))
                return due
            }
            for record in due { post(record, now) }
            if rows.isEmpty { return schedule(try store.nextWake()) }
            // Rows that are due and posted stay due until their turn is committed.
            schedule(clock().adding(milliseconds: rows.count == limit && !due.isEmpty ? 0 : Self.pause))
        } catch {
            logger.error("The timers could not be read", metadata: ["error": "\(error)"])
            schedule(clock().adding(milliseconds: Self.postponement))
        }
    }

    private func post(_ record: ExecutionRecord, _ now: Timestamp) {
        if let wakeAt = record.wakeAt {
            lateness.recordMilliseconds(max(0, now.milliseconds - wakeAt.milliseconds))
        }
        let caller = replies.register { [self] reply in
            let isLast = state.withLock { state in
                state.posted.remove(record.id)
                if reply.error != nil { state.postponed[record.id] = clock().adding(milliseconds: Self.postponement) }
                return state.posted.isEmpty
            }
            if isLast { consider(clock()) }
        }
        wake(record.id, caller)
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
