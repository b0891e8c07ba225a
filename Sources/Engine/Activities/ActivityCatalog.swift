// The activities that there are.

package import Storage
import Synchronization

/// The activities of the store in memory, by ARN.
package final class ActivityCatalog: Sendable {
    private let store: any Store
    private let state = Mutex(State())

    private struct State {
        var records: [String: ActivityRecord] = [:]
        var arns: Set<String> = []
    }

    init(store: any Store) { self.store = store }

    /// Reads the activities from the store; forgets what was there before.
    func load() throws(StoreError) {
        let records = Dictionary(uniqueKeysWithValues: try store.activities().map { ($0.arn, $0) })
        state.withLock { $0 = State(records: records, arns: Set(records.keys)) }
    }

    /// The ARNs of all.
    package var arns: Set<String> { state.withLock { $0.arns } }

    /// The activity of that ARN, `nil` where there is none.
    package func record(arn: String) -> ActivityRecord? { state.withLock { $0.records[arn] } }

    /// Activities whose ARNs begin with `prefix`, in the order of their ARNs, behind `after`.
    package func records(prefix: String, after: String?, limit: Int) -> [ActivityRecord] {
        let all = state.withLock { $0.records }
        return all.values.filter { $0.arn.hasPrefix(prefix) && $0.arn > after ?? "" }
            .sorted { $0.arn < $1.arn }.prefix(limit).map { $0 }
    }

    /// Takes in what has been committed.
    func put(_ record: ActivityRecord) {
        state.withLock { state in
            state.records[record.arn] = record
            state.arns.insert(record.arn)
        }
    }

    func remove(arn: String) {
        state.withLock { state in
            state.records[arn] = nil
            state.arns.remove(arn)
        }
    }
}
