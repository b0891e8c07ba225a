// AWS's managed policies that come along, by name.

import JSON

extension IdentityCatalog {
    /// Path and name behind `arn:aws:iam::aws:policy/`, and the statement.
    static let awsManagedPolicies: [(name: String, statement: JSONValue)] = [
        (
            "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
            allow([
                "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
                "logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents",
            ])
        ),
        (
            "service-role/AWSLambdaBasicExecutionRole",
            allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])
        ),
        ("service-role/AWSLambdaRole", allow(["lambda:InvokeFunction"])),
        ("AWSStepFunctionsFullAccess", allow(["states:*"])),
        (
            "AWSStepFunctionsReadOnlyAccess",
            allow([
                "states:ListStateMachines", "states:ListActivities", "states:DescribeStateMachine",
                "states:DescribeStateMachineForExecution", "states:ListExecutions", "states:DescribeExecution",
                "states:GetExecutionHistory", "states:DescribeActivity", "states:ListStateMachineAliases",
                "states:DescribeStateMachineAlias", "states:ListStateMachineVersions", "states:ListMapRuns",
                "states:DescribeMapRun", "states:ListTagsForResource",
            ])
        ),
    ]

    private static func allow(_ actions: [JSONValue]) -> JSONValue {
        ["Version": "2012-10-17", "Statement": [["Effect": "Allow", "Action": .array(actions), "Resource": "*"]]]
    }
}
