// CreateStateMachineAlias, UpdateStateMachineAlias, DescribeStateMachineAlias, ListStateMachineAliases,
// DeleteStateMachineAlias.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let createStateMachineAlias = APIOperation("CreateStateMachineAlias") { call throws(APIFailure) in
        let (arn, alias) = try await service { () async throws(ServiceError) in
            try await call.engine.createAlias(
                name: call.required("name"), description: call.string("description"), routes: call.routes ?? [])
        }
        return JSONObjectWriter.body { writer in
            writer.string("stateMachineAliasArn", arn)
            writer.timestamp("creationDate", alias.creationDate)
        }
    }

    static let updateStateMachineAlias = APIOperation("UpdateStateMachineAlias") { call throws(APIFailure) in
        let description = call.string("description")
        let routes = call.routes
        if description == nil, routes == nil {
            throw .validation("Either the description or the routing configuration must be specified")
        }
        let date = try await service { () async throws(ServiceError) in
            try await call.engine.updateAlias(
                arn: call.required("stateMachineAliasArn"), description: description, routes: routes)
        }
        return JSONObjectWriter.body { $0.timestamp("updateDate", date) }
    }

    static let describeStateMachineAlias = APIOperation("DescribeStateMachineAlias") { call throws(APIFailure) in
        let arn = call.required("stateMachineAliasArn")
        let (machineARN, alias) = try service { () throws(ServiceError) in try call.engine.describeAlias(arn: arn) }
        return JSONObjectWriter.body { writer in
            writer.string("stateMachineAliasArn", arn)
            writer.string("name", alias.name)
            writer.string("description", alias.description)
            writer.objects("routingConfiguration", alias.routes) { item, route in
                item.string("stateMachineVersionArn", "\(machineARN):\(route.version)")
                item.int("weight", route.weight)
            }
            writer.timestamp("creationDate", alias.creationDate)
            writer.timestamp("updateDate", alias.updateDate)
        }
    }

    static let listStateMachineAliases = APIOperation("ListStateMachineAliases") { call throws(APIFailure) in
        let size = call.pageSize
        let after = try call.pagePosition()
        let (machineARN, found) = try service { () throws(ServiceError) in
            try call.engine.listAliases(arn: call.required("stateMachineArn"), after: after, limit: size + 1)
        }
        let page = found.prefix(size)
        return JSONObjectWriter.body(capacity: 192 * (page.count + 1)) { writer in
            writer.objects("stateMachineAliases", page) { item, alias in
                item.string("stateMachineAliasArn", "\(machineARN):\(alias.name)")
                item.timestamp("creationDate", alias.creationDate)
            }
            if found.count > size { writer.string("nextToken", page.last.map { call.pageToken($0.name) }) }
        }
    }

    static let deleteStateMachineAlias = APIOperation("DeleteStateMachineAlias") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await call.engine.deleteAlias(arn: call.required("stateMachineAliasArn"))
        }
        return JSONObjectWriter.body { _ in }
    }
}

extension APICall {
    /// `routingConfiguration`, `nil` where it is not given.
    fileprivate var routes: [AliasRoute]? {
        input["routingConfiguration"]?.arrayValue?.map { route in
            AliasRoute(
                versionARN: route["stateMachineVersionArn"]?.stringValue ?? "", weight: route["weight"]?.intValue ?? 0)
        }
    }
}
