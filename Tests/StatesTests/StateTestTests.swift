// TestState in the interpreter: what the recorded cases leave open.

import JSON
import States
import Testing

@Suite("A state that is tested")
struct StateTestTests {
    private func run(
        _ definition: String, stateName: String? = nil, input: String = "{}", mock: MockOutcome? = nil,
        variables: [String: JSONValue] = [:], configuration: StateTest.Configuration = StateTest.Configuration()
    ) throws -> StateTestResult {
        let (machine, state) = try StateMachine.forTest(definition, stateName: stateName, limits: Limits())
        let test = StateTest(
            machine: machine, state: state, input: Payload(text: input, value: try JSONValue.parse(input)),
            mock: mock.map { StateTest.Mock($0) }, variables: variables, configuration: configuration)
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

    static let refusals: [(String, String, String)] = [
        (#"{"SdkHttpMetadata":{}}"#, "lambda:invoke", ""),
        (#"{"StatusCode":true}"#, "lambda:invoke", "Field 'StatusCode' must be a number"),
        (#"{"MessageId":1}"#, "sqs:sendMessage", "Field 'MessageId' must be a string"),
        (#"{"Item":{"a":{"L":[]}}}"#, "dynamodb:getItem", ""),
        (#"{"Item":{"a":{"S":1}}}"#, "dynamodb:getItem", "Field 'S' must be a string"),
        (#"{"Status":"GONE"}"#, "aws-sdk:sfn:describeExecution", "Required field 'ExecutionArn' is missing"),
        (#"[1]"#, "aws-sdk:unknown:action", ""),
        ("nonsense", "aws-sdk:unknown:action", "Mocked result must be valid JSON"),
    ]

    @Test("A mocked result is compared with what the service answers.", arguments: refusals)
    func schemas(result: String, resource: String, reason: String) throws {
        var parameters = #""FunctionName":"f""#
        if resource.hasPrefix("sqs") { parameters = #""QueueUrl":"q","MessageBody":"b""# }
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
