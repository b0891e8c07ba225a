// Lanes for evaluations that take longer than the lane of a shard, or of a client, may spend on them.

import Core
import Synchronization

/// A few lanes of low priority that run jobs of two lengths. Short jobs come first, and one lane never runs a long
/// one. Among the jobs of one length the keys take turns, so that many jobs of one state machine do not delay those of
/// the others.
final class EvaluationLanes: Sendable {
    /// `lane` counts from 0.
    typealias Job = @Sendable (_ lane: Int) -> Void

    enum Length: Sendable {
        /// About 100 ms.
        case short
        /// About a second.
        case long
    }

    private let numbers: Range<Int>
    private let executor: any LaneExecutor
    private let state: Mutex<State>

    private struct State {
        var short = Queue()
        var long = Queue()
        var runningLong = 0
        /// Lanes without a job, the one to be used next at the end.
        var idle: [Int]
        var isStopped = false
    }

    /// Jobs by key; the keys in the order of their turns.
    private struct Queue {
        private var keys = Fifo<Int64>()
        private var jobs: [Int64: Fifo<Job>] = [:]
        private(set) var count = 0

        mutating func append(_ job: @escaping Job, key: Int64) {
            count += 1
            if jobs[key] == nil { keys.append(key) }
            jobs[key, default: Fifo()].append(job)
        }

        mutating func next() -> Job? {
            guard let key = keys.popFirst(), let job = jobs[key]?.popFirst() else { return nil }
            count -= 1
            if jobs[key]?.first == nil { jobs[key] = nil } else { keys.append(key) }
            return job
        }
    }

    /// - Parameter numbers: of the lanes `Lane.evaluation`, two or more.
    init(_ numbers: Range<Int>, executor: any LaneExecutor) {
        self.numbers = numbers
        self.executor = executor
        state = Mutex(State(idle: Array((0..<numbers.count).reversed())))
    }

    /// Jobs that wait.
    var waiting: Int { state.withLock { $0.short.count + $0.long.count } }

    /// Runs a job on one of the lanes. After `stop` it is dropped.
    func submit(_ length: Length, key: Int64, _ job: @escaping Job) {
        let idle: Int? = state.withLock { state in
            guard !state.isStopped else { return nil }
            switch length {
            case .short: state.short.append(job, key: key)
            case .long: state.long.append(job, key: key)
            }
            return state.idle.popLast()
        }
        if let idle { executor.run(on: .evaluation(numbers.lowerBound + idle)) { self.run(idle) } }
    }

    /// Drops what waits; what runs is not waited for.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.short = Queue()
            state.long = Queue()
        }
    }

    private func run(_ lane: Int) {
        while let (job, isLong) = take(lane) {
            job(lane)
            if isLong { state.withLock { $0.runningLong -= 1 } }
        }
    }

    /// The next job; without one the lane is idle.
    private func take(_ lane: Int) -> (job: Job, isLong: Bool)? {
        state.withLock { state in
            if let job = state.short.next() { return (job, false) }
            if state.runningLong < numbers.count - 1, let job = state.long.next() {
                state.runningLong += 1
                return (job, true)
            }
            state.idle.append(lane)
            return nil
        }
    }
}
