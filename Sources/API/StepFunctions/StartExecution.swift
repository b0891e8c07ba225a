// StartExecution.

import Engine
import JSON
import NIOCore
import States

extension APIOperation {
    static let startExecution = APIOperation("StartExecution") { call throws(APIFailure) in
        try await service { () async throws(ServiceError) in
            try await awaited { call.engine.startExecution(call.startExecution, completion: $0) }
        }
        .body
    }
}

extension APICall {
    /// What the engine takes.
    var startExecution: StartExecution {
        var request = StartExecution(
            stateMachineARN: required("stateMachineArn"), name: string("name"), input: string("input"),
            traceHeader: traceHeader ?? string("traceHeader"))
        request.depth = depth
        return request
    }
}

extension StartedExecution {
    var body: ByteBuffer {
        JSONObjectWriter.body(capacity: 256) { writer in
            writer.string("executionArn", arn)
            writer.timestamp("startDate", startDate)
        }
    }
}
