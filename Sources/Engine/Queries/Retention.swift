// Retention: executions that have been closed for long enough go, in steps so small that no turn notices (api.md §2,
// names are held for 90 days).

import Dispatch
import Logging
import Metrics
import States
import Storage

extension Engine {
    /// Executions that one look takes in, and bytes of history that one step deletes.
    private static let page = 64
    private static let bytesPerStep = 262_144
    private static let rowsPerStep = 128

    /// Whether the execution has been closed for longer than executions are kept: it is gone for whoever asks, and its
    /// rows go as time allows.
    func isExpired(_ execution: ExecutionRecord) -> Bool {
        guard let retention = configuration.retention, let stopDate = execution.stopDate else { return false }
        return stopDate.adding(milliseconds: retention) < clock()
    }

    /// Looks through all executions that may have expired, and deletes those that have; gives their number.
    ///
    /// A step is one small commit, and `rest` is called behind each, so that other commits come between. An execution
    /// with a long history takes several steps; a process that ends in between goes on at its next start.
    package func prune(rest: @Sendable () async -> Void) async throws(ServiceError) -> Int {
        guard let retention = configuration.retention else { return 0 }
        let cutoff = clock().adding(milliseconds: -retention)
        var pruned = 0
        var last: Int64 = .min
        while !isDraining {
            let behind = last
            let page = try await readers.read { () throws(StoreError) in
                try self.store.executions(behind: behind, limit: Self.page)
            }
            guard let end = page.last else { return pruned }
            last = end.id
            for execution in page where isExpired(execution) && !isDraining {
                try await delete(execution.id, rest)
                pruned += 1
            }
            // Ids follow the starts: what comes behind has not even begun long enough ago.
            if end.startDate > cutoff { return pruned }
        }
        return pruned
    }

    private func delete(_ execution: Int64, _ rest: @Sendable () async -> Void) async throws(ServiceError) {
        while true {
            let rows = try await readers.read { () throws(StoreError) in
                try self.store.eventRows(execution: execution, limit: Self.rowsPerStep + 1)
            }
            var bytes = 0
            let step = rows.prefix(Self.rowsPerStep).prefix { row in
                bytes += row.bytes
                return bytes <= Self.bytesPerStep || row == rows[0]
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
