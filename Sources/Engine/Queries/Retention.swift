// Retention: closed executions are deleted after a time, in steps so small that no turn is delayed
// (quotas-pricing.md §2: 90 days).

import Core
import Logging
import Metrics
import States
import Storage

extension Engine {
    /// How long expired executions stay in the store, in milliseconds. It is longer than any turn takes, so that none
    /// is deleted while a redrive that still saw it is being committed.
    private static let deletionDelay: Int64 = 60_000

    /// Deletes the executions that expired more than a minute ago and returns their number.
    ///
    /// A step is one small commit. `rest` is called after each, so that other commits come in between. An execution
    /// with a long history takes several steps; after a restart the rest of it is deleted.
    package func prune(rest: @Sendable () async -> Void) async throws(ServiceError) -> Int {
        guard let retention = configuration.retention else { return 0 }
        let cutoff = clock().adding(milliseconds: -retention).adding(milliseconds: -Self.deletionDelay)
        var pruned = 0
        var last: Int64 = .min
        while !isDraining {
            let behind = last
            let page = try await readers.read { () throws(StoreError) in
                try self.store.executions(behind: behind, limit: Limits.Store.maximumExpiredExecutions)
            }
            guard let end = page.last else { return pruned }
            last = end.id
            for execution in page where (execution.stopDate ?? .distantFuture) < cutoff && !isDraining {
                try await delete(execution.id, rest)
                Counter(label: MetricName.retentionDeleted.rawValue).increment()
                pruned += 1
            }
            // Ids are in the order of the starts: all that follow were started later.
            if end.startDate > cutoff { return pruned }
        }
        return pruned
    }

    private func delete(_ execution: Int64, _ rest: @Sendable () async -> Void) async throws(ServiceError) {
        while true {
            let rows = try await readers.read { () throws(StoreError) in
                try self.store.eventRows(execution: execution, limit: Limits.Store.maximumDeletedRows + 1)
            }
            var bytes = 0
            let step = rows.prefix(Limits.Store.maximumDeletedRows).prefix { row in
                bytes += row.bytes
                return bytes <= Limits.Store.maximumDeletedBytes || row == rows[0]
            }
            let isLast = step.count == rows.count
            try await commit([
                isLast
                    ? .deleteExecution(id: execution)
                    : .deleteEvents(execution: execution, through: step.last?.firstID ?? 0)
            ])
            await rest()
            if isLast { return }
        }
    }
}

extension EngineConfiguration {
    /// Executions that were closed before this time have expired; `nil` if executions are kept for ever.
    func expiry(_ now: Timestamp) -> Timestamp? { retention.map { now.adding(milliseconds: -$0) } }

    /// Whether API calls see the execution. One that has expired does not exist for any of them, and its name is free.
    func isVisible(_ execution: ExecutionRecord, _ now: Timestamp) -> Bool {
        guard let stopDate = execution.stopDate, let expiry = expiry(now) else { return true }
        return stopDate >= expiry
    }
}
