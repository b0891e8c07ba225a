// GetExecutionHistory.

import Core
import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let getExecutionHistory = APIOperation("GetExecutionHistory") { call throws(APIFailure) in
        let reverse = call.bool("reverseOrder") ?? false
        let showsData = call.bool("includeExecutionData") ?? true
        let position = try call.pagePosition()
        let from = position.flatMap { Int($0) }
        if position != nil, from == nil { throw call.invalidToken }
        let (events, execution, machine) = try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.executionHistory(
                    arn: call.required("executionArn"), from: from, reverse: reverse, limit: call.pageSize,
                    completion: $0)
            }
        }
        var next: Int?
        if let end = events.last?.id, reverse ? end > 1 : end < execution.lastEventID {
            next = reverse ? end - 1 : end + 1
        }
        let view = EventView(
            showsData: showsData, region: call.scope.region,
            versionARN: execution.versionARN(of: machine), aliasARN: execution.aliasARN(of: machine))
        return JSONObjectWriter.body(capacity: 256 * (events.count + 1)) { writer in
            writer.objects("events", events) { $0.event($1, view) }
            writer.string("nextToken", next.map { call.pageToken(String($0)) })
        }
    }
}
