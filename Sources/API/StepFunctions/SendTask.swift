// SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.

import Engine
import JSON

extension APIOperation {
    static let sendTaskSuccess = APIOperation("SendTaskSuccess") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.sendTaskSuccess(
                    token: call.required("taskToken"), output: call.required("output"), scope: call.scope,
                    completion: $0)
            }
        }
        return JSONObjectWriter.body { _ in }
    }

    static let sendTaskFailure = APIOperation("SendTaskFailure") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.sendTaskFailure(
                    token: call.required("taskToken"), error: call.string("error"), cause: call.string("cause"),
                    scope: call.scope, completion: $0)
            }
        }
        return JSONObjectWriter.body { _ in }
    }

    static let sendTaskHeartbeat = APIOperation("SendTaskHeartbeat") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.sendTaskHeartbeat(token: call.required("taskToken"), scope: call.scope, completion: $0)
            }
        }
        return JSONObjectWriter.body { _ in }
    }
}
