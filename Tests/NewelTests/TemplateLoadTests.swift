// `newel machine load` against a daemon: templates as they are, all or nothing, and what cannot run.

import Core
import Foundation
import JSON
import TestSupport
import Testing

@testable import newel

@Suite("Loading templates")
struct TemplateLoadTests {
    // Unsafe, because Foundation's Process is not Sendable; after its start it is only asked, and ended at the exit.
    nonisolated(unsafe) private static let shared: Result<SharedDaemon, any Error> = Result {
        let daemon = try SharedDaemon()
        atexit { try? TemplateLoadTests.shared.get().daemon.remove() }
        return daemon
    }

    private let daemon: SharedDaemon

    init() throws { daemon = try Self.shared.get() }

    private static let templates = Conformance.root.appendingPathComponent("Tests/Smoke/templates").path
    private static func machine(_ name: String) -> String {
        "arn:aws:states:us-east-1:000000000000:stateMachine:\(name)"
    }

    private func definition(_ name: String) throws -> JSONValue {
        try JSONValue.parse(try daemon.newel(["machine", "show", name, "--definition"]).output)
    }

    private func described(_ name: String) throws -> JSONValue {
        try JSONValue.parse(try daemon.newel(["machine", "show", name, "--json"]).output)
    }

    @Test("Parallel functions with retries and substitutions: one command.")
    func parallel() throws {
        let loaded = try daemon.newel(["machine", "load", Self.templates + "/parallel-report/template.yaml"])
        #expect(loaded.code == 0, "\(loaded.errors)")
        #expect(loaded.output == Self.machine("newel-report-dev") + "\n")
        let branches = try definition("newel-report-dev")["States"]?["Look"]?["Branches"]
        let first = branches?[0]?["States"]?["Count words"]
        #expect(first?["Resource"] == "arn:aws:lambda:us-east-1:000000000000:function:CountWords")
        #expect(first?["Retry"]?[0]?["MaxAttempts"] == 3 && first?["Retry"]?[0]?["IntervalSeconds"] == 1)
        let second = branches?[1]?["States"]?["Find language"]?["Resource"]
        #expect(second == "arn:aws:lambda:us-east-1:000000000000:function:find-language-dev")
        let machine = try described("newel-report-dev")
        #expect(machine["roleArn"] == "arn:aws:iam::000000000000:role/ReportMachineRole")
        let group = machine["loggingConfiguration"]?["destinations"]?[0]?["cloudWatchLogsLogGroup"]?["logGroupArn"]
        #expect(group == "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/newel:*")
        let prod = try daemon.newel(
            ["machine", "load", Self.templates + "/parallel-report", "--parameter", "Stage=prod"])
        #expect(prod.output == Self.machine("newel-report-prod") + "\n", "\(prod.errors)")
        let wrong = try daemon.newel(
            ["machine", "load", Self.templates + "/parallel-report", "--parameter", "Stage=test"])
        #expect(wrong.code == 65 && wrong.errors.contains("Write one of dev, prod."), "\(wrong.errors)")
    }

    @Test("A person's approval by a callback: one command.")
    func approval() throws {
        let loaded = try daemon.newel(["machine", "load", Self.templates + "/approval/template.yaml"])
        #expect(loaded.code == 0, "\(loaded.errors)")
        #expect(loaded.output == Self.machine("ExpenseApproval") + "\n")
        let ask = try definition("ExpenseApproval")["States"]?["Ask"]?["Arguments"]
        #expect(ask?["FunctionName"] == "arn:aws:lambda:us-east-1:000000000000:function:AskPerson")
        #expect(ask?["Payload"]?["hours"] == "24")
        let role = try described("ExpenseApproval")["roleArn"]
        #expect(role == "arn:aws:iam::000000000000:role/expenses/ApprovalRole")
    }

