// Durations of requests, by listener, operation and status.

import Core
package import Metrics
package import NIOCore
import Synchronization

/// `newel_http_request_duration_seconds{server,operation,status}`; its count is the number of requests. Operations are
/// a bounded set: routes and operation names, never raw paths.
package final class HTTPMetrics: Sendable {
    private let server: String
    private let factory: (any MetricsFactory)?
    private let timers = Mutex<[Key: Timer]>([:])

    private struct Key: Hashable {
        var operation: String
        var status: Int
    }

    /// `server` is the listener's name; without a factory the process's own is used.
    package init(server: String, factory: (any MetricsFactory)? = nil) {
        self.server = server
        self.factory = factory
    }

    package func record(operation: String, status: Int, took: TimeAmount) {
        let key = Key(operation: operation, status: status)
        let timer = timers.withLock { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: MetricName.httpRequestDuration.rawValue,
                dimensions: [("server", server), ("operation", operation), ("status", "\(status)")],
                factory: factory ?? MetricsSystem.factory)
            timers[key] = timer
            return timer
        }
        timer.recordNanoseconds(took.nanoseconds)
    }
}

/// `newel_http_denied_total{server,reason}`: requests and connections that a listener turned away by itself.
final class DeniedRequests: Sendable {
    enum Reason: String, CaseIterable {
        case malformed
        case tooLarge = "too_large"
        case tooSlow = "too_slow"
        case tooManyConnections = "too_many_connections"
    }

    private let counters: [Reason: Counter]

    init(server: String) {
        counters = Dictionary(
            uniqueKeysWithValues: Reason.allCases.map { reason in
                let dimensions = [("server", server), ("reason", reason.rawValue)]
                return (reason, Counter(label: MetricName.httpDenied.rawValue, dimensions: dimensions))
            })
    }

    func count(_ reason: Reason) { counters[reason]?.increment() }
}
