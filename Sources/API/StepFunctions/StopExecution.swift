// StopExecution.

import Engine
import JSON
import States

extension APIOperation {
    static let stopExecution = APIOperation("StopExecution") { call throws(APIFailure) in
        let stopDate = try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.stopExecution(
                    arn: call.required("executionArn"), error: call.string("error"), cause: call.string("cause"),
                    completion: $0)
            }
        }
        return JSONObjectWriter.body { $0.timestamp("stopDate", stopDate) }
    }
}
