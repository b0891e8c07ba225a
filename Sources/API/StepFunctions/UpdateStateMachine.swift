// UpdateStateMachine.

import Core
import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let updateStateMachine = APIOperation("UpdateStateMachine") { call throws(APIFailure) in
        let request = UpdateStateMachine(
            arn: call.required("stateMachineArn"), definition: call.string("definition"),
            roleARN: call.string("roleArn"), loggingConfiguration: try await call.logging(),
            tracingConfiguration: call.tracing(), encryptionConfiguration: try call.encryption(),
            publishing: try call.publishing())
        guard request.changesSomething else {
            throw APIFailure(
                ServiceError(
                    .missingRequiredParameter,
                    "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be"
                        + " specified"))
        }
        let (entry, updateDate, version) = try await service { () async throws(ServiceError) in
            try await call.engine.updateStateMachine(request)
        }
        return JSONObjectWriter.body { writer in
            writer.timestamp("updateDate", updateDate)
            writer.string("revisionId", entry.revision.revisionID)
            writer.string("stateMachineVersionArn", version?.arn(of: entry.record.arn))
        }
    }
}

extension UpdateStateMachine {
    fileprivate var changesSomething: Bool {
        definition != nil || roleARN != nil || loggingConfiguration != nil || tracingConfiguration != nil
            || encryptionConfiguration != nil
    }
}
