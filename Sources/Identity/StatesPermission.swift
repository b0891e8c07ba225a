// What a caller must be allowed for each Step Functions operation: which action on which resource.

package import JSON

/// An action and the resource it is checked on.
package struct Permission: Sendable, Equatable {
    package var action: String
    package var resource: String

    package init(action: String, resource: String) {
        self.action = action
        self.resource = resource
    }

    /// What the operation of that name needs with that request body, as in the service authorization reference of Step
    /// Functions. Setting a machine's role needs `iam:PassRole` on the role besides. A resource that the body does not
    /// name is `*`.
    package static func needed(
        forStates operation: String, input: JSONValue, account: String, region: String, partition: String = "aws"
    ) -> [Permission] {
        let own = "arn:\(partition):states:\(region):\(account):"
        var resource = "*"
        if let kind = created[operation] {
            resource = own + kind + ":" + (input["name"]?.stringValue ?? "*")
        } else if let field = named[operation] {
            resource = input[field]?.stringValue ?? "*"
        }
        if operation == "ListExecutions", let mapRun = input["mapRunArn"]?.stringValue { resource = mapRun }
        var needed = [Permission(action: "states:" + operation, resource: resource)]
        if passing.contains(operation), let role = input["roleArn"]?.stringValue {
            needed.append(Permission(action: "iam:PassRole", resource: role))
        }
        return needed
    }

    /// Operations that make a resource, and its kind.
    private static let created = ["CreateStateMachine": "stateMachine", "CreateActivity": "activity"]

    private static let passing: Set<String> = ["CreateStateMachine", "UpdateStateMachine", "TestState"]

    /// The member of the request that names the resource. SendTask* carry a token alone and are checked on `*`, as are
    /// the operations that list everything.
    private static let named: [String: String] = [
        "StartExecution": "stateMachineArn",
        "StartSyncExecution": "stateMachineArn",
        "DescribeStateMachine": "stateMachineArn",
        "UpdateStateMachine": "stateMachineArn",
        "DeleteStateMachine": "stateMachineArn",
        "ListExecutions": "stateMachineArn",
        "PublishStateMachineVersion": "stateMachineArn",
        "ListStateMachineVersions": "stateMachineArn",
        "ListStateMachineAliases": "stateMachineArn",
        "DeleteStateMachineVersion": "stateMachineVersionArn",
        "DescribeStateMachineAlias": "stateMachineAliasArn",
        "UpdateStateMachineAlias": "stateMachineAliasArn",
        "DeleteStateMachineAlias": "stateMachineAliasArn",
        "DescribeExecution": "executionArn",
        "StopExecution": "executionArn",
        "GetExecutionHistory": "executionArn",
        "RedriveExecution": "executionArn",
        "DescribeStateMachineForExecution": "executionArn",
        "ListMapRuns": "executionArn",
        "DescribeMapRun": "mapRunArn",
        "UpdateMapRun": "mapRunArn",
        "DescribeActivity": "activityArn",
        "DeleteActivity": "activityArn",
        "GetActivityTask": "activityArn",
        "TagResource": "resourceArn",
        "UntagResource": "resourceArn",
        "ListTagsForResource": "resourceArn",
    ]
}
