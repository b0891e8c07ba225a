// Accounts and regions: what a credential says, and that resources of one are unknown to another.

import APISupport
import Core
import Engine
import JSON
import Testing

@testable import API

@Suite("Accounts and regions")
struct ScopeTests {
    static let credentials: [(header: String?, region: String, account: String, partition: String)] = [
        (nil, "us-east-1", "000000000000", "aws"),
        (
            "AWS4-HMAC-SHA256 Credential=newel/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0",
            "us-east-1", "000000000000", "aws"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=newel/20260101/eu-west-1/states/aws4_request,SignedHeaders=host,Signature=0",
            "eu-west-1", "000000000000", "aws"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=123456789012/20260101/cn-north-1/states/aws4_request, Signature=0",
            "cn-north-1", "123456789012", "aws-cn"
        ),
        (
            "AWS4-HMAC-SHA256 SignedHeaders=host, Credential=12345678901x/20260101/us-gov-west-1/states/aws4_request",
            "us-gov-west-1", "000000000000", "aws-us-gov"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu west/states/aws4_request", "us-east-1",
            "000000000000", "aws"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=123456789012/20260101/EU/states/aws4_request", "us-east-1",
            "123456789012", "aws"
        ),
        ("AWS4-HMAC-SHA256 Credential=123456789012/20260101", "us-east-1", "000000000000", "aws"),
        ("Bearer token", "us-east-1", "000000000000", "aws"),
    ]

    @Test("The credential names region and account; what it does not name is as configured.", arguments: credentials)
    func credential(header: String?, region: String, account: String, partition: String) {
        let scope = Scope(authorization: header, configured: Scope())
        #expect(scope == Scope(partition: partition, region: region, account: account))
    }

    @Test(
        "Every region is of its partition.",
        arguments: [
            ("us-iso-east-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"), ("eusc-de-east-1", "aws-eusc"), ("us-gov-east-1", "aws-us-gov"),
            ("cn-northwest-1", "aws-cn"), ("us-west-2", "aws"), ("eu-south-1", "aws"),
        ])
    func partitions(_ region: String, _ partition: String) async throws {
        let header = "AWS4-HMAC-SHA256 Credential=newel/20260101/\(region)/states/aws4_request, Signature=0"
        let scope = Scope(authorization: header, configured: Scope())
        let world = try await APIWorld.open()
        let made = try await world.ok("CreateActivity", ["name": "a"], scope: scope)
        #expect(made["activityArn"]?.stringValue == "arn:\(partition):states:\(region):000000000000:activity:a")
        #expect(Scope(region: region).partition == partition)
    }

    static let europe = Scope(region: "eu-west-1")
    static let other = Scope(account: "123456789012")

