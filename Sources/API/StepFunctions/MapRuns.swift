// DescribeMapRun, UpdateMapRun, ListMapRuns. No execution has a Map Run before Distributed Map runs, so that none is
// found; all that the operations say about a request holds already.

import Core
import Engine
import JSON

extension APIOperation {
    static let describeMapRun = APIOperation("DescribeMapRun") { call throws(APIFailure) in
        throw try call.noSuchMapRun(call.required("mapRunArn"))
    }

    static let updateMapRun = APIOperation("UpdateMapRun") { call throws(APIFailure) in
        throw try call.noSuchMapRun(call.required("mapRunArn"))
    }

    static let listMapRuns = APIOperation("ListMapRuns") { call throws(APIFailure) in
        _ = try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.stateMachine(forExecution: call.required("executionArn"), completion: $0)
            }
        }
        // A token of an earlier page there cannot be.
        if call.string("nextToken") != nil { throw call.invalidToken }
        return JSONObjectWriter.body { $0.json("mapRuns", "[]") }
    }
}

extension APICall {
    /// ResourceNotFound for the ARN of a Map Run. Throws InvalidArn for what is no such ARN.
    func noSuchMapRun(_ arn: String) throws(APIFailure) -> APIFailure {
        let parsed = try service { () throws(ServiceError) in try ResourceARN(arn, types: ["mapRun"]) }
        guard parsed.parts.count == 2, parsed.parts[0].contains("/") else {
            throw APIFailure(.invalidARN("Invalid ARN: \(arn)"))
        }
        return APIFailure(.resourceNotFound(arn))
    }
}
