// PublishStateMachineVersion, ListStateMachineVersions, DeleteStateMachineVersion.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let publishStateMachineVersion = APIOperation("PublishStateMachineVersion") { call throws(APIFailure) in
        let arn = call.required("stateMachineArn")
        let version = try await service { () async throws(ServiceError) in
            try await call.engine.publishVersion(
                arn: arn, revisionID: call.string("revisionId"), description: call.string("description"))
        }
        return JSONObjectWriter.body { writer in
            writer.timestamp("creationDate", version.creationDate)
            writer.string("stateMachineVersionArn", version.arn(of: arn))
        }
    }

    static let listStateMachineVersions = APIOperation("ListStateMachineVersions") { call throws(APIFailure) in
        let size = call.pageSize
        let position = try call.pagePosition()
        let after = position.flatMap { Int($0) }
        if position != nil, after == nil { throw call.invalidToken }
        let (machineARN, found) = try service { () throws(ServiceError) in
            try call.engine.listVersions(arn: call.required("stateMachineArn"), after: after, limit: size + 1)
        }
        let page = found.prefix(size)
        return JSONObjectWriter.body(capacity: 192 * (page.count + 1)) { writer in
            writer.objects("stateMachineVersions", page) { item, version in
                item.string("stateMachineVersionArn", version.arn(of: machineARN))
                item.timestamp("creationDate", version.creationDate)
            }
            if found.count > size { writer.string("nextToken", page.last.map { call.pageToken(String($0.number)) }) }
        }
    }

    static let deleteStateMachineVersion = APIOperation("DeleteStateMachineVersion") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await call.engine.deleteVersion(arn: call.required("stateMachineVersionArn"))
        }
        return JSONObjectWriter.body { _ in }
    }
}

extension VersionRecord {
    func arn(of machineARN: String) -> String { "\(machineARN):\(number)" }
}
