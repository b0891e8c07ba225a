// Calls of the engine that are `async`: their steps are works of a lane, as everything else.

import Core
import Engine
import Storage

/// Runs the steps of Swift tasks on a lane of a life, in its virtual time: on the world's thread and in an order that
/// the seed chooses, as all other works.
final class LaneTasks: TaskExecutor {
    private let executor: VirtualExecutor

    init(_ executor: VirtualExecutor) { self.executor = executor }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        executor.run(on: .background) { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension Life {
    /// Makes a call; `reply` gets what it returns or throws. It gets nothing where the life ends before.
    func ask<Value: Sendable>(
        _ call: @escaping @Sendable () async throws(ServiceError) -> Value,
        reply: @escaping @Sendable (Result<Value, ServiceError>) -> Void
    ) {
        Task(executorPreference: tasks) {
            do throws(ServiceError) { reply(.success(try await call())) } catch { reply(.failure(error)) }
        }
    }

    /// Opens the engine.
    func open(
        _ open: @escaping @Sendable () async throws(StoreError) -> Engine,
        reply: @escaping @Sendable (Result<Engine, StoreError>) -> Void
    ) {
        Task(executorPreference: tasks) {
            do throws(StoreError) { reply(.success(try await open())) } catch { reply(.failure(error)) }
        }
    }
}
