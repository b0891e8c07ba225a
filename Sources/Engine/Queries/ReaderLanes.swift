// Reads run on lanes of their own: SQLite blocks, and neither event loops nor Swift's own threads may.

import Core
import Metrics
import Storage
import Synchronization

final class ReaderLanes: Sendable {
    private let runtime: Runtime
    private let width: Int
    private let next = Atomic(0)
    fileprivate let timers = Mutex<[String: Timer]>([:])

    init(width: Int, runtime: Runtime) {
        self.width = width
        self.runtime = runtime
    }

    /// Runs `work` on the next lane.
    func perform(_ work: @escaping @Sendable () -> Void) {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue & 0xFFFF % width
        runtime.executor.run(on: .reader(number), work)
    }

    /// Runs a read on the next lane; the completion gets its value. An error of the store becomes the response's.
    /// `query` is the caller's name, for the metric.
    func read<Value: Sendable>(
        _ completion: @escaping Completion<Value>, query: String = #function,
        _ body: @escaping @Sendable () throws(StoreError) -> Value
    ) {
        let began = runtime.clock.monotonic()
        perform { [self] in
            let result: Result<Value, ServiceError>
            do throws(StoreError) { result = .success(try body()) } catch { result = .failure(.unreadable(error)) }
            timer(query).recordNanoseconds(runtime.clock.monotonic() - began)
            completion(result)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StoreError) -> Value, query: String = #function
    ) async throws(ServiceError) -> Value {
        try await withCheckedContinuation { continuation in
            read({ continuation.resume(returning: $0) }, query: query, body)
        }.get()
    }
}

extension ReaderLanes {
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
