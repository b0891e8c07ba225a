// Reads run on their own serial queues: SQLite blocks, and neither event loops nor Swift's own threads may.

import Core
import Dispatch
import Metrics
import Storage
import Synchronization

final class ReaderQueues: Sendable {
    private let queues: [DispatchQueue]
    private let next = Atomic(0)
    fileprivate let timers = Mutex<[String: Timer]>([:])

    init(width: Int) { queues = (0..<width).map { DispatchQueue(label: "newel.reader.\($0)") } }

    /// Runs `work` on the next queue.
    func perform(_ work: @escaping @Sendable () -> Void) { nextQueue.async(execute: work) }

    private var nextQueue: DispatchQueue {
        queues[next.wrappingAdd(1, ordering: .relaxed).oldValue & 0xFFFF % queues.count]
    }

    /// Runs a read on the next queue. An error of the store becomes the response's. `query` is the caller's name, for
    /// the metric.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StoreError) -> Value, query: String = #function
    ) async throws(ServiceError) -> Value {
        let began = DispatchTime.now().uptimeNanoseconds
        defer { timer(query).recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - began)) }
        let queue = nextQueue
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(StoreError) { continuation.resume(returning: .success(try body())) } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw .unreadable(error)
        }
    }
}

extension ReaderQueues {
    private func timer(_ query: String) -> Timer {
        let name = String(query.prefix { $0 != "(" })
        return timers.withLock { timers in
            if let timer = timers[name] { return timer }
            let timer = Timer(label: MetricName.readDuration.rawValue, dimensions: [("query", name)])
            timers[name] = timer
            return timer
        }
    }
}

/// Lets one caller in at a time, in the order of their coming.
final class AsyncGate: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    func enter() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isFree = state.withLock { state in
                if state.isHeld {
                    state.waiting.append(continuation)
                    return false
                }
                state.isHeld = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.waiting.isEmpty {
                state.isHeld = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
