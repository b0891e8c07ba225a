// Templates without a daemon: intrinsic functions, references, the SAM transform and what is missing.

import Core
import Foundation
import JSON
import Testing

@testable import newel

@Suite("Templates")
struct TemplateTests {
    private func evaluator(_ text: String, _ given: [String: String] = [:]) throws -> TemplateEvaluator {
        let template = try StackTemplate(text, file: "template.yaml", folder: "/nowhere", stackName: "shop")
        return TemplateEvaluator([template], given: given, region: "eu-west-1", account: "111122223333")
    }

    /// What surrounds the value of each case below.
    private static func template(_ value: String) -> String {
        """
        Parameters:
          Stage: { Type: String, Default: dev }
          Zones: { Type: CommaDelimitedList, Default: "a, b" }
          Image: { Type: "AWS::SSM::Parameter::Value<String>", Default: /images/one }
        Mappings:
          Sizes: { dev: { Cpu: 1 }, prod: { Cpu: 4 } }
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
          IsDev: !Not [!Condition IsProd]
          Both: !And [!Condition IsProd, !Condition IsDev]
          Either: !Or [!Condition IsProd, !Condition IsDev]
        Resources:
          Run: { Type: AWS::Serverless::Function, Properties: { AutoPublishAlias: live } }
          Named: { Type: AWS::Lambda::Function, Properties: { FunctionName: !Sub "run-${Stage}" } }
          Topic: { Type: AWS::SNS::Topic }
          Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /shop/logs } }
          Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: orders } }
          Simple: { Type: AWS::Serverless::SimpleTable }
          Queue: { Type: AWS::SQS::Queue, Properties: { QueueName: jobs } }
          Bucket: { Type: AWS::S3::Bucket }
          Role: { Type: AWS::IAM::Role, Properties: { Path: /team/ } }
          Bus: { Type: AWS::Events::EventBus, Properties: { Name: bus } }
          Child: { Type: AWS::StepFunctions::StateMachine, Properties: { StateMachineName: child } }
          Alias: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref Named, Name: blue } }
          Value: { Type: AWS::SSM::Parameter, Properties: { Name: /a/b, Value: seven } }
          Holder: { Type: Custom::Holder, Properties: { Value: \(value) } }
        """
    }