    @Test("A name is another machine in every account and region, and each lists its own.")
    func machines() async throws {
        let world = try await APIWorld.open()
        let input: JSONValue = [
            "name": "same", "definition": .string(APIWorld.pass.text), "roleArn": .string(APIWorld.role),
        ]
        for scope in [Scope(), Self.europe, Self.other] {
            let arn = "arn:aws:states:\(scope.region):\(scope.account):stateMachine:same"
            let made = try await world.ok("CreateStateMachine", input, scope: scope)
            #expect(made["stateMachineArn"]?.stringValue == arn)
            let listed = try await world.ok("ListStateMachines", [:], scope: scope)["stateMachines"]?.arrayValue ?? []
            #expect(listed.map { $0["stateMachineArn"]?.stringValue } == [arn])
            let activity = try await world.ok("CreateActivity", ["name": "same"], scope: scope)["activityArn"]
            let activities = try await world.ok("ListActivities", [:], scope: scope)["activities"]?.arrayValue ?? []
            #expect(activities.map { $0["activityArn"] } == [activity])
            let started = try await world.ok("StartExecution", ["stateMachineArn": .string(arn)], scope: scope)
            #expect(
                started["executionArn"]?.stringValue?.hasPrefix(arn.replacing("stateMachine", with: "execution"))
                    == true)
        }
    }

    static let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:here"
    static let execution = "arn:aws:states:us-east-1:000000000000:execution:here:one"
    static let activity = "arn:aws:states:us-east-1:000000000000:activity:here"

    static let foreign: [(operation: String, member: String, arn: String, type: String)] = [
        ("DescribeStateMachine", "stateMachineArn", machine, "StateMachineDoesNotExist"),
        ("UpdateStateMachine", "stateMachineArn", machine, "StateMachineDoesNotExist"),
        ("StartExecution", "stateMachineArn", machine, "StateMachineDoesNotExist"),
        ("StartSyncExecution", "stateMachineArn", machine, "StateMachineDoesNotExist"),
        ("ListExecutions", "stateMachineArn", machine, "StateMachineDoesNotExist"),
        ("DescribeExecution", "executionArn", execution, "ExecutionDoesNotExist"),
        ("DescribeStateMachineForExecution", "executionArn", execution, "ExecutionDoesNotExist"),
        ("GetExecutionHistory", "executionArn", execution, "ExecutionDoesNotExist"),
        ("ListMapRuns", "executionArn", execution, "ExecutionDoesNotExist"),
        ("RedriveExecution", "executionArn", execution, "ExecutionDoesNotExist"),
        ("StopExecution", "executionArn", execution, "ExecutionDoesNotExist"),
        ("DescribeActivity", "activityArn", activity, "ActivityDoesNotExist"),
        ("GetActivityTask", "activityArn", activity, "ActivityDoesNotExist"),
    ]

    /// One world for all: nothing in it changes.
    static let world = Task {
        let world = try await APIWorld.open()
        _ = try await world.start(try await world.machine("here", APIWorld.wait), name: "one")
        _ = try await world.ok("CreateActivity", ["name": "here"])
        return world
    }

    @Test("What is there does not exist for another account or region.", arguments: foreign)
    func invisible(operation: String, member: String, arn: String, type: String) async throws {
        let world = try await Self.world.value
        for scope in [Self.europe, Self.other] {
            let (status, answer) = try await world.call(operation, [member: .string(arn)], scope: scope)
            #expect(status == 400)
            #expect(answer["__type"]?.stringValue == type)
            #expect(answer["message"]?.stringValue?.hasSuffix("Does Not Exist: '\(arn)'") == true, "\(answer)")
        }
    }

    @Test("Deleting what is another's deletes nothing and is no error.")
    func deletes() async throws {
        let world = try await Self.world.value
        let machine: JSONValue = ["stateMachineArn": .string(Self.machine)]
        let activity: JSONValue = ["activityArn": .string(Self.activity)]
        #expect(try await world.ok("DeleteStateMachine", machine, scope: Self.other) == [:])
        #expect(try await world.ok("DeleteActivity", activity, scope: Self.europe) == [:])
        #expect(try await world.ok("DescribeStateMachine", machine)["status"] == "ACTIVE")
        #expect(try await world.ok("DescribeActivity", activity)["name"] == "here")
    }

    @Test("A task token of another account or region is invalid, and the task waits on.")
    func taskTokens() async throws {
        let world = try await APIWorld.open()
        let activity = try await world.ok("CreateActivity", ["name": "a"])["activityArn"]?.stringValue ?? ""
        let definition: JSONValue = [
            "StartAt": "A", "States": ["A": ["Type": "Task", "Resource": .string(activity), "End": true]],
        ]
        _ = try await world.start(try await world.machine("m", definition), name: "one")
        let token = try await world.ok("GetActivityTask", ["activityArn": .string(activity)])["taskToken"] ?? .null
        let calls: [(String, JSONValue)] = [
            ("SendTaskHeartbeat", ["taskToken": token]),
            ("SendTaskSuccess", ["taskToken": token, "output": "1"]), ("SendTaskFailure", ["taskToken": token]),
        ]
        for scope in [Self.europe, Self.other] {
            for (operation, input) in calls {
                let (status, answer) = try await world.call(operation, input, scope: scope)
                #expect(status == 400)
                #expect(answer["__type"] == "InvalidToken")
            }
        }
        for (operation, input) in calls.prefix(2) { _ = try await world.ok(operation, input) }
    }

    @Test(
        "A role of Credentials reaches another account where it may be assumed, and the task fails where not.",
        arguments: [("Shared", "SUCCEEDED"), ("Missing", "FAILED")])
    func assumedRoles(role: String, status: String) async throws {
        var configuration = EngineConfiguration()
        configuration.mayAssume = { role, machine in
            role == "arn:aws:iam::000000000000:role/Shared" && machine == "arn:aws:iam::123456789012:role/caller"
        }
        let world = try await APIWorld.open(configuration: configuration)
        let target = try await world.machine("target", APIWorld.pass)
        let definition: JSONValue = [
            "StartAt": "A",
            "States": [
                "A": [
                    "Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
                    "Parameters": ["StateMachineArn": .string(target), "Name": "nested"],
                    "Credentials": ["RoleArn": .string("arn:aws:iam::000000000000:role/\(role)")], "End": true,
                ]
            ],
        ]
        let made = try await world.ok(
            "CreateStateMachine",
            [
                "name": "caller", "definition": .string(definition.text),
                "roleArn": "arn:aws:iam::123456789012:role/caller",
            ], scope: Self.other)
        let started = try await world.ok(
            "StartExecution", ["stateMachineArn": made["stateMachineArn"] ?? .null], scope: Self.other)
        let ended = try await world.closed(started["executionArn"]?.stringValue ?? "", scope: Self.other)
        #expect(ended["status"] == .string(status))
        let listed = try await world.ok("ListExecutions", ["stateMachineArn": .string(target)])
        #expect(listed["executions"]?.arrayValue?.count == (status == "SUCCEEDED" ? 1 : 0))
        guard status == "FAILED" else { return }
        #expect(ended["error"] == "States.TaskFailed")
        #expect(
            ended["cause"]
                == .string(
                    "The role arn:aws:iam::123456789012:role/caller is not authorized to assume the task state's role, "
                        + "arn:aws:iam::000000000000:role/\(role)."))
    }

    @Test("A page token of one region is none in another.")
    func tokens() async throws {
        let world = try await APIWorld.open()
        for name in ["a", "b"] { _ = try await world.machine(name, APIWorld.pass) }
        let token = try await world.ok("ListStateMachines", ["maxResults": 1])["nextToken"] ?? .null
        #expect(try await world.ok("ListStateMachines", ["nextToken": token])["stateMachines"]?.arrayValue?.count == 1)
        let (_, answer) = try await world.call("ListStateMachines", ["nextToken": token], scope: Self.europe)
        #expect(answer["__type"] == "InvalidToken")
    }
}
