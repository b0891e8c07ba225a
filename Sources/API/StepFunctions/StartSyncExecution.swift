// StartSyncExecution: an Express execution from start to end in one call (api.md §3).

import Core
import Engine
import JSON
import NIOCore
import States
import Storage

extension APIOperation {
    static let startSyncExecution = APIOperation("StartSyncExecution") { call throws(APIFailure) in
        let ended = try await service { () async throws(ServiceError) in
            try await awaited { call.engine.startSyncExecution(call.startExecution, completion: $0) }
        }
        return ended.body(showsData: !call.isMetadataOnly)
    }
}

extension SyncExecution {
    /// 200 however the execution ended. With METADATA_ONLY payloads, error and cause are left out.
    fileprivate func body(showsData: Bool) -> ByteBuffer {
        JSONObjectWriter.body(capacity: 1024) { writer in
            writer.string("executionArn", arn)
            writer.string("stateMachineArn", entry.record.arn)
            writer.string("name", name)
            writer.timestamp("startDate", startDate)
            writer.timestamp("stopDate", stopDate)
            writer.string("status", status)
            if showsData {
                writer.string("error", failure?.error)
                writer.string("cause", failure?.cause)
                writer.string("input", input.text)
                if case .succeeded(let output) = outcome { writer.string("output", output.text) }
            }
            writer.object("inputDetails") { $0.bool("included", showsData) }
            writer.object("outputDetails") { $0.bool("included", showsData) }
            writer.string("traceHeader", traceHeader)
            writer.object("billingDetails") { details in
                details.int("billedMemoryUsedInMB", Self.memoryStep)
                details.int("billedDurationInMilliseconds", billedMilliseconds)
            }
        }
    }

    /// Nobody pays here; the least that AWS bills.
    private static let memoryStep = 64

    /// In whole steps of 100, the last one counted in full, one at the least.
    private var billedMilliseconds: Int {
        let taken = max(1, Int(stopDate.milliseconds - startDate.milliseconds))
        return (taken + 99) / 100 * 100
    }

    private var failure: Failure? {
        switch outcome {
        case .failed(let failure), .aborted(let failure), .timedOut(let failure): failure
        case .created, .running, .succeeded: nil
        }
    }

    private var status: String {
        switch outcome {
        case .succeeded: "SUCCEEDED"
        case .timedOut: "TIMED_OUT"
        case .created, .running, .failed, .aborted: "FAILED"
        }
    }
}
