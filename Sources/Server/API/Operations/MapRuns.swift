// ListMapRuns, DescribeMapRun, UpdateMapRun. Distributed Map is to come: no execution has a Map Run, and no Map Run is
// there to be found.

import Engine
import Storage

extension APIOperation {
    static let listMapRuns = APIOperation("ListMapRuns") { call throws(APIFailure) in
        _ = try call.pagePosition()
        _ = try await service { () async throws(ServiceError) in
            try await call.engine.describeExecution(arn: call.required("executionArn"))
        }
        return ResponseWriter.body { $0.objects("mapRuns", [String]()) { _, _ in } }
    }

    static let describeMapRun = APIOperation("DescribeMapRun") { call throws(APIFailure) in
        throw try call.noMapRun()
    }

    static let updateMapRun = APIOperation("UpdateMapRun") { call throws(APIFailure) in
        throw try call.noMapRun()
    }
}

extension APICall {
    fileprivate func noMapRun() throws(APIFailure) -> APIFailure {
        let arn = required("mapRunArn")
        _ = try service { () throws(ServiceError) in try ResourceARN(arn, types: ["mapRun"]) }
        return APIFailure(ServiceError(.resourceNotFound, "Resource not found: '\(arn)'"))
    }
}
