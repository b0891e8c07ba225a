// RedriveExecution.

import Engine
import JSON
import States

extension APIOperation {
    static let redriveExecution = APIOperation("RedriveExecution") { call throws(APIFailure) in
        let date = try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.redriveExecution(
                    arn: call.required("executionArn"), clientToken: call.string("clientToken"), completion: $0)
            }
        }
        return JSONObjectWriter.body { $0.timestamp("redriveDate", date) }
    }
}
