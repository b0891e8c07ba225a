// TagResource, UntagResource, ListTagsForResource: of state machines and activities (api.md §3, Tagging).

import Core
package import JSON
import Storage

extension Engine {
    /// The tags of a machine or an activity, JSON objects with `key` and `value`. Throws InvalidArn, ResourceNotFound.
    package func tags(of arn: String) throws(ServiceError) -> [JSONValue] {
        let text = try taggedText(arn)
        return (try? JSONValue.parse(text))?.arrayValue ?? []
    }

    /// Adds tags; of a key that is there the new value counts. Throws TooManyTags.
    package func tag(_ arn: String, _ added: [(key: String, value: String)]) async throws(ServiceError) {
        try await changeTags(of: arn) { tags in
            for tag in added { tags[tag.key] = .string(tag.value) }
        }
    }

    /// Takes tags away; keys that are not there are passed over.
    package func untag(_ arn: String, keys: [String]) async throws(ServiceError) {
        try await changeTags(of: arn) { tags in
            for key in keys { tags[key] = nil }
        }
    }

    private func changeTags(of arn: String, _ change: (inout JSONObject) -> Void) async throws(ServiceError) {
        try checkRunning()
        await catalogGate.enter()
        defer { catalogGate.leave() }
        try await refreshCatalog()
        var tags = JSONObject()
        for tag in try self.tags(of: arn) { tags[tag["key"]?.stringValue ?? ""] = tag["value"] ?? "" }
        change(&tags)
        guard tags.count <= Limits.API.maximumTags else {
            throw ServiceError(
                .tooManyTags, "You've exceeded the number of tags allowed for a resource.", resourceName: arn)
        }
        let text = JSONValue.array(tags.map { ["key": .string($0.key), "value": $0.value] }).text
        if let entry = catalog.entry(arn: arn) {
            try await commit([.tagMachine(id: entry.record.id, tags: text)])
            catalog.put(entry.with(tags: text))
        } else if var activity = catalog.activities.record(arn: arn) {
            activity.tags = text
            try await commit([.putActivity(activity)])
            catalog.activities.put(activity)
        }
    }

    private func taggedText(_ arn: String) throws(ServiceError) -> String {
        _ = try ResourceARN(arn, types: ["stateMachine", "activity"])
        if let entry = catalog.entry(arn: arn) { return entry.record.tags }
        if let activity = catalog.activities.record(arn: arn) { return activity.tags }
        throw .resourceNotFound(arn)
    }
}
