// TestState in the interpreter: what the recorded cases leave open.

import Core
import JSON
import States
import Testing

@Suite("A state that is tested")
struct StateTestTests {
    private func run(
        _ definition: String, stateName: String? = nil, input: String = "{}", mock: MockOutcome? = nil,
        variables: JSONObject = [:], configuration: StateTest.Configuration = StateTest.Configuration(),
        texts: [String] = []
    ) throws -> StateTestResult {
        let (machine, state) = try StateMachine.forTest(definition, stateName: stateName, limits: Limits())
        var test = StateTest(
            machine: machine, state: state, input: Payload(text: input, value: try JSONValue.parse(input)),
            mock: mock.map { StateTest.Mock($0) }, variables: variables, configuration: configuration)
        test.texts = texts
        let identity = Execution.Identity(
            id: -2, arn: "arn:aws:states:us-east-1:000000000000:express:m:e", name: "e",
            machineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", machineName: "m", isSynchronous: true)
        var run = StateTestRun(
            test, identity: identity, now: Timestamp(milliseconds: 1_700_000_000_000), seed: 1, limits: Limits())
        #expect(run.start(Surroundings()) == nil)
        return run.result
    }

    @Test("Variables are seen and changed; the inspection shows all of them.")
    func variables() throws {
        let result = try run(
            #"{"Type":"Pass","Assign":{"b.$":"$a"},"Parameters":{"sum.$":"States.MathAdd($a,1)"},"End":true}"#,
            variables: ["a": 4])
        #expect(result.output == #"{"sum":5}"#)
        #expect(result.inspection.variables == #"{"a":4,"b":4}"#)
    }

    @Test("What a state does ends with it: no state behind it is entered.")
    func oneState() throws {
        let machine = """
            {"StartAt":"A","States":{"A":{"Type":"Pass","Result":1,"Next":"B"},"B":{"Type":"Fail","Error":"E"}}}
            """
        let first = try run(machine, stateName: "A")
        #expect(first.status == .succeeded && first.nextState == "B" && first.output == "1")
        let second = try run(machine, stateName: "B")
        #expect(second.status == .failed && second.failure == Failure(error: "E", cause: nil))
    }

    @Test("A Wait is not waited for.")
    func wait() throws {
        let result = try run(#"{"Type":"Wait","Seconds":86400,"Next":"N"}"#, input: #"{"a":1}"#)
        #expect(result.status == .succeeded && result.nextState == "N" && result.output == #"{"a":1}"#)
    }

    @Test(
        "A Retrier comes before a Catcher until its attempts are used up.",
        arguments: [(0, "RETRIABLE"), (2, "CAUGHT_ERROR")])
    func retryBeforeCatch(made: Int, status: String) throws {
        let definition = """
            {"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage",
             "Parameters":{"QueueUrl":"q","MessageBody":"b"},"End":true,
             "Retry":[{"ErrorEquals":["E"],"IntervalSeconds":3,"BackoffRate":2,"MaxAttempts":2}],
             "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}]}
            """
        let result = try run(
            definition, mock: .failure(Failure(error: "E", cause: "why")),
            configuration: StateTest.Configuration(retryCount: made))
        #expect(result.status.rawValue == status)
        #expect(result.failure == Failure(error: "E", cause: "why"))
        #expect(result.inspection.retry?.seconds == (made == 0 ? 3 : nil))
        #expect(result.inspection.catchIndex == (made == 0 ? nil : 0))
    }

    @Test("ItemSelector is shown for each item; more failures than are tolerated fail the Map.")
    func map() throws {
        let definition = """
            {"Type":"Map","ItemsPath":"$.xs","ItemSelector":{"v.$":"$$.Map.Item.Value"},
             "ToleratedFailurePercentage":40,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},
             "End":true}
            """
        let input = #"{"xs":[1,2]}"#
        let good = try run(definition, input: input, mock: .result([3, 4]))
        #expect(good.output == "[3,4]")
        #expect(good.inspection.values.contains { $0.name == "afterItemSelector" && $0.text == #"[{"v":1},{"v":2}]"# })
        let bad = try run(
            definition, input: input, mock: .result([3, 4]),
            configuration: StateTest.Configuration(iterationFailures: 1))
        #expect(bad.failure?.error == "States.ExceedToleratedFailureThreshold")
    }

    @Test(
        "Map and Parallel show a value that no field has changed as it was written.",
        arguments: [
            (
                #""Type":"Parallel","Branches":[\#(branch),\#(secondBranch)]"#, #"{"a": 1}"#,
                #"[{"b": [1.0]}, "\u0063"]"#,
                #"[{"b": [1.0]}, "\u0063"]"#, ["afterResultSelector": #"[{"b": [1.0]}, "\u0063"]"#]
            ),
            (
                #""Type":"Map","ItemsPath":"$.xs[1]","ItemProcessor":\#(branch)"#, #"{"xs": [0, [ 1,2 ]]}"#,
                "[3, 4]", "[3, 4]", ["afterInputPath": #"{"xs": [0, [ 1,2 ]]}"#, "afterItemsPath": "[ 1,2 ]"]
            ),
            // Where a name occurs twice the last value counts.
            (
                #""Type":"Map","ItemsPath":"$.x","ItemProcessor":\#(branch)"#, #"{"x": [1, 1], "y": 0, "x": [2, 2]}"#,
                "[3, 4]", "[3, 4]", ["afterItemsPath": "[2,2]"]
            ),
            (
                #""Type":"Map","ResultPath":"$.r","ItemsPath":"$.xs","ItemProcessor":\#(branch)"#, #"{"xs": [1, 2]}"#,
                "[3, 4]", #"{"xs":[1,2],"r":[3,4]}"#, ["afterResultSelector": "[3, 4]"]
            ),
        ])
    func writtenTexts(
        _ fields: String, _ input: String, _ mock: String, _ output: String, _ inspection: [String: String]
    ) throws {
        let result = try run(
            "{\(fields),\"End\":true}", input: input, mock: .result(try JSONValue.parse(mock)), texts: [mock])
        #expect(result.output == output)
        #expect(result.inspection.input == input)
        for (name, text) in inspection {
            #expect(result.inspection.values.first { $0.name == name }?.text == text, "\(name)")
        }
    }

    private static let branch = #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#
    private static let secondBranch = #"{"StartAt":"Q","States":{"Q":{"Type":"Pass","End":true}}}"#

    static let refusals: [(String, String, String)] = [
        (#"{"other":"m"}"#, "sns:publish", ""),
        (#"{"MessageId":"m","SdkHttpMetadata":{}}"#, "sns:publish", ""),
        (#"{"Payload":{"any":1},"StatusCode":200}"#, "lambda:invoke", ""),
        (#"{"SdkHttpMetadata":{}}"#, "lambda:invoke", ""),
        (#"{"StatusCode":true}"#, "lambda:invoke", "Field 'StatusCode' must be a number"),
        (#"{"MessageId":1}"#, "sqs:sendMessage", "Field 'MessageId' must be a string"),
        (#"{"Item":{"a":{"L":[]}}}"#, "dynamodb:getItem", ""),
        (#"{"Item":{"a":{"S":1}}}"#, "dynamodb:getItem", "Field 'S' must be a string"),
        (#"{"Status":"GONE"}"#, "aws-sdk:sfn:describeExecution", "Required field 'ExecutionArn' is missing"),
        (#"[1]"#, "aws-sdk:unknown:action", ""),
        ("nonsense", "aws-sdk:unknown:action", "Mocked result must be valid JSON"),
    ]

    @Test("A mock may have fields that the response does not have; Input and Output of a job are texts.")
    func presentFields() throws {
        let definition =
            #"{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","#
            + #""Parameters":{"StateMachineArn":"m"},"End":true}"#
        let (_, state) = try StateMachine.forTest(definition, stateName: nil, limits: Limits())
        let known = #""ExecutionArn":"e","StateMachineArn":"m","Status":"SUCCEEDED","StartDate":"2025-01-01T00:00:00Z""#
        func message(_ fields: String, _ mode: FieldValidationMode) -> String? {
            do throws(StateTestRefusal) {
                _ = try MockChecks.result("{\(known),\(fields)}", of: state, mode: mode)
                return nil
            } catch { if case .validation(let message) = error { return message } else { return "\(error)" } }
        }
        #expect(message(#""Input":"{}","Output":"{}","InputDetails":{"Included":true}"#, .strict) == nil)
        let prefix = "Mock result schema validation error: "
        for mode in [FieldValidationMode.strict, .present] {
            #expect(message(#""Output":{"a":1}"#, mode) == prefix + "Field 'Output' must be a string")
            #expect(message(#""Input":1"#, mode) == prefix + "Field 'Input' must be a string")
        }
        #expect(message(#""Outptu":"{}""#, .strict) == nil)
        #expect(message(#""Outptu":"{}""#, .present) == nil)
        #expect(message(#""Output":{"a":1}"#, .none) == nil)
    }

    @Test("A mocked result is compared with what the service answers.", arguments: refusals)
    func schemas(result: String, resource: String, reason: String) throws {
        var parameters = #""FunctionName":"f""#
        if resource.hasPrefix("sqs") { parameters = #""QueueUrl":"q","MessageBody":"b""# }
        if resource.hasPrefix("sns") { parameters = #""TopicArn":"t","Message":"m""# }
        if resource.hasPrefix("events") { parameters = #""Entries":[]"# }
        if resource.hasPrefix("dynamodb") { parameters = #""TableName":"t","Key":{}"# }
        let definition =
            #"{"Type":"Task","Resource":"arn:aws:states:::\#(resource)","Parameters":{\#(parameters)},"End":true}"#
        let (_, state) = try StateMachine.forTest(definition, stateName: nil, limits: Limits())
        do throws(StateTestRefusal) {
            _ = try MockChecks.result(result, of: state, mode: .strict)
            #expect(reason.isEmpty)
        } catch {
            guard case .validation(let message) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(message.hasSuffix(reason) && !reason.isEmpty)
        }
    }
}
