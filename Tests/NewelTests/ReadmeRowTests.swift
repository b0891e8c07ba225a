// One test for each row of README's table that works, against a daemon from outside.

import Core
import Foundation
import Glibc
import JSON
import NIOHTTP1
import TestSupport
import Testing

@Suite("README's rows")
struct ReadmeRowTests {
    @Test("README, States: one machine goes through all eight types, and one ends in Fail.")
    func states() async throws {
        let world = try ReadmeWorld()
        defer { world.remove() }
        let end = try await world.run(
            """
            {"StartAt":"Pass","States":{
              "Pass":{"Type":"Pass","Result":[1,2],"Next":"Wait"},
              "Wait":{"Type":"Wait","Seconds":0,"Next":"Choice"},
              "Choice":{"Type":"Choice","Choices":[{"Variable":"$[0]","NumericEquals":1,"Next":"Map"}],"Default":"Fail"},
              "Map":{"Type":"Map","ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}},
                "Next":"Parallel"},
              "Parallel":{"Type":"Parallel","Branches":[
                {"StartAt":"Left","States":{"Left":{"Type":"Succeed"}}},
                {"StartAt":"Right","States":{"Right":{"Type":"Pass","Result":"r","End":true}}}],"Next":"Task"},
              "Task":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:echo","Next":"Succeed"},
              "Succeed":{"Type":"Succeed"},"Fail":{"Type":"Fail","Error":"E"}}}
            """)
        #expect(end["output"] == #"[[1,2],"r"]"#, "\(end)")
        let entered = Set(try await world.history(end).filter { $0.hasSuffix("StateEntered") })
        #expect(
            entered == [
                "PassStateEntered", "WaitStateEntered", "ChoiceStateEntered", "MapStateEntered",
                "ParallelStateEntered", "TaskStateEntered", "SucceedStateEntered",
            ])
        let failed = try await world.run(#"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"c"}}}"#)
        #expect(failed["status"] == "FAILED" && failed["error"] == "E" && failed["cause"] == "c")
    }

