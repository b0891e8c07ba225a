// CreateStateMachine.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let createStateMachine = APIOperation("CreateStateMachine") { call throws(APIFailure) in
        let type = MachineType(rawValue: call.string("type") ?? "STANDARD") ?? .standard
        let request = CreateStateMachine(
            name: call.required("name"), definition: call.required("definition"), roleARN: call.required("roleArn"),
            type: type, loggingConfiguration: try await call.logging() ?? MachineConfiguration.defaultLogging,
            tracingConfiguration: call.tracing() ?? MachineConfiguration.defaultTracing,
            encryptionConfiguration: try call.encryption() ?? MachineConfiguration.defaultEncryption,
            tags: try MachineConfiguration.tags(call.input["tags"]?.arrayValue ?? []),
            publishing: try call.publishing(), scope: call.scope)
        let (entry, version) = try await service { () async throws(ServiceError) in
            try await call.engine.createStateMachine(request)
        }
        return JSONObjectWriter.body { writer in
            writer.string("stateMachineArn", entry.record.arn)
            writer.timestamp("creationDate", entry.record.creationDate)
            writer.string("stateMachineVersionArn", version?.arn(of: entry.record.arn))
        }
    }
}
