// Who may call what: the caller's policies decide.

import APISupport
import Core
import Identity
import JSON
import NIOCore
import Testing

@testable import API

@Suite("Authorization of API calls")
struct APIAuthorizationTests {
    private static let caller = Caller.principal(
        Principal(kind: .assumedRole(role: "r", path: "/", session: "s"), account: "000000000000"))

    /// An account with a role `r` of these statements.
    private static func world(_ statements: JSONValue...) async throws -> APIWorld {
        func policy(_ statements: [JSONValue]) -> JSONValue {
            ["Version": "2012-10-17", "Statement": .array(statements)]
        }
        let trust: JSONValue = [
            "Effect": "Allow", "Principal": ["Service": "apigateway.amazonaws.com"], "Action": "sts:AssumeRole",
        ]
        var role: JSONObject = ["RoleName": "r", "AssumeRolePolicyDocument": policy([trust])]
        if !statements.isEmpty {
            role["RolePolicyList"] = [["PolicyName": "p", "PolicyDocument": policy(statements)]]
        }
        return try await APIWorld.open(identity: [("r.json", .object(role))])
    }

    @Test("A caller that may not is told so, and nothing happens.")
    func denied() async throws {
        let world = try await Self.world()
        let machine = try await world.machine("pass", APIWorld.pass)
        let body: JSONValue = ["stateMachineArn": .string(machine), "name": "no"]
        let answer = await world.dispatcher.call(
            operation: "StartExecution", body: ByteBuffer(bytes: body.bytes), scope: Scope(), caller: Self.caller)
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
        let world = try await Self.world(["Effect": "Allow", "Action": "states:*", "Resource": "*"])
        let body: JSONValue = [
            "name": "m", "definition": .string(APIWorld.pass.text), "roleArn": .string(APIWorld.role),
        ]
        let answer = await world.dispatcher.call(
            operation: "CreateStateMachine", body: ByteBuffer(bytes: body.bytes), scope: Scope(), caller: Self.caller)
        #expect(answer.errorType == "AccessDeniedException")
        let refusal = "is not authorized to perform: iam:PassRole on resource: \(APIWorld.role)"
        #expect(String(buffer: answer.body).contains(refusal))
    }

    @Test("A malformed request is told what is wrong before anybody is asked.")
    func validationFirst() async throws {
        let world = try await Self.world()
        let answer = await world.dispatcher.call(
            operation: "StartExecution", body: ByteBuffer(string: "{}"), scope: Scope(), caller: Self.caller)
        #expect(answer.errorType == "ValidationException")
    }

    @Test("The root user of an account is not restricted in it, and has no access to another account.")
    func root() async throws {
        let world = try await Self.world()
        let body = ByteBuffer(string: "{}")
        let (own, other) = ("000000000000", "111111111111")
        for (account, scope, status) in [(own, own, 200), (other, own, 400), (own, other, 400), (other, other, 200)] {
            let answer = await world.dispatcher.call(
                operation: "ListStateMachines", body: body, scope: Scope(account: scope),
                caller: .root(account: account))
            #expect(answer.status == status, "\(account) in \(scope)")
            #expect(answer.errorType == (status == 200 ? nil : "AccessDeniedException"))
        }
    }
}
