// DescribeExecution, and whether an execution could be redriven.

import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let describeExecution = APIOperation("DescribeExecution") { call throws(APIFailure) in
        let description = try await service { () async throws(ServiceError) in
            try await call.engine.describeExecution(arn: call.required("executionArn"))
        }
        let redrive = Redrivability(
            description, catalog: call.engine.catalog, limits: call.engine.configuration.limits, now: call.now)
        let showsData = !call.isMetadataOnly
        return ResponseWriter.body { writer in
            writer.execution(description)
            writer.payloads(description, showsData: showsData)
            writer.int("redriveCount", 0)
            writer.string("redriveStatus", redrive.status)
            writer.string("redriveStatusReason", redrive.reason)
        }
    }
}

extension ResponseWriter {
    fileprivate mutating func execution(_ description: ExecutionDescription) {
        let record = description.record
        string("executionArn", description.arn)
        string("stateMachineArn", description.entry.record.arn)
        string("name", record.name)
        string("status", record.status.rawValue)
        timestamp("startDate", record.startDate)
        timestamp("stopDate", record.stopDate)
        string("traceHeader", record.traceHeader)
    }

    /// Input, output, error and cause; METADATA_ONLY leaves them out and says so (api.md §2).
    fileprivate mutating func payloads(_ description: ExecutionDescription, showsData: Bool) {
        if showsData { string("input", description.input) }
        object("inputDetails") { $0.bool("included", showsData) }
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

/// `redriveStatus` and `redriveStatusReason` (api.md §3, Redrive). No execution has been redriven yet.
struct Redrivability {
    /// `nil`: it can be redriven.
    var reason: String?

    var status: String { reason == nil ? "REDRIVABLE" : "NOT_REDRIVABLE" }

    private static let period: Int64 = 14 * 86_400 * 1000
    private static let longestExecution: Int64 = 365 * 86_400 * 1000

    init(_ description: ExecutionDescription, catalog: Catalog, limits: Limits, now: Timestamp) {
        let record = description.record
        guard let stopDate = record.stopDate, record.status != .succeeded else {
            reason = "Execution is \(record.status.rawValue) and cannot be redriven"
            return
        }
        let machine = catalog.entry(arn: description.entry.record.arn)
        if machine?.record.id != record.machine {
            reason = "State machine is in DELETING status"
        } else if record.lastEventID >= limits.historyEvents - 1 {
            reason = "Execution history event limit exceeded"
        } else if stopDate.milliseconds - record.startDate.milliseconds >= Self.longestExecution {
            reason = "Execution has exceeded the max execution time"
        } else if now.milliseconds - stopDate.milliseconds > Self.period {
            reason = "Execution redrivable period exceeded"
        }
    }
}
