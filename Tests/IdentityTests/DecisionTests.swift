// The texts of refusals, and what each Step Functions operation needs.

import Identity
import JSON
import Testing

@Suite("Decisions")
struct DecisionTests {
    @Test(
        "The message says which layer refuses, as AWS does.",
        arguments: [
            (Verdict.implicitDeny(.identity), " because no identity-based policy allows the s:A action"),
            (.implicitDeny(.boundary), " because no permissions boundary allows the s:A action"),
            (.implicitDeny(.session), " because no session policy allows the s:A action"),
            (.implicitDeny(.trust), " because no role trust policy allows the s:A action"),
            (.explicitDeny(.identity), " with an explicit deny in an identity-based policy"),
            (.explicitDeny(.boundary), " with an explicit deny in a permissions boundary"),
            (.explicitDeny(.session), " with an explicit deny in a session policy"),
            (.explicitDeny(.trust), " with an explicit deny in the role trust policy"),
        ])
    func messages(verdict: Verdict, ending: String) {
        let decision = Decision(verdict: verdict, caller: "arn:c", action: "s:A", resource: "arn:r")
        #expect(decision.message == "User: arn:c is not authorized to perform: s:A on resource: arn:r" + ending)
        #expect(!decision.isAllowed)
    }

    @Test("An allowed request has no message.")
    func allowed() {
        #expect(Decision(verdict: .allow, caller: "c", action: "a", resource: "r").message == nil)
    }

    @Test(
        "Each operation is checked on its own resource.",
        arguments: [
            ("StartExecution", #"{"stateMachineArn":"m:alias"}"#, ["states:StartExecution m:alias"]),
            ("StartSyncExecution", #"{"stateMachineArn":"m"}"#, ["states:StartSyncExecution m"]),
            ("DescribeExecution", #"{"executionArn":"e"}"#, ["states:DescribeExecution e"]),
            ("StopExecution", #"{"executionArn":"e"}"#, ["states:StopExecution e"]),
            ("GetExecutionHistory", #"{"executionArn":"e"}"#, ["states:GetExecutionHistory e"]),
            ("RedriveExecution", #"{"executionArn":"e"}"#, ["states:RedriveExecution e"]),
            (
                "DescribeStateMachineForExecution", #"{"executionArn":"e"}"#,
                ["states:DescribeStateMachineForExecution e"]
            ),
            ("DescribeStateMachine", #"{"stateMachineArn":"m"}"#, ["states:DescribeStateMachine m"]),
            ("DeleteStateMachine", #"{"stateMachineArn":"m"}"#, ["states:DeleteStateMachine m"]),
            ("ListExecutions", #"{"stateMachineArn":"m"}"#, ["states:ListExecutions m"]),
            ("ListExecutions", #"{"mapRunArn":"r"}"#, ["states:ListExecutions r"]),
            ("UpdateStateMachine", #"{"stateMachineArn":"m"}"#, ["states:UpdateStateMachine m"]),
            (
                "UpdateStateMachine", #"{"stateMachineArn":"m","roleArn":"r"}"#,
                ["states:UpdateStateMachine m", "iam:PassRole r"]
            ),
            (
                "CreateStateMachine", #"{"name":"n","roleArn":"r"}"#,
                ["states:CreateStateMachine arn:aws:states:us-east-1:0:stateMachine:n", "iam:PassRole r"]
            ),
            ("CreateActivity", #"{"name":"n"}"#, ["states:CreateActivity arn:aws:states:us-east-1:0:activity:n"]),
            ("GetActivityTask", #"{"activityArn":"a"}"#, ["states:GetActivityTask a"]),
            ("SendTaskSuccess", #"{"taskToken":"t"}"#, ["states:SendTaskSuccess *"]),
            ("ListStateMachines", "{}", ["states:ListStateMachines *"]),
            ("ListActivities", "{}", ["states:ListActivities *"]),
            ("StartExecution", #"{"stateMachineArn":5}"#, ["states:StartExecution *"]),
            ("StartExecution", "[]", ["states:StartExecution *"]),
        ])
    func permissions(operation: String, input: String, needed: [String]) throws {
        let permissions = Permission.needed(
            forStates: operation, input: try JSONValue.parse(input), account: "0", region: "us-east-1")
        #expect(permissions.map { "\($0.action) \($0.resource)" } == needed)
    }

    @Test("The resource of a request without one is matched by a bare star alone.")
    func starResource() throws {
        func allowed(_ pattern: String) throws -> Bool {
            let document: JSONValue = ["Statement": ["Effect": "Allow", "Action": "s:*", "Resource": .string(pattern)]]
            let policy = try PolicyDocument(document, kind: .identity)
            return PolicyLayers(identity: [policy]).decide(action: "s:A", resource: "*", context: [:]) == .allow
        }
        #expect(try allowed("*"))
        #expect(try !allowed("arn:aws:states:*:*:*"))
    }
}
