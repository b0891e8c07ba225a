// DeleteStateMachine.

import Engine
import JSON

extension APIOperation {
    static let deleteStateMachine = APIOperation("DeleteStateMachine") { call throws(APIFailure) in
        let arn = call.required("stateMachineArn")
        let parsed = try service { () throws(ServiceError) in try ResourceARN(arn, types: ["stateMachine"]) }
        if parsed.parts[0].contains("/") {
            throw APIFailure(
                ServiceError(
                    .validationException, "This operation does not support labeled state machine ARNs",
                    reason: .labeledARN))
        }
        try await service { () async throws(ServiceError) in try await call.engine.deleteStateMachine(arn: arn) }
        return JSONObjectWriter.body { _ in }
    }
}
