// Blocking work of the daemon itself, off Swift's cooperative threads.

import Dispatch
import Foundation
import Synchronization

struct BlockingQueue: Sendable {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// Blocking work of one route: so many calls at once, each on a thread of its own, and no more waiting than that a
/// route whose back end hangs answers 503 soon. Routes do not wait for each other.
final class RouteQueue: Sendable {
    /// As many calls wait as the queue takes.
    struct Full: Error {}

    private typealias Job = @Sendable () -> Void

    private struct State {
        var idle: [Int]
        var waiting: [Job] = []
    }

    /// Dispatch gives each serial queue a thread at once. A concurrent queue, and OperationQueue, would wait for a
    /// second or more while the threads that they have are blocked.
    private let workers: [DispatchQueue]
    private let state: Mutex<State>
    private let longestLine: Int

    init(width: Int = 4, waiting: Int = 16) {
        workers = (0..<width).map { DispatchQueue(label: "newel.route.\($0)") }
        state = Mutex(State(idle: Array(0..<width)))
        longestLine = waiting
    }

    /// Throws `Full` at once, or what `body` throws.
    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job: Job = { continuation.resume(with: Result { try body() }) }
            let (worker, isTaken) = state.withLock { state -> (Int?, Bool) in
                if let worker = state.idle.popLast() { return (worker, true) }
                guard state.waiting.count < longestLine else { return (nil, false) }
                state.waiting.append(job)
                return (nil, true)
            }
            if !isTaken { return continuation.resume(throwing: Full()) }
            if let worker { start(worker, job) }
        }
    }

    private func start(_ worker: Int, _ first: @escaping Job) {
        workers[worker].async { [self] in
            var next: Job? = first
            while let job = next {
                job()
                next = state.withLock { state in
                    if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                    state.idle.append(worker)
                    return nil
                }
            }
        }
    }
}
