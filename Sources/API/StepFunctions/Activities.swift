// CreateActivity, DeleteActivity, DescribeActivity, ListActivities.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let createActivity = APIOperation("CreateActivity") { call throws(APIFailure) in
        _ = try call.encryption()
        let tags = try MachineConfiguration.tags(call.input["tags"]?.arrayValue ?? [])
        let activity = try await service { () async throws(ServiceError) in
            try await call.engine.createActivity(name: call.required("name"), tags: tags, scope: call.scope)
        }
        return JSONObjectWriter.body { writer in
            writer.string("activityArn", activity.arn)
            writer.timestamp("creationDate", activity.creationDate)
        }
    }

    static let deleteActivity = APIOperation("DeleteActivity") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await call.engine.deleteActivity(arn: call.required("activityArn"))
        }
        return JSONObjectWriter.body { _ in }
    }

    static let describeActivity = APIOperation("DescribeActivity") { call throws(APIFailure) in
        let activity = try service { () throws(ServiceError) in
            try call.engine.describeActivity(arn: call.required("activityArn"))
        }
        return JSONObjectWriter.body { writer in
            writer.activity(activity)
            writer.json("encryptionConfiguration", MachineConfiguration.defaultEncryption)
        }
    }

    static let listActivities = APIOperation("ListActivities") { call throws(APIFailure) in
        let size = call.pageSize
        let found = call.engine.listActivities(of: call.scope, after: try call.pagePosition(), limit: size + 1)
        let page = found.prefix(size)
        return JSONObjectWriter.body(capacity: 256 * (page.count + 1)) { writer in
            writer.objects("activities", page) { $0.activity($1) }
            if found.count > size { writer.string("nextToken", page.last.map { call.pageToken($0.arn) }) }
        }
    }
}

extension JSONObjectWriter {
    fileprivate mutating func activity(_ activity: ActivityRecord) {
        string("activityArn", activity.arn)
        string("name", activity.name)
        timestamp("creationDate", activity.creationDate)
    }
}
