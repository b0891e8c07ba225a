// The executions in quarantine, as every part of the engine sees them.

import Core
import Metrics
import States
package import Storage
import Synchronization

/// Executions that are RUNNING and not advanced.
package final class Quarantine: Sendable {
    private let entries = Mutex<[Int64: QuarantineRecord]>([:])
    private let count = Atomic(0)
    private let gauge = Gauge(label: MetricName.executionsQuarantined.rawValue)

    package init(_ records: [QuarantineRecord] = []) {
        entries.withLock { entries in for record in records { entries[record.execution] = record } }
        count.store(records.count, ordering: .relaxed)
        gauge.record(records.count)
    }

    package func contains(_ execution: Int64) -> Bool {
        guard count.load(ordering: .relaxed) > 0 else { return false }
        return entries.withLock { $0[execution] != nil }
    }

    /// By the executions' ids.
    package var all: [QuarantineRecord] { entries.withLock { $0.values.sorted { $0.execution < $1.execution } } }

    func add(_ record: QuarantineRecord) { change { $0[record.execution] = record } }

    func remove(_ execution: Int64) { change { $0[execution] = nil } }

    private func change(_ body: (inout [Int64: QuarantineRecord]) -> Void) {
        let number = entries.withLock { entries in
            body(&entries)
            return entries.count
        }
        count.store(number, ordering: .relaxed)
        gauge.record(number)
    }
}