    @Test("A nested Express machine comes before its parent; the schedule is named as what is not set up.")
    func nested() throws {
        let template = Self.templates + "/nested-quote/template.yaml"
        let strict = try daemon.newel(["machine", "load", template, "--strict"])
        #expect(strict.code == 65 && strict.output.isEmpty && strict.errors.contains("Nothing was created"))
        let loaded = try daemon.newel(["machine", "load", template])
        #expect(loaded.code == 0, "\(loaded.errors)")
        let arns = [Self.machine("Quote"), Self.machine("NightlyQuotes"), Self.machine("NightlyQuotes") + ":live"]
        #expect(loaded.output == arns.joined(separator: "\n") + "\n")
        #expect(loaded.errors.contains("EveryNight (Schedule) of NightlyQuotes is not set up"), "\(loaded.errors)")
        #expect(try described("Quote")["type"] == "EXPRESS")
        let run = try daemon.newel(
            ["execution", "start", "NightlyQuotes:live", "--input", #"{"items":[1,2]}"#, "--watch"])
        #expect(run.code == 0, "\(run.output)")
        // Loaded again everything is there already.
        let again = try daemon.newel(["machine", "load", template])
        #expect(again.output == loaded.output, "\(again.errors)")
    }

    @Test("A template of the CDK is loaded from cdk.out, with its asset and an import of another stack.")
    func cdk() throws {
        let manifest = """
            {"artifacts": {
              "Base": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Base.template.json"}},
              "Tree": {"type": "cdk:tree"},
              "Flow": {"type": "aws:cloudformation:stack", "properties":
                {"templateFile": "Flow.template.json", "stackName": "flow-dev"}}}}
            """
        let base = """
            {"Resources": {"Fn1": {"Type": "AWS::Lambda::Function", "Properties": {}}},
             "Outputs": {"Out": {"Value": {"Fn::GetAtt": ["Fn1", "Arn"]}, "Export": {"Name": "Base:Fn1"}}}}
            """
        let flow = """
            {"Resources": {
              "Inline": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
                "RoleArn": "arn:aws:iam::000000000000:role/r", "StateMachineName": {"Ref": "AWS::StackName"},
                "DefinitionString": {"Fn::Join": ["", [
                  "{\\"StartAt\\":\\"A\\",\\"States\\":{\\"A\\":{\\"Type\\":\\"Task\\",\\"Resource\\":\\"",
                  {"Fn::ImportValue": "Base:Fn1"}, "\\",\\"End\\":true}}}"]]}}},
              "FromFile": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
                "RoleArn": "arn:aws:iam::000000000000:role/r",
                "DefinitionS3Location": {"Bucket": {"Fn::Sub": "cdk-x-${AWS::AccountId}"}, "Key": "abc.json"}}}}}
            """
        let assets = """
            {"files": {"abc": {"source": {"path": "asset.abc.json"},
             "destinations": {"here": {"bucketName": "b", "objectKey": "abc.json"}}}}}
            """
        let files = [
            "manifest.json": manifest, "Base.template.json": base, "Flow.template.json": flow,
            "Flow.assets.json": assets, "asset.abc.json": OperatorTests.pass,
        ]
        for (name, text) in files { try daemon.write("cdk.out/\(name)", text) }
        let loaded = try daemon.newel(["machine", "load", "cdk.out"])
        #expect(loaded.code == 0, "\(loaded.errors)")
        #expect(loaded.output == [Self.machine("flow-dev"), Self.machine("FromFile"), ""].joined(separator: "\n"))
        let resource = try definition("flow-dev")["States"]?["A"]?["Resource"]
        #expect(resource == "arn:aws:lambda:us-east-1:000000000000:function:Fn1")
    }

    private static let good = "{ StartAt: A, States: { A: { Type: Succeed } } }"

    @Test("Nothing is created where one definition is wrong, and every error is named.")
    func allOrNothing() throws {
        try daemon.write(
            "half.yaml",
            """
            Resources:
              HalfGood: { Type: AWS::Serverless::StateMachine, Properties: { Definition: \(Self.good) } }
              HalfBad:
                Type: AWS::Serverless::StateMachine
                Properties: { Definition: { StartAt: A, States: { A: { Type: Pas } } } }
              HalfWorse: { Type: AWS::Serverless::StateMachine, Properties: { DefinitionUri: worse.asl.json } }
            """)
        try daemon.write("worse.asl.json", "{\"StartAt\":\"B\",\n\"States\":{\"A\":{\"Type\":\"Succeed\"}}}")
        let end = try daemon.newel(["machine", "load", "half.yaml"])
        #expect(end.code == 65 && end.output.isEmpty)
        #expect(end.errors.contains("half.yaml:HalfBad: error: "), "\(end.errors)")
        #expect(end.errors.contains("Did you mean Pass?") && end.errors.contains("worse.asl.json:1:2: error: "))
        #expect(try daemon.newel(["machine", "show", "HalfGood"]).code == 66)
    }

    @Test("What the API refuses half-way takes everything back.")
    func takenBack() throws {
        try daemon.create("Kept", OperatorTests.pass)
        try daemon.write(
            "late.yaml",
            """
            Resources:
              Kept: { Type: AWS::Serverless::StateMachine, Properties: { Definition: \(Self.good) } }
              Queue: { Type: AWS::StepFunctions::Activity, Properties: { Name: late-queue } }
              Late: { Type: AWS::Serverless::StateMachine, Properties: { Definition: \(Self.good) } }
              Wrong:
                Type: AWS::Serverless::StateMachine
                Properties: { Logging: { Level: ALL }, Definition: \(Self.good) }
            """)
        let end = try daemon.newel(["machine", "load", "late.yaml"])
        #expect(end.code == 65 && end.errors.contains("Wrong: InvalidLoggingConfiguration"), "\(end.errors)")
        #expect(end.errors.contains("Nothing was created or changed."))
        #expect(try daemon.newel(["machine", "show", "Kept", "--definition"]).output == OperatorTests.pass)
        #expect(try daemon.newel(["machine", "show", "Late"]).code == 66)
    }

    @Test("--strict refuses a placeholder without a value, and takes a schedule that is switched off.")
    func strict() throws {
        func template(_ name: String, _ resource: String, _ event: String) -> String {
            """
            Resources:
              \(name):
                Type: AWS::Serverless::StateMachine
                Properties:
                  Definition: { StartAt: A, States: { A: { Type: Task, Resource: \(resource), End: true } } }
                  Events: { Hourly: { Type: Schedule, Properties: { Schedule: rate(1 hour), \(event) } } }
            """
        }
        let function = "arn:aws:lambda:us-east-1:000000000000:function:f"
        try daemon.write("unfilled.yaml", template("Unfilled", "\"\(function)-${Function}\"", "Enabled: false"))
        let unfilled = try daemon.newel(["machine", "load", "unfilled.yaml", "--strict"])
        #expect(unfilled.code == 65 && unfilled.errors.contains("${Function} stays as it is"), "\(unfilled.errors)")
        try daemon.write("hourly.yaml", template("Hourly", "\"\(function)\"", "Enabled: true"))
        let hourly = try daemon.newel(["machine", "load", "hourly.yaml", "--strict"])
        #expect(hourly.code == 65 && hourly.errors.contains("The event Hourly"), "\(hourly.errors)")
        for (number, event) in ["Enabled: false", "State: DISABLED"].enumerated() {
            try daemon.write("off.yaml", template("Off\(number)", "\"\(function)\"", event))
            let off = try daemon.newel(["machine", "load", "off.yaml", "--strict"])
            #expect(off.code == 0 && off.errors.isEmpty, "\(off.errors)")
        }
    }

    private static let pass = "Definition: { StartAt: A, States: { A: { Type: Pass, End: true } } }"

    @Test("A stack does not replace a machine of another stack; its own it brings up to date.")
    func stacks() throws {
        try daemon.write(
            "shared.yaml",
            "Resources: { Shared: { Type: AWS::Serverless::StateMachine, Properties: { \(Self.pass) } } }")
        for (stack, code) in [("shop", 0), ("shop", 0), ("bank", 65)] as [(String, Int32)] {
            let loaded = try daemon.newel(["machine", "load", "shared.yaml", "--stack-name", stack])
            #expect(loaded.code == code, "\(loaded.errors)")
            if code != 0 {
                #expect(
                    loaded.errors.contains("Shared belongs to the stack shop")
                        && loaded.errors.contains("--stack-name shop"), "\(loaded.errors)")
            }
        }
    }

    @Test("A loop that is not expanded is reported; alone it is why there is nothing to load.")
    func loops() throws {
        let loop = "Fn::ForEach::Each: [Name, [A, B], { \"M${Name}\": { Type: AWS::Serverless::StateMachine } }]"
        let machine = "Beside: { Type: AWS::Serverless::StateMachine, Properties: { \(Self.pass) } }"
        let transform = "Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://a/b } }"
        try daemon.write("include.yaml", "Resources: { \(transform), \(machine) }")
        let included = try daemon.newel(["machine", "load", "include.yaml"])
        #expect(included.code == 0 && included.errors.contains("Fn::Transform is not expanded"), "\(included.errors)")
        let text = "Fn::ForEach::Each is not expanded"
        for (resources, flags, code) in [
            (loop, [], 65), ("\(loop), \(machine)", [], 0), ("\(loop), \(machine)", ["--strict"], 65),
        ] as [(String, [String], Int32)] {
            try daemon.write("loop.yaml", "Resources: { \(resources) }")
            let loaded = try daemon.newel(["machine", "load", "loop.yaml"] + flags)
            #expect(loaded.code == code && loaded.errors.contains(text), "\(loaded.errors)")
        }
    }

    @Test(
        "A resource whose type does not exist is refused, with the type that is near.",
        arguments: [
            ("Type: AWS::Serverless::Statemachine", "Did you mean AWS::Serverless::StateMachine?"),
            ("Type: AWS::StepFunctions::StateMachines", "Did you mean AWS::StepFunctions::StateMachine?"),
            ("Properties: {}", "The resource has no Type"),
        ])
    func unknownType(_ resource: String, _ message: String) throws {
        let name = "type-\(message.hashValue).yaml"
        try daemon.write(name, "Resources: { Odd: { \(resource) } }")
        let loaded = try daemon.newel(["machine", "load", name])
        #expect(loaded.code == 65 && loaded.errors.contains(message), "\(loaded.errors)")
    }

    @Test("An account that the client's machines are not made in is refused.")
    func account() throws {
        try daemon.write(
            "account.yaml",
            "Resources: { Elsewhere: { Type: AWS::Serverless::StateMachine, Properties: { \(Self.pass) } } }")
        let loaded = try daemon.newel(["machine", "load", "account.yaml", "--account", "123456789012"])
        #expect(loaded.code == 64 && loaded.errors.contains("AWS_ACCESS_KEY_ID=123456789012"), "\(loaded.errors)")
    }

    @Test("What this daemon cannot run is printed with state and integration; --strict refuses it.")
    func notSupported() throws {
        try daemon.write(
            "far.yaml",
            """
            Resources:
              Far:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Definition:
                    StartAt: Teach
                    States:
                      Teach:
                        Type: Task
                        Resource: arn:aws:states:::sagemaker:createTrainingJob.sync
                        Parameters:
                          TrainingJobName: x
                        End: true
            """)
        let strict = try daemon.newel(["machine", "load", "far.yaml", "--strict"])
        #expect(strict.code == 65 && strict.errors.contains("--strict"), "\(strict.errors)")
        #expect(try daemon.newel(["machine", "show", "Far"]).code == 66)
        let dry = try daemon.newel(["machine", "load", "far.yaml", "--dry-run"])
        #expect(dry.code == 0 && dry.output.hasPrefix("machine   Far"), "\(dry.output)\(dry.errors)")
        #expect(try daemon.newel(["machine", "show", "Far"]).code == 66)
        let loaded = try daemon.newel(["machine", "load", "far.yaml"])
        #expect(loaded.code == 0)
        #expect(loaded.errors.contains("Teach") && loaded.errors.contains("sagemaker:createTrainingJob.sync"))
    }

    @Test("All missing values are named at once.")
    func missing() throws {
        try daemon.write(
            "open.yaml",
            """
            Parameters: { Currency: { Type: String } }
            Resources:
              Api: { Type: AWS::ApiGateway::RestApi }
              Open:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Definition: { StartAt: A, States: { A: { Type: Pass, Result: !Sub "${Currency} ${Api}", End: true } } }
            """)
        let end = try daemon.newel(["machine", "load", "open.yaml"])
        #expect(end.code == 65 && end.output.isEmpty)
        #expect(end.errors.contains("--parameter Currency=VALUE") && end.errors.contains("--parameter Api=VALUE"))
        let loaded = try daemon.newel(
            ["machine", "load", "open.yaml", "--parameter", "Currency=EUR", "--parameter", "Api=abc"])
        #expect(loaded.code == 0, "\(loaded.errors)")
        #expect(try definition("Open")["States"]?["A"]?["Result"] == "EUR abc")
    }
}
