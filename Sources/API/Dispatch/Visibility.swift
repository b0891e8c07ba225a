// Resources of one account and region do not exist for the requests of another.

import Core
import Engine
import JSON
import NIOCore

extension APICall {
    /// The answer to a request that names a resource of another account or region, `nil` where it names none: what
    /// the operation answers about a resource that does not exist. An ARN that is wrong in itself is left to the
    /// operation.
    func answerToForeign() throws(APIFailure) -> ByteBuffer? {
        for (member, types) in Self.resources {
            guard let arn = string(member), isForeign(arn, types) else { continue }
            return try Self.absent(member, arn, operation)
        }
        for item in input["routingConfiguration"]?.arrayValue ?? [] {
            guard let arn = item["stateMachineVersionArn"]?.stringValue, isForeign(arn, ["stateMachine"]) else {
                continue
            }
            throw APIFailure(.referenceNotFound(arn))
        }
        return nil
    }

    /// The members that name a resource, and the types of resource that they may name.
    private static let resources: [(member: String, types: [String])] = [
        ("stateMachineArn", ["stateMachine"]), ("executionArn", ["execution", "express"]),
        ("activityArn", ["activity"]), ("mapRunArn", ["mapRun"]), ("resourceArn", ["stateMachine", "activity"]),
        ("stateMachineAliasArn", ["stateMachine"]), ("stateMachineVersionArn", ["stateMachine"]),
    ]

    private func isForeign(_ arn: String, _ types: [String]) -> Bool {
        !arn.hasPrefix(scope.prefix + ":") && (try? ResourceARN(arn, types: types)) != nil
    }

    private static func absent(_ member: String, _ arn: String, _ operation: String) throws(APIFailure) -> ByteBuffer {
        // To delete what is not there is no error, and its versions are none (api.md §3, §4).
        if operation.hasPrefix("Delete") { return JSONObjectWriter.body { _ in } }
        if operation == "ListStateMachineVersions" {
            return JSONObjectWriter.body { $0.json("stateMachineVersions", "[]") }
        }
        switch member {
        case "stateMachineArn": throw APIFailure(.stateMachineDoesNotExist(arn))
        case "executionArn": throw APIFailure(.executionDoesNotExist(arn))
        case "activityArn": throw APIFailure(.activityDoesNotExist(arn))
        case "stateMachineAliasArn": throw APIFailure(.referenceNotFound(arn))
        default: throw APIFailure(.resourceNotFound(arn))
        }
    }
}
