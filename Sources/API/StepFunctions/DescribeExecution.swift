// DescribeExecution, and whether an execution could be redriven.

import Core
import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let describeExecution = APIOperation("DescribeExecution") { call throws(APIFailure) in
        let description = try await service { () async throws(ServiceError) in
            try await awaited { call.engine.describeExecution(arn: call.required("executionArn"), completion: $0) }
        }
        let redriveStatus = call.engine.redriveStatus(of: description, now: call.now)
        let showsData = !call.isMetadataOnly
        return JSONObjectWriter.body { writer in
            writer.execution(description)
            writer.payloads(description, showsData: showsData)
            writer.int("redriveCount", description.record.redriveCount)
            writer.timestamp("redriveDate", description.record.redriveDate)
            writer.redriveStatus(redriveStatus)
        }
    }
}

extension JSONObjectWriter {
    fileprivate mutating func execution(_ description: ExecutionDescription) {
        let record = description.record
        string("executionArn", description.arn)
        string("stateMachineArn", description.entry.record.arn)
        string("name", record.name)
        string("status", record.status.rawValue)
        timestamp("startDate", record.startDate)
        timestamp("stopDate", record.stopDate)
        string("stateMachineVersionArn", record.versionARN(of: description.entry))
        string("stateMachineAliasArn", record.aliasARN(of: description.entry))
        string("traceHeader", record.traceHeader)
    }

    fileprivate mutating func redriveStatus(_ status: RedriveStatus) {
        switch status {
        case .redrivable: string("redriveStatus", "REDRIVABLE")
        case .notRedrivable(let reason):
            string("redriveStatus", "NOT_REDRIVABLE")
            string("redriveStatusReason", reason)
        }
    }

    /// Input, output, error and cause; METADATA_ONLY leaves them out and says so (api.md §2).
    fileprivate mutating func payloads(_ description: ExecutionDescription, showsData: Bool) {
        if showsData { string("input", description.input) }
        object("inputDetails") { $0.bool("included", showsData && description.input != nil) }
        switch description.outcome {
        case .succeeded(let output):
            if showsData { string("output", output.text) }
            object("outputDetails") { $0.bool("included", showsData) }
        case .failed(let failure), .aborted(let failure):
            guard showsData else { return }
            string("error", failure.error)
            string("cause", failure.cause)
        // A timed out execution shows neither error nor cause (api.md §3, Redrive).
        case .created, .running, .timedOut: break
        }
    }
}
