// ListStateMachines: in the order of their ARNs.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let listStateMachines = APIOperation("ListStateMachines") { call throws(APIFailure) in
        let size = call.pageSize
        let found = call.engine.listStateMachines(of: call.scope, after: try call.pagePosition(), limit: size + 1)
        let page = found.prefix(size)
        return JSONObjectWriter.body(capacity: 256 * (page.count + 1)) { writer in
            writer.objects("stateMachines", page) { item, entry in
                item.string("stateMachineArn", entry.record.arn)
                item.string("name", entry.record.name)
                item.string("type", entry.record.type)
                item.timestamp("creationDate", entry.record.creationDate)
            }
            if found.count > size { writer.string("nextToken", page.last.map { call.pageToken($0.record.arn) }) }
        }
    }
}
