// ListExecutions: newest start first.

import Core
import Engine
import JSON
import States
import Storage

extension APIOperation {
    static let listExecutions = APIOperation("ListExecutions") { call throws(APIFailure) in
        let arn = try call.listedMachine()
        let size = call.pageSize
        let after = try call.executionPosition()
        let (machine, found) = try await service { () async throws(ServiceError) in
            try await awaited {
                call.engine.listExecutions(
                    machineARN: arn, status: call.string("statusFilter").flatMap(ExecutionStatus.init(rawValue:)),
                    after: after, limit: size + 1, completion: $0)
            }
        }
        let page = found.prefix(size)
        return JSONObjectWriter.body(capacity: 384 * (page.count + 1)) { writer in
            writer.objects("executions", page) { $0.execution($1, of: machine) }
            if found.count > size { writer.string("nextToken", page.last.map { call.pageToken($0.position) }) }
        }
    }
}

extension APICall {
    /// The machine whose executions are listed. Map Runs are to come, and so is what only they have.
    fileprivate func listedMachine() throws(APIFailure) -> String {
        let mapRun = string("mapRunArn")
        switch (string("stateMachineArn"), mapRun) {
        case (nil, nil), (_?, _?):
            throw .validation("Must specify exactly one of stateMachineArn or mapRunArn")
        case (nil, let mapRun?):
            throw try noSuchMapRun(mapRun)
        case (let arn?, nil):
            if string("redriveFilter") != nil {
                throw .validation("redriveFilter can only be specified with mapRunArn")
            }
            if string("statusFilter") == "PENDING_REDRIVE" {
                throw .validation("statusFilter PENDING_REDRIVE can only be specified with mapRunArn")
            }
            return arn
        }
    }

    fileprivate func executionPosition() throws(APIFailure) -> ExecutionQuery.Position? {
        guard let position = try pagePosition() else { return nil }
        let fields = position.split(separator: ".").compactMap { Int64($0) }
        guard fields.count == 2 else { throw invalidToken }
        return ExecutionQuery.Position(startDate: Timestamp(milliseconds: fields[0]), id: fields[1])
    }
}

extension ExecutionRecord {
    /// Contents of the token for the page after this execution.
    fileprivate var position: String { "\(startDate.milliseconds).\(id)" }
}

extension JSONObjectWriter {
    fileprivate mutating func execution(_ record: ExecutionRecord, of machine: MachineEntry) {
        string("executionArn", machine.executionARN(record.name))
        string("stateMachineArn", machine.record.arn)
        string("name", record.name)
        string("status", record.status.rawValue)
        timestamp("startDate", record.startDate)
        timestamp("stopDate", record.stopDate)
        string("stateMachineVersionArn", record.versionARN(of: machine))
        string("stateMachineAliasArn", record.aliasARN(of: machine))
        int("redriveCount", record.redriveCount)
        timestamp("redriveDate", record.redriveDate)
    }
}
