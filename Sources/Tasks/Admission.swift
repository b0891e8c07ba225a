// Who may run now: a bounded number of slots in front of threads or connections, with a fair queue before them.

import Core
import Dispatch
import Metrics
import States
import Synchronization

/// How much work waits and runs, for metrics.
package struct WorkCounts: Sendable, Equatable {
    package var queued: Int
    package var running: Int
    /// Jobs that have finished since the start.
    package var finished: Int

    package static func + (left: WorkCounts, right: WorkCounts) -> WorkCounts {
        WorkCounts(
            queued: left.queued + right.queued, running: left.running + right.running,
            finished: left.finished + right.finished)
    }
}

/// Hands out `width` slots: fair between executions, at most `limit(function)` at a time for each function. It owns no
/// thread; its user decides what a slot is, a serial queue or a connection.
final class Admission: Sendable {
    typealias Start = @Sendable (_ slot: Int) -> Void

    fileprivate struct Job {
        var id: TaskID
        var submitted: UInt64
        var start: Start
    }

    fileprivate struct Stop {
        var number: Int
        var resume: CheckedContinuation<Void, Never>
    }

    fileprivate struct State {
        var queue: FairQueue<Job>
        var freeSlots: [Int]
        var running = 0
        var finished = 0
        var stopped = false
        var stops: [Stop] = []
        var stopNumber = 0
    }

    private let state: Mutex<State>
    private let waits = Timer(label: MetricName.taskQueueTime.rawValue)

    init(width: Int, limit: @escaping @Sendable (String) -> Int) {
        precondition(width > 0, "an admission needs a slot")
        state = Mutex(State(queue: FairQueue(limit: limit), freeSlots: Array((0..<width).reversed())))
    }

    var counts: WorkCounts {
        state.withLock { WorkCounts(queued: $0.queue.count, running: $0.running, finished: $0.finished) }
    }

    /// Calls `start` with a slot when the job's turn comes, perhaps before this returns; the slot is the job's until
    /// `finish`. After `drain` has begun nothing more starts.
    func submit(_ id: TaskID, function: String, start: @escaping Start) {
        state.withLock {
            guard !$0.stopped else { return }
            $0.queue.enqueue(
                Job(id: id, submitted: DispatchTime.now().uptimeNanoseconds, start: start), function: function,
                execution: id.execution)
        }
        startWhatMay()
    }

    func finish(_ slot: Int, function: String) {
        let drained: [Stop] = state.withLock { state in
            state.queue.finish(function)
            state.freeSlots.append(slot)
            state.running -= 1
            state.finished += 1
            guard state.running == 0 else { return [] }
            defer { state.stops = [] }
            return state.stops
        }
        for stop in drained { stop.resume.resume() }
        startWhatMay()
    }

    /// Drops the job if it still waits.
    func cancel(_ id: TaskID) {
        state.withLock { $0.queue.removeAll { $0.id == id } }
    }

    private func startWhatMay() {
        while let (job, slot) = state.withLock({ $0.admit() }) {
            waits.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - job.submitted))
            job.start(slot)
        }
    }

    /// Drops what waits (it is an open task in the store and is sent again after a restart) and waits for what runs.
    /// Returns how many jobs still ran at the deadline.
    func drain(within timeout: DispatchTimeInterval) async -> Int {
        await withCheckedContinuation { resume in
            let number: Int? = state.withLock {
                $0.stopped = true
                $0.queue.removeAll { _ in true }
                guard $0.running > 0 else { return nil }
                $0.stopNumber += 1
                $0.stops.append(Stop(number: $0.stopNumber, resume: resume))
                return $0.stopNumber
            }
            guard let number else { return resume.resume() }
            DispatchQueue.global().asyncAfter(deadline: .now() + timeout) { self.endWait(number) }
        }
        return counts.running
    }

    private func endWait(_ number: Int) {
        let late = state.withLock { state -> Stop? in
            guard let index = state.stops.firstIndex(where: { $0.number == number }) else { return nil }
            return state.stops.remove(at: index)
        }
        late?.resume.resume()
    }
}

extension Admission.State {
    fileprivate mutating func admit() -> (Admission.Job, slot: Int)? {
        guard !stopped, let slot = freeSlots.last, let (_, job) = queue.next() else { return nil }
        freeSlots.removeLast()
        running += 1
        return (job, slot)
    }
}
