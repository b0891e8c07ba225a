// The activities that there are.

package import JSON
package import Storage
import Synchronization

/// The activities of the store in memory, by ARN.
package final class ActivityCatalog: Sendable {
    private let store: any Store
    private let state = Mutex(State())

    private struct State {
        var records: [CodeUnits: ActivityRecord] = [:]
        var arns: Set<CodeUnits> = []
    }

    init(store: any Store) { self.store = store }

    /// Reads the activities from the store; forgets what was there before.
    func load() throws(StoreError) {
        let records = Dictionary(uniqueKeysWithValues: try store.activities().map { (CodeUnits($0.arn), $0) })
        state.withLock { $0 = State(records: records, arns: Set(records.keys)) }
    }

    /// The ARNs of all.
    package var arns: Set<CodeUnits> { state.withLock { $0.arns } }

    /// The activity of that ARN, `nil` where there is none.
    package func record(arn: String) -> ActivityRecord? { state.withLock { $0.records[CodeUnits(arn)] } }

    /// Activities whose ARNs begin with `prefix`, in the order of their ARNs, after `after`.
    package func records(prefix: String, after: String?, limit: Int) -> [ActivityRecord] {
        let all = state.withLock { $0.records }
        let after = CodeUnits(after ?? "")
        return all.filter { $0.key.hasPrefix(prefix) && $0.key > after }
            .sorted { $0.key < $1.key }.prefix(limit).map(\.value)
    }

    /// Takes in what has been committed.
    func put(_ record: ActivityRecord) {
        state.withLock { state in
            state.records[CodeUnits(record.arn)] = record
            state.arns.insert(CodeUnits(record.arn))
        }
    }

    func remove(arn: String) {
        state.withLock { state in
            state.records[CodeUnits(arn)] = nil
            state.arns.remove(CodeUnits(arn))
        }
    }
}
