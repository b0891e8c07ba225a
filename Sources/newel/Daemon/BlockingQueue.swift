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

    private let queue = OperationQueue()
    private let calls = Atomic(0)
    private let limit: Int

    init(width: Int = 4, waiting: Int = 16) {
        queue.maxConcurrentOperationCount = width
        limit = width + waiting
    }

    /// Throws `Full` at once, or what `body` throws.
    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        guard calls.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            calls.wrappingSubtract(1, ordering: .relaxed)
            throw Full()
        }
        defer { calls.wrappingSubtract(1, ordering: .relaxed) }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try body() }) }
        }
    }
}
