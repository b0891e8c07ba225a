// DescribeStateMachine and DescribeStateMachineForExecution: a machine at its newest revision, or at the one that an
// execution runs.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let describeStateMachine = APIOperation("DescribeStateMachine") { call throws(APIFailure) in
        let arn = call.required("stateMachineArn")
        let target = try await service { () async throws(ServiceError) in
            try await call.engine.describeStateMachine(arn: arn)
        }
        let entry = target.entry
        return JSONObjectWriter.body(capacity: 2048) { writer in
            writer.machine(entry, arn: arn, showsData: !call.isMetadataOnly)
            writer.string("status", call.engine.catalog.isDeleting(entry.record.id) ? "DELETING" : "ACTIVE")
            writer.string("type", entry.record.type)
            writer.timestamp("creationDate", target.version?.creationDate ?? entry.record.creationDate)
            writer.string("description", target.version?.description)
        }
    }

    static let describeStateMachineForExecution = APIOperation("DescribeStateMachineForExecution") {
        call throws(APIFailure) in
        let entry = try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.stateMachine(forExecution: call.required("executionArn"), completion: $0)
            }
        }
        return JSONObjectWriter.body(capacity: 2048) { writer in
            writer.machine(entry, arn: entry.record.arn, showsData: !call.isMetadataOnly)
            writer.timestamp("updateDate", entry.revision.creationDate)
        }
    }
}

extension JSONObjectWriter {
    /// What both operations show. With METADATA_ONLY the definition is an empty object (api.md §2).
    fileprivate mutating func machine(_ entry: MachineEntry, arn: String, showsData: Bool) {
        string("stateMachineArn", arn)
        string("name", entry.record.name)
        string("definition", showsData ? entry.revision.definition : "{}")
        string("roleArn", entry.revision.roleARN)
        json("loggingConfiguration", entry.revision.loggingConfiguration)
        json("tracingConfiguration", entry.revision.tracingConfiguration)
        json("encryptionConfiguration", entry.revision.encryptionConfiguration)
        string("revisionId", entry.revision.revisionID)
        let references = entry.machine.variableReferences
        guard showsData, !references.isEmpty else { return }
        object("variableReferences") { member in
            for (state, variables) in references { member.strings(key: state, variables) }
        }
    }
}
