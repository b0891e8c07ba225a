// The machines that the configuration names, created or brought up to date at every start.

import API
import Core
import Engine
import Foundation
import Identity
import JSON
import Logging
import NIOCore
import States

struct Machines: Sendable {
    let dispatcher: APIDispatcher
    let logger: Logger

    /// Does through the API what an operator would do by hand. Running executions keep the definition they began with.
    func bring(_ machines: [Configuration.Machine]) async throws {
        for machine in machines {
            do {
                try await bring(machine)
            } catch let error as Unavailable {
                // A full disk or a damaged row: everything else is served.
                logger.error(
                    "A machine of the configuration could not be brought up to date",
                    metadata: ["machine": "\(machine.name)", "error": "\(error.reason)"])
            }
        }
    }

    func bring(_ machine: Configuration.Machine) async throws {
        var request: JSONObject = [
            "definition": .string(try definition(machine)), "roleArn": .string(machine.roleARN),
        ]
        request["loggingConfiguration"] = machine.logging.map(logging)
        var creation = request
        creation["name"] = .string(machine.name)
        creation["type"] = .string(machine.type.rawValue)
        let created = try await call("CreateStateMachine", creation)
        if created.status == 200 { return }
        try checkAvailable(created)
        guard created.body["__type"]?.stringValue?.hasSuffix("StateMachineAlreadyExists") == true else {
            throw refusal(machine, created.body)
        }
        let arn = JSONValue.string(dispatcher.engine.configuration.scope.stateMachineARN(machine.name))
        try await checkType(machine, arn)
        request["stateMachineArn"] = arn
        let updated = try await call("UpdateStateMachine", request)
        try checkAvailable(updated)
        guard updated.status == 200 else { throw refusal(machine, updated.body) }
        logger.notice("Updated a machine", metadata: ["machine": "\(machine.name)"])
    }

    /// The store did not take or read the machine now; its definition may be right.
    struct Unavailable: Error, CustomStringConvertible {
        var reason: String
        var description: String { reason }
    }

    private func definition(_ machine: Configuration.Machine) throws -> String {
        do {
            return try DefinitionFile.read(machine.definition, substitutions: machine.substitutions).text
        } catch let finding as Finding {
            throw Findings(list: [finding])
        }
    }

    private func checkAvailable(_ answer: (status: Int, body: JSONValue)) throws {
        if answer.status >= 500 { throw Unavailable(reason: answer.body["message"]?.stringValue ?? answer.body.text) }
    }

    /// A machine keeps its type for life.
    private func checkType(_ machine: Configuration.Machine, _ arn: JSONValue) async throws {
        let existing = try await call("DescribeStateMachine", ["stateMachineArn": arn])
        guard let type = existing.body["type"]?.stringValue, type != machine.type.rawValue else { return }
        throw Findings(list: [
            Finding(
                file: machine.definition, place: "",
                cause: "The machine \(machine.name) exists as \(type), and a type cannot change",
                fix: "Write machines.\(machine.name).type: \(type), or delete the machine first.")
        ])
    }

    private func logging(_ logging: Configuration.MachineLogging) -> JSONValue {
        var request: JSONObject = [
            "level": .string(logging.level.rawValue.uppercased()), "includeExecutionData": .bool(logging.includesData),
        ]
        if let group = logging.group {
            let scope = dispatcher.engine.configuration.scope
            let arn =
                group.hasPrefix("arn:")
                ? group : "arn:\(scope.partition):logs:\(scope.region):\(scope.account):log-group:\(group):*"
            request["destinations"] = [["cloudWatchLogsLogGroup": ["logGroupArn": .string(arn)]]]
        }
        return .object(request)
    }

    private func call(_ operation: String, _ input: JSONObject) async throws -> (status: Int, body: JSONValue) {
        let answer = await dispatcher.call(
            operation: operation, body: ByteBuffer(string: JSONValue.object(input).text),
            scope: dispatcher.engine.configuration.scope, caller: .daemon)
        return (answer.status, try JSONValue.parse(Array(answer.body.readableBytesView)))
    }

    private func refusal(_ machine: Configuration.Machine, _ body: JSONValue) -> Findings {
        Findings(list: [
            Finding(
                file: machine.definition, place: "", cause: body["message"]?.stringValue ?? body.text,
                fix: "Correct the definition, or take machines.\(machine.name) out of the configuration.")
        ])
    }
}
