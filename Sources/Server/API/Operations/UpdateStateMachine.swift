// UpdateStateMachine.

import Engine
import Storage

extension APIOperation {
    static let updateStateMachine = APIOperation("UpdateStateMachine") { call throws(APIFailure) in
        try call.refusePublishing()
        let request = UpdateStateMachine(
            arn: call.required("stateMachineArn"), definition: call.string("definition"),
            roleARN: call.string("roleArn"), loggingConfiguration: try call.logging(),
            tracingConfiguration: call.tracing(), encryptionConfiguration: try call.encryption())
        guard request.changesSomething else {
            throw APIFailure(
                ServiceError(
                    .missingRequiredParameter,
                    "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be"
                        + " specified"))
        }
        let (entry, updateDate) = try await service { () async throws(ServiceError) in
            try await call.engine.updateStateMachine(request)
        }
        return ResponseWriter.body { writer in
            writer.timestamp("updateDate", updateDate)
            writer.string("revisionId", entry.revision.revisionID)
        }
    }
}

extension UpdateStateMachine {
    fileprivate var changesSomething: Bool {
        definition != nil || roleARN != nil || loggingConfiguration != nil || tracingConfiguration != nil
            || encryptionConfiguration != nil
    }
}
