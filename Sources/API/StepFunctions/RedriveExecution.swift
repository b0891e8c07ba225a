// RedriveExecution.

import Engine
import JSON
import States

extension APIOperation {
    static let redriveExecution = APIOperation("RedriveExecution") { call throws(APIFailure) in
        let date = try await service { () async throws(ServiceError) in
            try await call.engine.redriveExecution(
                arn: call.required("executionArn"), clientToken: call.string("clientToken"))
        }
        return JSONObjectWriter.body { $0.timestamp("redriveDate", date) }
    }
}
