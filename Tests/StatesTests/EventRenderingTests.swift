// Every kind of event as the API shows it (history.md §1), as data.

import Core
import JSON
import Testing

@testable import States

@Suite("Events of a history")
struct EventRenderingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var kind: RecordKind
        var type: String
        /// Name and value of the details' member, `nil` where the event has none.
        var details: (String, JSONValue)?
        /// The same without execution data, where it differs.
        var withoutData: JSONValue?

        init(
            _ kind: RecordKind, _ type: String, _ details: (String, JSONValue)? = nil, withoutData: JSONValue? = nil
        ) {
            self.kind = kind
            self.type = type
            self.details = details
            self.withoutData = withoutData
        }

        var testDescription: String { type }
    }

    private static let data = Payload(text: #"{"a": 0.0}"#, value: ["a": 0.0])
    private static let input: JSONObject = ["input": #"{"a": 0.0}"#, "inputDetails": ["truncated": false]]
    private static let output: JSONObject = ["output": #"{"a": 0.0}"#, "outputDetails": ["truncated": false]]
    private static let failure = Failure(error: "E", cause: "c \"x\"")
    private static let failed: JSONObject = ["error": "E", "cause": "c \"x\""]
    private static let service = TaskFamily.service(resourceType: "lambda", resource: "invoke")
    private static let serviceMembers: JSONObject = ["resourceType": "lambda", "resource": "invoke"]
    private static let function = "arn:aws:lambda:us-east-1:000000000000:function:f"

    private static func merged(_ objects: JSONObject...) -> JSONValue {
        .object(objects.reduce(into: JSONObject()) { all, object in for (key, value) in object { all[key] = value } })
    }

    private static func scheduled(
        _ family: TaskFamily, timeout: Int? = nil, heartbeat: Int? = nil, role: String? = nil
    ) -> RecordKind {
        .taskScheduled(
            TaskScheduled(
                family: family,
                resource: family == .lambdaFunction ? function : "arn:aws:states:::lambda:invoke", input: data,
                timeoutSeconds: timeout, heartbeatSeconds: heartbeat, credentialsRoleARN: role))
    }

    static let executions: [Case] = [
        Case(
            .executionStarted(ExecutionStarted(input: data, roleARN: "arn:r", deadline: nil, seed: 1)),
            "ExecutionStarted", ("executionStartedEventDetails", merged(input, ["roleArn": "arn:r"])),
            withoutData: ["roleArn": "arn:r"]),
        Case(
            .executionSucceeded(ExecutionSucceeded(output: data)), "ExecutionSucceeded",
            ("executionSucceededEventDetails", .object(output)), withoutData: [:]),
        Case(
            .executionFailed(ExecutionFailed(failure)), "ExecutionFailed",
            ("executionFailedEventDetails", .object(failed))),
        Case(.executionFailed(ExecutionFailed(Failure())), "ExecutionFailed", ("executionFailedEventDetails", [:])),
        Case(
            .executionAborted(ExecutionAborted(failure)), "ExecutionAborted",
            ("executionAbortedEventDetails", .object(failed))),
        Case(.executionAborted(ExecutionAborted(Failure())), "ExecutionAborted", ("executionAbortedEventDetails", [:])),
        Case(
            .executionTimedOut(ExecutionTimedOut(Failure(error: "States.Timeout"))), "ExecutionTimedOut",
            ("executionTimedOutEventDetails", ["error": "States.Timeout"])),
    ]

    static let states: [Case] =
        StateType.allCases.map { type in
            Case(
                .stateEntered(StateEntered(type: type, name: "S", input: data)), "\(type.rawValue)StateEntered",
                ("stateEnteredEventDetails", merged(["name": "S"], input)), withoutData: ["name": "S"])
        }
        + StateType.allCases.filter { $0 != .fail }.map { type in
            Case(
                .stateExited(StateExited(type: type, name: "S", output: data, transition: .end)),
                "\(type.rawValue)StateExited", ("stateExitedEventDetails", merged(["name": "S"], output)),
                withoutData: ["name": "S"])
        }
        + [StateType.task, .wait, .map, .parallel].map {
            Case(.stateAborted(StateAborted($0)), "\($0.rawValue)StateAborted")
        }
        + [
            Case(.parallelStateStarted(ParallelStateStarted(branches: 2, input: data)), "ParallelStateStarted"),
            Case(.parallelStateSucceeded(ParallelStateSucceeded()), "ParallelStateSucceeded"),
            Case(.parallelStateFailed(ParallelStateFailed()), "ParallelStateFailed"),
        ]

    static let functions: [Case] = [
        Case(
            scheduled(.lambdaFunction, timeout: 5, heartbeat: 2, role: "arn:x"), "LambdaFunctionScheduled",
            (
                "lambdaFunctionScheduledEventDetails",
                merged(
                    ["resource": .string(function)], input,
                    ["timeoutInSeconds": 5, "taskCredentials": ["roleArn": "arn:x"]])
            ),
            withoutData: [
                "resource": .string(function), "timeoutInSeconds": 5, "taskCredentials": ["roleArn": "arn:x"],
            ]),
        Case(.taskStarted(TaskStarted(.lambdaFunction)), "LambdaFunctionStarted"),
        Case(
            .taskSucceeded(TaskSucceeded(.lambdaFunction, output: data)), "LambdaFunctionSucceeded",
            ("lambdaFunctionSucceededEventDetails", .object(output)), withoutData: [:]),
        Case(
            .taskFailed(TaskFailed(.lambdaFunction, failure)), "LambdaFunctionFailed",
            ("lambdaFunctionFailedEventDetails", .object(failed))),
        Case(
            .taskTimedOut(TaskTimedOut(.lambdaFunction, Failure(error: "States.Timeout"))), "LambdaFunctionTimedOut",
            ("lambdaFunctionTimedOutEventDetails", ["error": "States.Timeout"])),
    ]

    static let services: [Case] = [
        Case(
            scheduled(service, timeout: 5, heartbeat: 2), "TaskScheduled",
            (
                "taskScheduledEventDetails",
                merged(
                    serviceMembers,
                    [
                        "region": "eu-west-1", "parameters": #"{"a": 0.0}"#, "timeoutInSeconds": 5,
                        "heartbeatInSeconds": 2,
                    ])
            )),
        Case(.taskStarted(TaskStarted(service)), "TaskStarted", ("taskStartedEventDetails", .object(serviceMembers))),
        Case(
            .taskSucceeded(TaskSucceeded(service, output: data)), "TaskSucceeded",
            ("taskSucceededEventDetails", merged(serviceMembers, output)), withoutData: .object(serviceMembers)),
        Case(
            .taskFailed(TaskFailed(service, failure)), "TaskFailed",
            ("taskFailedEventDetails", merged(serviceMembers, failed))),
        Case(
            .taskTimedOut(TaskTimedOut(service, Failure(error: "States.Timeout"))), "TaskTimedOut",
            ("taskTimedOutEventDetails", merged(serviceMembers, ["error": "States.Timeout"]))),
    ]

    @Test("An event shows its type and details.", arguments: executions + states + functions + services)
    func rendering(_ row: Case) throws {
        var expected: JSONObject = [
            "timestamp": .number(try #require(JSONNumber(text: "1719835200.007"))), "type": .string(row.type), "id": 7,
            "previousEventId": 0,
        ]
        if let (name, details) = row.details { expected[name] = details }
        #expect(try Self.shown(row.kind, showsData: true) == .object(expected))
        if let (name, details) = row.details { expected[name] = row.withoutData ?? details }
        #expect(try Self.shown(row.kind, showsData: false) == .object(expected))
    }

    private static func shown(_ kind: RecordKind, showsData: Bool) throws -> JSONValue {
        let event = JournalRecord(
            id: 7, previous: 0, timestamp: Timestamp(milliseconds: 1_719_835_200_007), frame: 0, kind: kind)
        var writer = JSONObjectWriter()
        writer.event(
            event, EventView(showsData: showsData, region: "eu-west-1", versionARN: nil, aliasARN: nil))
        return try JSONValue.parse(writer.finish { Array($0) })
    }

    @Test(
        "A timestamp is a number of seconds with three decimals.",
        arguments: [
            (0, "0.000"), (7, "0.007"), (1_719_835_200_123, "1719835200.123"), (1_719_835_200_100, "1719835200.100"),
        ] as [(Int64, String)])
    func timestamps(_ milliseconds: Int64, _ text: String) {
        var writer = JSONObjectWriter()
        writer.timestamp("t", Timestamp(milliseconds: milliseconds))
        #expect(writer.finish { String(decoding: $0, as: UTF8.self) } == #"{"t":\#(text)}"#)
    }
}
