// Who may call what: the dispatcher asks, the identity catalog answers.

import Identity
import JSON
import NIOCore
import Testing

@testable import Server

@Suite("Authorization of API calls")
struct APIAuthorizationTests {
    private static let caller = Principal(
        kind: .assumedRole(role: "r", path: "/", session: "s"), account: "000000000000")

    @Test("A caller that may not is told so, and nothing happens.")
    func denied() async throws {
        let world = try await APIWorld.open { principal, permission in
            Decision(
                verdict: .implicitDeny(.identity), caller: principal.arn, action: permission.action,
                resource: permission.resource
            ).message
        }
        let machine = try await world.machine("pass", APIWorld.pass)
        let body: JSONValue = ["stateMachineArn": .string(machine), "name": "no"]
        let answer = await world.dispatcher.call(
            operation: "StartExecution", body: ByteBuffer(bytes: body.bytes), principal: Self.caller)
        #expect(answer.status == 400)
        #expect(answer.errorType == "AccessDeniedException")
        let expected: JSONValue = [
            "__type": "AccessDeniedException",
            "Message": .string(
                "User: arn:aws:sts::000000000000:assumed-role/r/s is not authorized to perform: "
                    + "states:StartExecution on resource: \(machine) because no identity-based policy allows the "
                    + "states:StartExecution action"),
        ]
        #expect(try JSONValue.parse(Array(answer.body.readableBytesView)) == expected)
        let executions = try await world.ok("ListExecutions", ["stateMachineArn": .string(machine)])
        #expect(executions["executions"] == [])
    }

    @Test("Creating a machine asks for the machine and for passing its role.")
    func passRole() async throws {
        let world = try await APIWorld.open { _, permission in
            permission.action == "iam:PassRole" ? "no role \(permission.resource)" : nil
        }
        let body: JSONValue = [
            "name": "m", "definition": .string(APIWorld.pass.text), "roleArn": .string(APIWorld.role),
        ]
        let answer = await world.dispatcher.call(
            operation: "CreateStateMachine", body: ByteBuffer(bytes: body.bytes), principal: Self.caller)
        #expect(String(buffer: answer.body).contains("no role \(APIWorld.role)"))
    }

    @Test("A malformed request is told what is wrong before anybody is asked.")
    func validationFirst() async throws {
        let world = try await APIWorld.open { _, _ in "never" }
        let answer = await world.dispatcher.call(
            operation: "StartExecution", body: ByteBuffer(string: "{}"), principal: Self.caller)
        #expect(answer.errorType == "ValidationException")
    }
}
