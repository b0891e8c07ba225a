// Services under test, run as the program runs them and stopped as it stops them.

package import Logging
package import ServiceLifecycle
import Synchronization

package enum Running {
    /// A logger that drops everything.
    package static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a service on a free port while `body` uses it, then shuts it down gracefully.
    package static func with<Result: Sendable>(
        _ make: (@escaping @Sendable (Int) -> Void) -> any Service, _ body: @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let service = make { announce.yield($0) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: service)], logger: quiet))
        return try await withThrowingTaskGroup(of: Void.self, returning: Result.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw CancellationError() }
            do {
                let result = try await body(port)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                return result
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
        }
    }
}
