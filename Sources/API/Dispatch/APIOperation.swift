// An operation of the API, and one call of it.

import Core
import Engine
import JSON
import NIOCore
import States

/// One operation: what it does after the checks that all have in common.
struct APIOperation: Sendable {
    var name: String
    var perform: @Sendable (APICall) async throws(APIFailure) -> ByteBuffer

    init(
        _ name: String, perform: @escaping @Sendable (APICall) async throws(APIFailure) -> ByteBuffer
    ) {
        precondition(ConstraintTable.members[name] != nil, "no constraints for \(name)")
        self.name = name
        self.perform = perform
    }

    static let all: [String: APIOperation] = Dictionary(
        uniqueKeysWithValues: [
            createStateMachineAlias, deleteStateMachineAlias, deleteStateMachineVersion, describeStateMachineAlias,
            listStateMachineAliases, listStateMachineVersions, listTagsForResource, publishStateMachineVersion,
            testState, describeMapRun, listMapRuns, updateMapRun, tagResource, untagResource, updateStateMachineAlias,
            createActivity, createStateMachine, deleteActivity, deleteStateMachine, describeActivity,
            describeExecution, describeStateMachine, getActivityTask, listActivities, redriveExecution, sendTaskFailure,
            sendTaskHeartbeat, sendTaskSuccess,
            describeStateMachineForExecution, getExecutionHistory, listExecutions, listStateMachines, startExecution,
            startSyncExecution, stopExecution, updateStateMachine, validateStateMachineDefinition,
        ].map { ($0.name, $0) })
}

/// One call of an operation: its checked input and what it works with.
struct APICall: Sendable {
    var operation: String
    var input: JSONObject
    var engine: Engine
    /// Whose resources there are.
    var scope: Scope
    var pageTokens: PageTokens
    /// `nil` where log events go to a place without groups.
    var logGroups: LogGroupLookup?
    var now: Timestamp
    /// From the header of that name; wins over the body's member.
    var traceHeader: String?
    /// Of an execution that the call starts.
    var depth = 0

    /// A string member, `nil` where it is not given.
    func string(_ name: String) -> String? { input[name]?.stringValue }

    /// A member that the constraints require.
    func required(_ name: String) -> String {
        guard let value = input[name]?.stringValue else { preconditionFailure("\(operation) was not checked: \(name)") }
        return value
    }

    func bool(_ name: String) -> Bool? { input[name]?.boolValue }

    /// A structure, `nil` where it is not given.
    func object(_ name: String) -> JSONObject? { input[name]?.objectValue }

    /// `maxResults`: 100 where it is not given or 0.
    var pageSize: Int {
        let value = input["maxResults"]?.doubleValue ?? 0
        return value < 1 ? 100 : Int(value)
    }

    /// `includedData` is METADATA_ONLY.
    var isMetadataOnly: Bool { string("includedData") == "METADATA_ONLY" }

    // MARK: - Pages

    /// What a page token is bound to: the operation and every member that chooses what is listed.
    private var query: String {
        var chosen = JSONObject([("", .string(operation)), ("scope", .string(scope.prefix))])
        for (name, value) in input where name != "nextToken" && name != "maxResults" { chosen[name] = value }
        return JSONValue.object(chosen).text
    }

    /// Where the page begins, `nil` for the first one.
    func pagePosition() throws(APIFailure) -> String? {
        guard let token = string("nextToken") else { return nil }
        return try service { () throws(ServiceError) in try pageTokens.position(token, query: query, now: now) }
    }

    func pageToken(_ position: String) -> String { pageTokens.token(position, query: query, now: now) }

    var invalidToken: APIFailure { APIFailure(.invalidToken) }
}

/// Runs what throws the engine's errors.
func service<Value>(_ body: () throws(ServiceError) -> Value) throws(APIFailure) -> Value {
    do throws(ServiceError) { return try body() } catch { throw APIFailure(error) }
}

func service<Value>(
    _ body: () async throws(ServiceError) -> Value
) async throws(APIFailure) -> Value {
    do throws(ServiceError) { return try await body() } catch { throw APIFailure(error) }
}