    @Test("README, Data flow: every field and intrinsic function of JSONPath, JSONata, and both in one machine.")
    func dataFlow() async throws {
        let world = try ReadmeWorld()
        defer { world.remove() }
        let paths = try await world.run(
            """
            {"StartAt":"A","States":{
              "A":{"Type":"Pass","InputPath":"$.in","Parameters":{
                "a.$":"States.Array(1, $.n)","b.$":"States.ArrayPartition(States.ArrayRange(1, 4, 1), 2)",
                "c.$":"States.ArrayContains($.list, 2)","d.$":"States.ArrayGetItem($.list, 1)",
                "e.$":"States.ArrayLength($.list)","f.$":"States.ArrayUnique(States.Array(1, 1))",
                "g.$":"States.Base64Decode(States.Base64Encode('x'))","h.$":"States.Hash('x', 'MD5')",
                "i.$":"States.JsonMerge($.o, $.o, false)","j.$":"States.StringToJson(States.JsonToString($.o))",
                "k.$":"States.MathRandom(1, 2)","l.$":"States.MathAdd(1, 2)","m.$":"States.StringSplit('a,b', ',')",
                "n.$":"States.Format('{}!', $$.Execution.Name)","o.$":"States.UUID()"},
                "Assign":{"v.$":"$.d"},"ResultPath":"$.r","Next":"B"},
              "B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:echo",
                "ResultSelector":{"n.$":"$.r.n","sum.$":"States.MathAdd($v, $.r.l)","at.$":"$.r.b[1][0]"},
                "OutputPath":"$","Next":"C"},
              "C":{"Type":"Map","ItemsPath":"$$.Execution.Input.in.list",
                "ItemSelector":{"i.$":"$$.Map.Item.Value","s.$":"$.sum"},
                "ItemProcessor":{"StartAt":"D","States":{"D":{"Type":"Pass","End":true}}},"End":true}}}
            """, input: #"{"in":{"n":3,"list":[1,2],"o":{"x":1}}}"#)
        #expect(paths["output"] == #"[{"i":1,"s":5},{"i":2,"s":5}]"#, "\(paths)")
        let both = try await world.run(
            """
            {"StartAt":"A","States":{
              "A":{"Type":"Pass","Parameters":{"n":2},"Assign":{"base":10},"Next":"B"},
              "B":{"Type":"Choice","QueryLanguage":"JSONata","Choices":[
                {"Condition":"{% $states.input.n = 2 %}","Output":{"n":"{% $states.input.n + $base %}"},"Next":"C"}]},
              "C":{"Type":"Task","QueryLanguage":"JSONata","TimeoutSeconds":"{% 20 + 1 %}",
                "Resource":"arn:aws:states:::lambda:invoke",
                "Arguments":{"FunctionName":"echo","Payload":{"n":"{% $states.input.n %}"}},
                "Assign":{"seen":"{% $states.result.Payload.n %}"},"Output":"{% $states.result.Payload %}","Next":"D"},
              "D":{"Type":"Map","QueryLanguage":"JSONata","Items":"{% [1, $seen] %}","MaxConcurrency":"{% 1 %}",
                "ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},
                "ItemProcessor":{"StartAt":"E","States":{"E":{"Type":"Pass","OutputPath":"$.v","End":true}}},
                "End":true}}}
            """)
        #expect(both["output"] == "[1,12]", "\(both)")
    }

    @Test("README, Errors: retries, catchers, both clocks, and a redrive of what failed, timed out or was stopped.")
    func errors() async throws {
        let world = try ReadmeWorld()
        defer { world.remove() }
        let caught = try await world.run(
            """
            {"StartAt":"A","States":{
              "A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:broken",
                "Retry":[{"ErrorEquals":["Broken"],"IntervalSeconds":1,"MaxAttempts":1,"BackoffRate":1.5,
                  "MaxDelaySeconds":2,"JitterStrategy":"FULL"}],
                "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Assign":{"why.$":"$.Error"},"Next":"B"}],
                "End":true},
              "B":{"Type":"Pass","Parameters":{"why.$":"$why","error.$":"$.error.Error"},"End":true}}}
            """)
        #expect(caught["output"] == #"{"why":"Broken","error":"Broken"}"#, "\(caught)")
        #expect(try await world.history(caught).count { $0 == "LambdaFunctionFailed" } == 2)
        for (fields, hears) in [(#""TimeoutSeconds":5"#, false), (#""TimeoutSeconds":60,"HeartbeatSeconds":1"#, true)] {
            let late = try await world.run(
                #"{"StartAt":"A","States":{"A":{"Type":"Task","Parameters":{"FunctionName":"echo","Payload":{}},"#
                    + #""Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",\#(fields),"#
                    + #""Catch":[{"ErrorEquals":["\#(hears ? "States.HeartbeatTimeout" : "States.Timeout")"],"#
                    + #""Next":"B"}],"End":true},"B":{"Type":"Pass","Result":"late","End":true}}}"#)
            #expect(late["output"] == #""late""#, "\(late)")
        }
        let fail = #"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E"}}}"#
        let late = #"{"TimeoutSeconds":1,"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"End":true}}}"#
        let wait = #"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"End":true}}}"#
        for (definition, status) in [(fail, "FAILED"), (late, "TIMED_OUT"), (wait, "ABORTED")] {
            let execution = try await world.start(definition)
            if status == "ABORTED" { _ = try await world.call("StopExecution", ["executionArn": execution]) }
            let end = try await world.end(execution)
            #expect(end["status"]?.stringValue == status && end["redriveStatus"] == "REDRIVABLE", "\(end)")
            let redriven = try await world.call("RedriveExecution", ["executionArn": execution])
            #expect(redriven["redriveDate"] != nil, "\(redriven)")
            #expect(try await world.call("DescribeExecution", ["executionArn": execution])["redriveCount"] == 1)
        }
    }

    @Test("README, Tasks: functions in both forms, activities, tokens, nested executions and calls of the API.")
    func tasks() async throws {
        let world = try ReadmeWorld()
        defer { world.remove() }
        let child = try await world.machine(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"a":1},"End":true}}}"#)
        let activity = try #require(
            try await world.call("CreateActivity", ["name": "work"])["activityArn"]?.stringValue)
        func task(_ resource: String, _ parameters: String = "", path: String = "$") -> String {
            let parameters = parameters.isEmpty ? "" : #","Parameters":\#(parameters)"#
            return #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"\#(resource)"\#(parameters),"#
                + #""OutputPath":"\#(path)","End":true}}}"#
        }
        let invoke = "arn:aws:states:::lambda:invoke"
        let nested = #"{"StateMachineArn":"\#(child)","Input":{"b":2}}"#
        let start = "arn:aws:states:::states:startExecution"
        let ends: [(String, String)] = [
            (task("arn:aws:lambda:us-east-1:000000000000:function:echo"), #"{"n":1}"#),
            (task(invoke, #"{"FunctionName":"echo","Payload.$":"$"}"#, path: "$.Payload"), #"{"n":1}"#),
            (task(start + ".sync", nested, path: "$.Output"), #""{\"a\":1}""#),
            (task(start + ".sync:2", nested, path: "$.Output"), #"{"a":1}"#),
            (
                task(
                    "arn:aws:states:::aws-sdk:sfn:describeActivity", #"{"ActivityArn":"\#(activity)"}"#, path: "$.Name"),
                #""work""#
            ),
        ]
        for (definition, output) in ends {
            let end = try await world.run(definition, input: #"{"n":1}"#)
            #expect(end["output"]?.stringValue == output, "\(definition): \(end)")
        }
        // A machine that calls itself ends at the depth that executions may nest to.
        let itself = "arn:aws:states:us-east-1:000000000000:stateMachine:itself"
        let call = task(
            "arn:aws:states:::aws-sdk:sfn:startSyncExecution", #"{"StateMachineArn":"\#(itself)"}"#, path: "$.Status")
        _ = try await world.call(
            "CreateStateMachine",
            [
                "name": "itself", "definition": .string(call), "roleArn": "arn:aws:iam::000000000000:role/r",
                "type": "EXPRESS",
            ])
        let deep = try await world.call("StartSyncExecution", ["stateMachineArn": .string(itself)])
        #expect(deep["status"] == "SUCCEEDED", "\(deep)")

        let started = try await world.run(task(start, nested, path: "$.ExecutionArn"))
        #expect(started["output"]?.stringValue?.contains(":execution:") == true, "\(started)")

        let worked = try await world.start(task(activity))
        let polled = try await world.call("GetActivityTask", ["activityArn": .string(activity)])
        _ = try await world.call(
            "SendTaskSuccess", ["taskToken": polled["taskToken"] ?? .null, "output": #""packed""#])
        #expect(try await world.end(worked)["output"] == #""packed""#)

        let asked = try await world.start(
            task(invoke + ".waitForTaskToken", #"{"FunctionName":"ask","Payload":{"token.$":"$$.Task.Token"}}"#))
        let token = try await world.payload(of: "ask")["token"] ?? .null
        _ = try await world.call("SendTaskHeartbeat", ["taskToken": token])
        _ = try await world.call("SendTaskSuccess", ["taskToken": token, "output": #""yes""#])
        #expect(try await world.end(asked)["output"] == #""yes""#)
    }

    @Test(
        "README, API: all operations answer; versions, aliases, tags, TestState, scopes and throttling do their work.")
    func api() async throws {
        let world = try ReadmeWorld([
            "--set", "throttling.operations.ListActivities=1/1",
        ])
        defer { world.remove() }
        for operation in Self.operations {
            let answer = try await world.call(operation, [:])
            #expect(answer["__type"] != "UnknownOperationException", "\(operation)")
        }
        let pass = #"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#
        let machine: JSONValue = .string(try await world.machine(pass))
        let version = try await world.call("PublishStateMachineVersion", ["stateMachineArn": machine])
        let first = try #require(version["stateMachineVersionArn"])
        let alias = try await world.call(
            "CreateStateMachineAlias",
            ["name": "live", "routingConfiguration": [["stateMachineVersionArn": first, "weight": 100]]])
        let run = try await world.call(
            "StartExecution", ["stateMachineArn": alias["stateMachineAliasArn"] ?? .null])
        let end = try await world.end(try #require(run["executionArn"]))
        #expect(end["stateMachineVersionArn"] == first && end["stateMachineAliasArn"] == alias["stateMachineAliasArn"])
        _ = try await world.call("TagResource", ["resourceArn": machine, "tags": [["key": "k", "value": "v"]]])
        #expect(
            try await world.call("ListTagsForResource", ["resourceArn": machine])["tags"]
                == [["key": "k", "value": "v"]] as JSONValue)
        let updated = try await world.call(
            "UpdateStateMachine", ["stateMachineArn": machine, "definition": .string(pass + " ")])
        #expect(updated["revisionId"] != nil)
        let tested = try await world.call(
            "TestState",
            [
                "definition": .string(
                    #"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","#
                        + #""Parameters":{"QueueUrl":"q","MessageBody":"b"},"End":true}"#),
                "mock": ["result": #"{"MessageId":"m"}"#],
            ])
        #expect(tested["output"] == #"{"MessageId":"m"}"#, "\(tested)")
        let refused = try await world.call("ListExecutions", ["stateMachineArn": machine, "maxResults": 1001])
        #expect(refused["__type"] == "ValidationException")
        let elsewhere = try await world.call("ListStateMachines", [:], region: "eu-west-1")
        #expect(elsewhere["stateMachines"] == [] as JSONValue)
        _ = try await world.call("ListActivities", [:])
        var isThrottled = false
        for _ in 0..<20 where !isThrottled {
            isThrottled = try await world.call("ListActivities", [:])["__type"] == "ThrottlingException"
        }
        #expect(isThrottled)
    }

    static let operations = [
        "CreateActivity", "CreateStateMachine", "CreateStateMachineAlias", "DeleteActivity", "DeleteStateMachine",
        "DeleteStateMachineAlias", "DeleteStateMachineVersion", "DescribeActivity", "DescribeExecution",
        "DescribeMapRun", "DescribeStateMachine", "DescribeStateMachineAlias", "DescribeStateMachineForExecution",
        "GetActivityTask", "GetExecutionHistory", "ListActivities", "ListExecutions", "ListMapRuns",
        "ListStateMachineAliases", "ListStateMachineVersions", "ListStateMachines", "ListTagsForResource",
        "PublishStateMachineVersion", "RedriveExecution", "SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess",
        "StartExecution", "StartSyncExecution", "StopExecution", "TagResource", "TestState", "UntagResource",
        "UpdateMapRun", "UpdateStateMachine", "UpdateStateMachineAlias", "ValidateStateMachineDefinition",
    ]

    @Test("README, Express: a synchronous execution gives its output, an asynchronous one runs and leaves nothing.")
    func express() async throws {
        let world = try ReadmeWorld()
        defer { world.remove() }
        let machine: JSONValue = .string(
            try await world.machine(
                #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","#
                    + #""Parameters":{"FunctionName":"ask","Payload.$":"$"},"OutputPath":"$.Payload","End":true}}}"#,
                type: "EXPRESS"))
        let answer = try await world.call("StartSyncExecution", ["stateMachineArn": machine, "input": #"{"n":1}"#])
        #expect(answer["status"] == "SUCCEEDED" && answer["output"] == #"{"n":1}"#, "\(answer)")
        #expect(try await world.payload(of: "ask") == ["n": 1])
        let started = try await world.call("StartExecution", ["stateMachineArn": machine, "input": #"{"n":2}"#])
        #expect(try await world.payload(of: "ask", after: 1) == ["n": 2])
        let described = try await world.call("DescribeExecution", ["executionArn": started["executionArn"] ?? .null])
        #expect(described["__type"] == "InvalidArn", "\(described)")
    }

    @Test("README, Logging: every level, into the daemon's log, a file for each log group, or CloudWatch Logs.")
    func logging() async throws {
        let definition = #"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E"}}}"#
        func configuration(_ level: String) -> JSONValue {
            [
                "level": .string(level), "includeExecutionData": true,
                "destinations": [["cloudWatchLogsLogGroup": ["logGroupArn": .string(ReadmeWorld.logGroup)]]],
            ]
        }
        let places: [[String]] = [
            [], ["--set", "executionLog.folder=logs"], ["--set", "executionLog.cloudWatchLogs={endpoint}"],
        ]
        for (place, arguments) in places.enumerated() {
            let world = try ReadmeWorld(arguments)
            defer { world.remove() }
            for level in ["ALL", "ERROR", "FATAL", "OFF"] {
                let machine = try await world.machine(definition, logging: configuration(level))
                _ = try await world.call(
                    "StartExecution", ["stateMachineArn": .string(machine), "name": .string(level)])
            }
            func lines() -> [String] {
                let files = (try? FileManager.default.subpathsOfDirectory(atPath: world.daemon.folder.path)) ?? []
                let texts = files.filter { $0.hasPrefix("logs/") }.map { file in
                    (try? String(contentsOf: world.daemon.folder.appendingPathComponent(file), encoding: .utf8)) ?? ""
                }
                return (place == 0 ? [world.daemon.text] : texts).flatMap { $0.split(separator: "\n").map(String.init) }
            }
            func isLogged(_ level: String, _ type: String) -> Bool {
                lines().contains { $0.contains(type) && $0.contains(":\(level)") }
            }
            for (level, type) in [
                ("ALL", "FailStateEntered"), ("ERROR", "ExecutionFailed"), ("FATAL", "ExecutionFailed"),
            ] {
                if place == 2 {
                    try await world.logged("PutLogEvents", type)
                } else {
                    _ = try await world.eventually("no \(type) of \(level)") { isLogged(level, type) ? true : nil }
                }
            }
            #expect(!isLogged("OFF", "ExecutionFailed") && !isLogged("FATAL", "FailStateEntered"))
        }
    }

    @Test("README, Gateway: templates, validation, response selection, gateway errors and a mock.")
    func gateway() async throws {
        let folder = try Program.temporaryFolder()
        let routes = try TestFile.shippedRoutes().replacing(
            "\npaths:\n",
            with: """

                paths:
                  /ping:
                    get:
                      responses: { "200": { description: pong } }
                      x-amazon-apigateway-integration:
                        type: mock
                        requestTemplates: { application/json: '{"statusCode": 200}' }
                        responses:
                          default: { statusCode: 200, responseTemplates: { application/json: '{"pong": "$context.httpMethod"}' } }

                """)
        let file = folder.appendingPathComponent("routes.openapi.yaml")
        try Data(routes.utf8).write(to: file)
        let world = try ReadmeWorld(
            ["--listen-gateway", "127.0.0.1:0", "--set", "gateway.openapi=\(file.path)"], folder: folder)
        defer { world.remove() }
        let moved = try await world.send("gateway", .POST, "/recipes/1/move", #"{"user_id": 2}"#)
        #expect(moved.status == 202, "\(moved)")
        let execution = try #require(try JSONValue.parse(moved.body)["executionArn"]?.stringValue)
        #expect(try await world.end(.string(execution))["status"] == "SUCCEEDED")
        let name = try #require(execution.split(separator: ":").last)
        let shown = try await world.send("gateway", .GET, "/moves/\(name)")
        #expect(shown.status == 200 && shown.body.contains("SUCCEEDED"), "\(shown)")
        let invalid = try await world.send("gateway", .POST, "/recipes/1/move", #"{"user_id": "two"}"#)
        #expect(invalid.status == 400 && invalid.body.contains("message"), "\(invalid)")
        let unknown = try await world.send("gateway", .GET, "/nothing")
        #expect(unknown.status == 403 && unknown.body.contains("Missing Authentication Token"), "\(unknown)")
        let mocked = try await world.send("gateway", .GET, "/ping")
        #expect(mocked.status == 200 && mocked.body == #"{"pong": "GET"}"#, "\(mocked)")
    }

    @Test("README, Identity: the gateway's role decides what a route may do, with AWS's text for a refusal.")
    func identity() async throws {
        let folder = try Program.temporaryFolder()
        let roles = folder.appendingPathComponent("iam")
        try FileManager.default.createDirectory(at: roles, withIntermediateDirectories: true)
        for (name, service) in [("ApiToSfn", "apigateway"), ("MoveRecipe", "states")] {
            let trust: JSONValue = [
                "Version": "2012-10-17",
                "Statement": [
                    [
                        "Effect": "Allow", "Action": "sts:AssumeRole",
                        "Principal": ["Service": .string("\(service).amazonaws.com")],
                    ]
                ],
            ]
            let role: JSONValue = ["RoleName": .string(name), "AssumeRolePolicyDocument": trust]
            try Data(role.text.utf8).write(to: roles.appendingPathComponent(name + ".json"))
        }
        let world = try ReadmeWorld(
            ["--listen-gateway", "127.0.0.1:0", "--set", "identity.folder=\(roles.path)"], folder: folder)
        defer { world.remove() }
        let refused = try await world.send("gateway", .POST, "/recipes/1/move", #"{"user_id": 2}"#)
        #expect(refused.status == 400, "\(refused)")
        #expect(refused.body.contains("is not authorized to perform: states:StartExecution"), "\(refused)")
    }

    @Test("README, Store: what was accepted is there after kill -9, and a second daemon is kept off.")
    func store() async throws {
        let first = try ReadmeWorld()
        let activity = try await first.call("CreateActivity", ["name": "work"])["activityArn"] ?? .null
        let execution = try await first.start(
            #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":\#(activity.text),"End":true}}}"#)
        let second = try RunningDaemon(folder: first.daemon.folder)
        #expect(second.end() == 75)
        first.daemon.signal(SIGKILL)
        _ = first.daemon.end()
        let world = try ReadmeWorld(folder: first.daemon.folder)
        defer { world.remove() }
        let task = try await world.call("GetActivityTask", ["activityArn": activity])
        _ = try await world.call("SendTaskSuccess", ["taskToken": task["taskToken"] ?? .null, "output": "1"])
        #expect(try await world.end(execution)["output"] == "1")
    }

    @Test("README, Operation: health, metrics, check, and the commands for executions, machines and completion.")
    func operation() async throws {
        let world = try ReadmeWorld()
        defer { world.remove() }
        for path in ["/livez", "/readyz", "/metrics"] {
            #expect(try await world.send("admin", .GET, path).status == 200, "\(path)")
        }
        let end = try await world.run(#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#)
        let name = try #require(end["name"]?.stringValue)
        var environment = Program.plainEnvironment
        environment["AWS_ENDPOINT_URL_SFN"] = "http://127.0.0.1:\(world.daemon.port("api") ?? 0)"
        for (arguments, text) in [
            (["check"], ""), (["machine", "list"], "readme-1"), (["execution", "list", "readme-1"], name),
            (["execution", "show", "readme-1:\(name)"], "SUCCEEDED"), (["completion", "bash"], "newel"),
        ] {
            let ended = try Program.run(Program.newel, arguments, in: Conformance.root, environment: environment)
            #expect(ended.code == 0 && ended.output.contains(text) || text.isEmpty && ended.code == 0, "\(ended)")
        }
    }
}

extension TestFile {
    fileprivate static func shippedRoutes() throws -> String {
        try String(contentsOf: Conformance.root.appendingPathComponent("config/recipes.openapi.yaml"), encoding: .utf8)
    }
}
