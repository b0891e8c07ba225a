// The machines that the configuration names, created or brought up to date at every start.

import Engine
import Foundation
import JSON
import Logging
import NIOCore
import Server

struct Machines: Sendable {
    let dispatcher: APIDispatcher
    let logger: Logger

    /// Does through the API what an operator would do by hand. Running executions keep the definition they began with.
    func bring(_ machines: [Configuration.Machine]) async throws {
        for machine in machines { try await bring(machine) }
    }

    func bring(_ machine: Configuration.Machine) async throws {
        let definition = String(
            decoding: FileManager.default.contents(atPath: machine.definition) ?? Data(), as: UTF8.self)
        let created = try await call(
            "CreateStateMachine",
            [
                "name": .string(machine.name), "definition": .string(definition),
                "roleArn": .string(machine.roleARN),
            ])
        if created.status == 200 { return }
        guard created.body["__type"]?.stringValue?.hasSuffix("StateMachineAlreadyExists") == true else {
            throw refusal(machine, created.body)
        }
        let arn = dispatcher.engine.configuration.scope.stateMachineARN(machine.name)
        let updated = try await call(
            "UpdateStateMachine",
            [
                "stateMachineArn": .string(arn), "definition": .string(definition),
                "roleArn": .string(machine.roleARN),
            ])
        guard updated.status == 200 else { throw refusal(machine, updated.body) }
        logger.notice("Updated a machine", metadata: ["machine": "\(machine.name)"])
    }

    private func call(_ operation: String, _ input: JSONObject) async throws -> (status: Int, body: JSONValue) {
        let answer = await dispatcher.call(
            operation: operation, body: ByteBuffer(string: JSONValue.object(input).text))
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