    static let written: [(written: String, expected: JSONValue)] = [
        ("!Ref Stage", "dev"), ("!Ref Zones", ["a", "b"]), ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref AWS::AccountId", "111122223333"), ("!Ref AWS::Partition", "aws"), ("!Ref AWS::StackName", "shop"),
        ("!GetAtt Run.Arn", "arn:aws:lambda:eu-west-1:111122223333:function:Run"),
        ("!GetAtt Named.Arn", "arn:aws:lambda:eu-west-1:111122223333:function:run-dev"),
        ("!Ref Named", "run-dev"), ("!Ref Run.Alias", "arn:aws:lambda:eu-west-1:111122223333:function:Run:live"),
        ("!Ref Alias", "arn:aws:lambda:eu-west-1:111122223333:function:run-dev:blue"),
        ("!Ref Topic", "arn:aws:sns:eu-west-1:111122223333:Topic"),
        ("!GetAtt Topic.TopicArn", "arn:aws:sns:eu-west-1:111122223333:Topic"),
        ("!GetAtt Topic.TopicName", "Topic"),
        ("!GetAtt Logs.Arn", "arn:aws:logs:eu-west-1:111122223333:log-group:/shop/logs:*"),
        ("!Ref Table", "orders"), ("!GetAtt Table.Arn", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
        ("!GetAtt Simple.Arn", "arn:aws:dynamodb:eu-west-1:111122223333:table/Simple"),
        ("!Ref Queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"),
        ("!GetAtt Queue.Arn", "arn:aws:sqs:eu-west-1:111122223333:jobs"), ("!GetAtt Queue.QueueName", "jobs"),
        ("!Ref Bucket", "bucket"), ("!GetAtt Bucket.Arn", "arn:aws:s3:::bucket"),
        ("!GetAtt Role.Arn", "arn:aws:iam::111122223333:role/team/Role"), ("!Ref Role", "Role"),
        ("!GetAtt Bus.Arn", "arn:aws:events:eu-west-1:111122223333:event-bus/bus"),
        ("!Ref Child", "arn:aws:states:eu-west-1:111122223333:stateMachine:child"),
        ("!GetAtt Child.Name", "child"), ("!GetAtt Value.Value", "seven"), ("!Ref Value", "/a/b"),
        ("!GetAtt Value.Arn", "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b"),
        (
            #"!Sub "${Stage}-${Named.Arn}-${!Kept}""#,
            "dev-arn:aws:lambda:eu-west-1:111122223333:function:run-dev-${Kept}"
        ),
        (#"!Sub ["${A}/${Stage}", { A: !Ref Table }]"#, "orders/dev"),
        (#"!Join ["-", [a, !Ref Stage, 3]]"#, "a-dev-3"), (#"!Join ["", !Ref Zones]"#, "ab"),
        (#"!Select [1, !Split ["/", x/y/z]]"#, "y"), ("!FindInMap [Sizes, !Ref Stage, Cpu]", 1),
        ("!FindInMap [Sizes, test, Cpu, { DefaultValue: 9 }]", 9),
        ("!If [IsProd, yes-it-is, no]", "no"), ("!If [IsDev, [1, !Ref Stage], 2]", [1, "dev"]),
        ("!If [Both, 1, 2]", 2), ("!If [Either, 1, 2]", 1),
        ("!Base64 hello", "aGVsbG8="), ("!ToJsonString { a: [1, !Ref Stage] }", #"{"a":[1,"dev"]}"#),
        ("!Length [a, b]", 2), ("!GetAZs ''", ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{ a: !If [IsProd, 1, !Ref AWS::NoValue], b: 2 }", ["b": 2]), ("[1, !Ref AWS::NoValue]", [1]),
        ("{ Condition: '{% $x %}' }", ["Condition": "{% $x %}"]), ("012", "012"), ("true", true), ("~", nil),
    ]

    @Test("Intrinsic functions and references have the values of AWS.", arguments: written)
    func values(written: String, expected: JSONValue) throws {
        let evaluator = try evaluator(Self.template(written))
        let template = evaluator.templates[0]
        let value = try #require(template.resource("Holder")?.properties["Value"])
        #expect(try evaluator.resolve(value, in: template) == expected)
        #expect(evaluator.missing.isEmpty, "\(evaluator.missing)")
    }

    @Test("Every missing value is named once, with what to pass and what it is.")
    func missing() throws {
        let text = """
            Parameters:
              Currency: { Type: String, Description: Three letters }
              Unused: { Type: String }
            Resources:
              Api: { Type: AWS::ApiGateway::RestApi }
              Pay:
                Type: AWS::StepFunctions::StateMachine
                Properties:
                  RoleArn: !ImportValue shared-role
                  DefinitionString: !Sub '{"a": "${Currency}", "b": "${Currency}", "c": "${Api}", "d": "${Db.Endpoint}"}'
            """
        let thrown = #expect(throws: MissingValues.self) { try TemplatePlanner.plan(try evaluator(text)) }
        #expect(thrown?.list.map(\.name) == ["Currency", "Api", "Db.Endpoint", "shared-role"])
        #expect(thrown?.description.contains("--parameter Currency=VALUE") == true)
        #expect(thrown?.description.contains("parameter (String): Three letters") == true)
        let given = [
            "Currency": "EUR", "Api": "abc", "Db.Endpoint": "x", "shared-role": "arn:aws:iam::111122223333:role/r",
        ]
        let plan = try TemplatePlanner.plan(try evaluator(text, given))
        #expect(plan.machines[0].definition.text == #"{"a": "EUR", "b": "EUR", "c": "abc", "d": "x"}"#)
        #expect(plan.machines[0].roleARN == "arn:aws:iam::111122223333:role/r")
    }

    @Test("SAM's properties become CloudFormation's: role, version, alias, tags, logging.")
    func serverless() throws {
        let text = """
            Transform: AWS::Serverless-2016-10-31
            Globals:
              StateMachine:
                Tracing: { Enabled: true }
                Tags: { team: kitchen, stage: dev }
            Resources:
              Pay:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Name: pay
                  Type: EXPRESS
                  AutoPublishAlias: live
                  Tags: { stage: prod }
                  Logging: { Level: ALL, IncludeExecutionData: "true" }
                  Definition: { StartAt: A, States: { A: { Type: Succeed } } }
                  Events:
                    Nightly: { Type: Schedule }
            """
        let plan = try TemplatePlanner.plan(try evaluator(text))
        let machine = plan.machines[0]
        #expect(machine.name == "pay" && machine.type == "EXPRESS")
        #expect(machine.roleARN == "arn:aws:iam::111122223333:role/PayRole")
        #expect(machine.settings["loggingConfiguration"] == ["level": "ALL", "includeExecutionData": true])
        #expect(machine.settings["tracingConfiguration"] == ["enabled": true])
        #expect(
            machine.tags == [
                ["key": "team", "value": "kitchen"], ["key": "stage", "value": "prod"],
                ["key": "newel:stack", "value": "shop"],
            ])
        #expect(plan.versions.map(\.machineARN) == ["arn:aws:states:eu-west-1:111122223333:stateMachine:pay"])
        #expect(plan.aliases.map(\.name) == ["live"])
        #expect(plan.notLoaded.count == 1 && plan.notLoaded[0].contains("Nightly (Schedule) of Pay"))
    }

    @Test("Machines come after those that they refer to, and only where their condition holds.")
    func order() throws {
        let text = """
            Conditions: { Never: !Equals [1, 2] }
            Resources:
              Parent:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Definition: { Child: !Ref Child }
              Off: { Type: AWS::Serverless::StateMachine, Condition: Never, Properties: { Definition: {} } }
              Child:
                Type: AWS::Serverless::StateMachine
                DependsOn: Grandchild
                Properties: { Definition: {} }
              Grandchild: { Type: AWS::Serverless::StateMachine, Properties: { Definition: {} } }
            """
        let plan = try TemplatePlanner.plan(try evaluator(text))
        #expect(plan.machines.map(\.logicalID) == ["Grandchild", "Child", "Parent"])
    }

    static let mistakes: [(text: String, words: String)] = [
        ("a: 1", "This is not a CloudFormation or SAM template"), ("a:\n\tb: 1", "This is not valid YAML"),
        (machine("DefinitonUri: a.json"), "Did you mean DefinitionUri?"),
        (machine("DefinitionUri: none.asl.json"), "there is no file /nowhere/none.asl.json"),
        (machine("DefinitionUri: { Bucket: b, Key: k }"), "is in S3"),
        (machine("DefinitionUri: s3://b/k"), "is in S3"), (machine("Type: EXPRESS"), "The machine has no definition"),
        (machine("Definition: { a: !Nothing 1 }"), "Fn::Nothing is not evaluated"),
        (machine("Definition: { a: !If [Absent, 1, 2] }"), "There is no condition Absent"),
        (
            "Conditions: { Never: !Equals [1, 2] }\n" + machine("Definition: { a: !GetAtt Off.Arn }")
                + "\n  Off: { Type: AWS::StepFunctions::Activity, Condition: Never, Properties: { Name: off } }",
            "Unresolved resource dependencies [Off] in the Resources block of the template. Its condition Never is false"
        ), (machine("Definition: { a: !Select [3, [1]] }"), "asks for element 3 of a list of 1"),
        (machine("Name: no name\n      Definition: {}"), "Invalid Name: 'no name'"),
        (machine("Role: none\n      Definition: {}"), "Invalid Role Arn: 'none'"),
        (machine("Type: EXPRES\n      Definition: {}"), "The type is \"EXPRES\""),
        (
            machine("Events: { Get: { Type: HttpApi } }\n      Definition: {}"),
            "Events.Get: a state machine has no events of type HttpApi"
        ),
        (machine("Name: !GetAtt M.Name\n      Definition: {}"), "refers to itself"),
        (
            "Resources: { M: { Type: AWS::StepFunctions::StateMachine, Properties: { DefinitionString: x } } }",
            "The machine has no RoleArn"
        ),
    ]

    private static func machine(_ properties: String) -> String {
        """
        Resources:
          M:
            Type: AWS::Serverless::StateMachine
            Properties:
              \(properties)
        """
    }

    @Test("What is wrong with a template is said with its place.", arguments: mistakes)
    func faults(text: String, words: String) {
        do {
            _ = try TemplatePlanner.plan(try evaluator(text))
            Issue.record("accepted: \(text)")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
            #expect("\(error)".hasPrefix("template.yaml"), "\(error)")
        }
    }

    @Test("A parameter that nothing asks for is a misspelt one.")
    func misspelt() throws {
        let text = "Parameters: { Stage: { Type: String } }\n" + Self.machine("Definition: { a: !Ref Stage }")
        #expect(throws: MissingValues.self) { try TemplatePlanner.plan(try evaluator(text, ["Stag": "x"])) }
        let thrown = #expect(throws: Exit.self) {
            try TemplatePlanner.plan(try evaluator(text, ["Stage": "x", "Stag": "x"]))
        }
        #expect(thrown?.description.contains("Did you mean Stage?") == true)
    }

    @Test("A resource that is misspelt is asked for with the name that is near.")
    func misspeltResource() throws {
        let text = """
            Mappings: { Sizes: { dev: { Cpu: 1 } } }
            Parameters: { Stage: { Type: String } }
            Resources:
              Refund: { Type: AWS::Serverless::Function }
              M:
                Type: AWS::Serverless::StateMachine
                Properties:
                  Definition: { a: !GetAtt Refnud.Arn, b: !Ref Refuns, c: !FindInMap [Sizes, !Ref Stage, Cpu] }
            """
        let thrown = #expect(throws: MissingValues.self) { try TemplatePlanner.plan(try evaluator(text)) }
        // The mapping's key is asked for, and not the mapping.
        #expect(thrown?.list.map(\.name) == ["Refnud.Arn", "Refuns", "Stage"])
        #expect(thrown?.list.filter { $0.meaning.contains("did you mean Refund?") }.count == 2)
    }

    static let misspeltNames: [(value: String, hint: String)] = [
        ("!GetAtt Refund.Arm", "did you mean Arn?"), ("!FindInMap [Size, dev, Cpu]", "did you mean Sizes?"),
        ("!Ref AWS::StackNam", "did you mean AWS::StackName?"),
    ]

    @Test(
        "A misspelt attribute, mapping or pseudo parameter is asked for with the name that is near.",
        arguments: misspeltNames)
    func misspeltName(value: String, hint: String) throws {
        let text = """
            Mappings: { Sizes: { dev: { Cpu: 1 } } }
            Resources:
              Refund: { Type: AWS::Serverless::Function }
              M: { Type: AWS::Serverless::StateMachine, Properties: { Definition: { a: \(value) } } }
            """
        let thrown = #expect(throws: MissingValues.self) { try TemplatePlanner.plan(try evaluator(text)) }
        #expect(thrown?.list.first?.meaning.contains(hint) == true, "\(String(describing: thrown))")
    }

    @Test("A dynamic reference is asked for wherever it is written.")
    func dynamicReferences() throws {
        let text = """
            Parameters: { Host: { Type: String, Default: "{{resolve:ssm:/host}}" } }
            Resources:
              M:
                Type: AWS::Serverless::StateMachine
                Properties: { Definition: { a: !Ref Host, b: !Sub "x-{{resolve:ssm:/db}}-${Host}" } }
            """
        let thrown = #expect(throws: MissingValues.self) { try TemplatePlanner.plan(try evaluator(text)) }
        #expect(thrown?.list.map(\.name) == ["resolve:ssm:/host", "resolve:ssm:/db"])
        let given = ["resolve:ssm:/host": "h", "resolve:ssm:/db": "d"]
        let plan = try TemplatePlanner.plan(try evaluator(text, given))
        #expect(try JSONValue.parse(plan.machines[0].definition.text) == ["a": "h", "b": "x-d-h"])
    }

    @Test("Rules and routes of the template that would start a machine are named as what is not set up.")
    func starters() throws {
        let text =
            Self.machine("Definition: {}") + """

                  Other: { Type: AWS::Serverless::StateMachine, Properties: { Definition: {} } }
                  Rule: { Type: AWS::Events::Rule, Properties: { Targets: [{ Arn: !GetAtt M.Arn }] } }
                  Method: { Type: AWS::ApiGateway::Method, Properties: { Integration: { Uri: !Sub "x/${M}" } } }
                  Api: { Type: AWS::Serverless::Api, Properties: { DefinitionBody: { a: !GetAtt M.Arn } } }
                  Topic: { Type: AWS::SNS::Topic }
                """
        let plan = try TemplatePlanner.plan(try evaluator(text))
        #expect(
            plan.notLoaded == [
                "Rule (AWS::Events::Rule) is not set up: it does not start M.",
                "Method (AWS::ApiGateway::Method) is not set up: it does not start M.",
                "Api (AWS::Serverless::Api) is not set up: it does not start M.",
            ])
    }

    static let constraints: [(parameter: String, value: String, words: String?)] = [
        ("Type: Number, MinValue: 1, MaxValue: 9", "5", nil),
        ("Type: Number, MinValue: 1", "0", "It must be 1 or more"),
        ("Type: Number, MaxValue: 9", "9.5", "It must be 9 or less"), ("Type: Number", "five", "Write a number"),
        ("Type: String, MinLength: 2, MaxLength: 3", "abc", nil),
        ("Type: String, MinLength: 2", "a", "It must have 2 characters or more"),
        ("Type: String, MaxLength: 2", "abc", "It must have 2 characters or fewer"),
        ("Type: String, AllowedPattern: '[a-z]+@x'", "me@x", nil),
        ("Type: String, AllowedPattern: '[a-z]+@x'", "me@xy", "It must match [a-z]+@x"),
        ("Type: String, AllowedPattern: 'a|b', ConstraintDescription: Write a or b", "ab", "Write a or b"),
        ("Type: String, AllowedValues: [a, b]", "c", "Write one of a, b"),
    ]

    @Test("The constraints of a parameter are CloudFormation's.", arguments: constraints)
    func parameterConstraints(parameter: String, value: String, words: String?) {
        let text = "Parameters: { P: { \(parameter) } }\n" + Self.machine("Definition: { a: !Ref P }")
        do {
            _ = try TemplatePlanner.plan(try evaluator(text, ["P": value]))
            #expect(words == nil)
        } catch {
            #expect(words.map { "\(error)".contains($0) } == true, "\(error)")
        }
    }

    @Test("The weights of an alias are 100 together.")
    func weights() {
        let text = """
            Resources:
              Live:
                Type: AWS::StepFunctions::StateMachineAlias
                Properties: { Name: live, RoutingConfiguration: [{ StateMachineVersionArn: a, Weight: 90 }] }
            """
        let thrown = #expect(throws: Findings.self) { try TemplatePlanner.plan(try evaluator(text)) }
        #expect(thrown?.description.contains("are 90 together") == true)
    }

    @Test("A circle of conditions is refused.")
    func circle() throws {
        let text =
            "Conditions: { A: { Condition: B }, B: { Condition: A } }\n"
            + Self.machine("Definition: { a: !If [A, 1, 2] }")
        #expect(throws: Findings.self) { try TemplatePlanner.plan(try evaluator(text)) }
    }
}
