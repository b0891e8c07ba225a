// CreateActivity, DeleteActivity, DescribeActivity, ListActivities (api.md §3, §4).

package import Core
import States
package import Storage

extension Engine {
    /// Creates an activity, or gives the one of that name that is there; other tags change nothing. Throws InvalidName.
    package func createActivity(
        name: String, tags: String, scope: Scope
    ) async throws(ServiceError) -> ActivityRecord {
        try checkRunning()
        try ResourceName.check(name)
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        let arn = scope.activityARN(name)
        if let known = catalog.activities.record(arn: arn) { return known }
        let record = ActivityRecord(arn: arn, name: name, creationDate: clock(), tags: tags)
        try await commit([.putActivity(record)])
        catalog.activities.put(record)
        return record
    }

    /// Deletes an activity; one that is not there is no error. Its tasks stay open until they time out; who waits for
    /// one is told that the activity is gone.
    package func deleteActivity(arn: String) async throws(ServiceError) {
        try checkRunning()
        _ = try ResourceARN(arn, types: ["activity"])
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        guard catalog.activities.record(arn: arn) != nil else { return }
        try await commit([.deleteActivity(arn: arn)])
        catalog.activities.remove(arn: arn)
        queues.dismissPollers(of: arn, .activityDoesNotExist(arn))
    }

    /// Throws InvalidArn and ActivityDoesNotExist.
    package func describeActivity(arn: String) throws(ServiceError) -> ActivityRecord {
        _ = try ResourceARN(arn, types: ["activity"])
        guard let record = catalog.activities.record(arn: arn) else { throw .activityDoesNotExist(arn) }
        return record
    }

    /// Activities of an account and region in the order of their ARNs, behind `after`.
    package func listActivities(of scope: Scope, after: String?, limit: Int) -> [ActivityRecord] {
        catalog.activities.records(prefix: scope.activityARN(""), after: after, limit: limit)
    }
}
