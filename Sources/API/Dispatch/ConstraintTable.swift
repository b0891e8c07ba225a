// Members and constraints of every operation of the service, from its model (api.md §4, §5).

extension Shape {
    static func text(
        _ min: Int = 0, max: Int? = nil, pattern: StringRule.Pattern? = nil, isSensitive: Bool = false
    ) -> Shape {
        .string(
            StringRule(min: min, max: max.map { .characters($0) }, pattern: pattern, isSensitive: isSensitive))
    }

    static let arn = text(1, max: 256)
    static let longARN = text(1, max: 2000)
    static let name = text(1, max: 80)
    static let definition = Shape.string(StringRule(min: 1, max: .definition, isSensitive: true))
    static let payload = Shape.string(StringRule(max: .payload, isSensitive: true))
    static let error = text(max: 256, isSensitive: true)
    static let cause = text(max: 32_768, isSensitive: true)
    static let pageSize = Shape.integer(min: 0, max: 1000)
    static let taskToken = text(1, max: 2048)
    static let pageToken = text(1, max: 1024)
    static let includedData = Shape.enumeration(["ALL_DATA", "METADATA_ONLY"])
    static let machineType = Shape.enumeration(["STANDARD", "EXPRESS"])
    static let versionDescription = text(max: 256, isSensitive: true)
    static let traceHeader = text(max: 256, pattern: .ascii)
    /// In the order of the service's own message.
    static let statusFilter = Shape.enumeration([
        "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING",
    ])

    static let loggingConfiguration = Shape.structure([
        .optional("level", .enumeration(["ALL", "ERROR", "FATAL", "OFF"])),
        .optional("includeExecutionData", .boolean),
        .optional(
            "destinations",
            .list(
                of: .structure([
                    .optional("cloudWatchLogsLogGroup", .structure([.optional("logGroupArn", .arn)]))
                ]))),
    ])
    static let tracingConfiguration = Shape.structure([.optional("enabled", .boolean)])
    static let encryptionConfiguration = Shape.structure([
        .optional("kmsKeyId", .text(1, max: 2048)),
        .optional("kmsDataKeyReusePeriodSeconds", .integer(min: 60, max: 900)),
        .required("type", .enumeration(["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"])),
    ])
    static let tagKey = text(1, max: 128)
    static let tags = Shape.list(of: .structure([.optional("key", .tagKey), .optional("value", .text(max: 256))]))
    static let aliasName = text(1, max: 80, pattern: .aliasName)
    static let routingConfiguration = Shape.list(
        of: .structure(
            named: "RoutingConfigurationListItem",
            [.required("stateMachineVersionArn", .arn), .required("weight", .integer(min: 0, max: 100))]),
        sizes: 1...2)
    static let stateName = text(1, max: 80, isSensitive: true)
    static let mock = Shape.structure([
        .optional("result", .payload),
        .optional("errorOutput", .structure([.optional("error", .error), .optional("cause", .cause)])),
        .optional("fieldValidationMode", .enumeration(["STRICT", "PRESENT", "NONE"])),
    ])
    static let testStateConfiguration = Shape.structure([
        .optional("retrierRetryCount", .integer(min: 0)), .optional("errorCausedByState", .stateName),
        .optional("mapIterationFailureCount", .integer(min: 0)), .optional("mapItemReaderData", .payload),
    ])
}

/// Operation → its members, in the model's order, which is that of the clauses in a message.
enum ConstraintTable {
    static let members: [String: [Member]] = [
        "CreateActivity": [
            .required("name", .name), .optional("tags", .tags),
            .optional("encryptionConfiguration", .encryptionConfiguration),
        ],
        "CreateStateMachine": [
            .required("name", .name), .required("definition", .definition), .required("roleArn", .arn),
            .optional("type", .machineType), .optional("loggingConfiguration", .loggingConfiguration),
            .optional("tags", .tags), .optional("tracingConfiguration", .tracingConfiguration),
            .optional("publish", .boolean), .optional("versionDescription", .versionDescription),
            .optional("encryptionConfiguration", .encryptionConfiguration),
        ],
        "CreateStateMachineAlias": [
            .optional("description", .versionDescription), .required("name", .aliasName),
            .required("routingConfiguration", .routingConfiguration),
        ],
        "DeleteActivity": [.required("activityArn", .arn)],
        "DeleteStateMachine": [.required("stateMachineArn", .arn)],
        "DeleteStateMachineAlias": [.required("stateMachineAliasArn", .arn)],
        "DeleteStateMachineVersion": [.required("stateMachineVersionArn", .longARN)],
        "DescribeActivity": [.required("activityArn", .arn)],
        "DescribeExecution": [.required("executionArn", .arn), .optional("includedData", .includedData)],
        "DescribeMapRun": [.required("mapRunArn", .longARN)],
        "DescribeStateMachine": [.required("stateMachineArn", .arn), .optional("includedData", .includedData)],
        "DescribeStateMachineAlias": [.required("stateMachineAliasArn", .arn)],
        "DescribeStateMachineForExecution": [
            .required("executionArn", .arn), .optional("includedData", .includedData),
        ],
        "GetActivityTask": [.required("activityArn", .arn), .optional("workerName", .name)],
        "GetExecutionHistory": [
            .required("executionArn", .arn), .optional("maxResults", .pageSize), .optional("reverseOrder", .boolean),
            .optional("nextToken", .pageToken), .optional("includeExecutionData", .boolean),
        ],
        "ListActivities": [.optional("maxResults", .pageSize), .optional("nextToken", .pageToken)],
        "ListExecutions": [
            .optional("stateMachineArn", .arn), .optional("statusFilter", .statusFilter),
            .optional("maxResults", .pageSize), .optional("nextToken", .text(1, max: 3096)),
            .optional("mapRunArn", .longARN),
            .optional("redriveFilter", .enumeration(["REDRIVEN", "NOT_REDRIVEN"])),
        ],
        "ListMapRuns": [
            .required("executionArn", .arn), .optional("maxResults", .pageSize), .optional("nextToken", .pageToken),
        ],
        "ListStateMachineAliases": [
            .required("stateMachineArn", .arn), .optional("nextToken", .pageToken), .optional("maxResults", .pageSize),
        ],
        "ListStateMachineVersions": [
            .required("stateMachineArn", .arn), .optional("nextToken", .pageToken), .optional("maxResults", .pageSize),
        ],
        "ListStateMachines": [.optional("maxResults", .pageSize), .optional("nextToken", .pageToken)],
        "ListTagsForResource": [.required("resourceArn", .arn)],
        "PublishStateMachineVersion": [
            .required("stateMachineArn", .arn), .optional("revisionId", .text()),
            .optional("description", .versionDescription),
        ],
        "RedriveExecution": [
            .required("executionArn", .arn), .optional("clientToken", .text(1, max: 64, pattern: .printableASCII)),
        ],
        "SendTaskFailure": [
            .required("taskToken", .taskToken), .optional("error", .error), .optional("cause", .cause),
        ],
        "SendTaskHeartbeat": [.required("taskToken", .taskToken)],
        "SendTaskSuccess": [.required("taskToken", .taskToken), .required("output", .payload)],
        "StartExecution": [
            .required("stateMachineArn", .arn), .optional("name", .name), .optional("input", .payload),
            .optional("traceHeader", .traceHeader),
        ],
        "StartSyncExecution": [
            .required("stateMachineArn", .arn), .optional("name", .name), .optional("input", .payload),
            .optional("traceHeader", .traceHeader), .optional("includedData", .includedData),
        ],
        "StopExecution": [
            .required("executionArn", .arn), .optional("error", .error), .optional("cause", .cause),
        ],
        "TagResource": [.required("resourceArn", .arn), .required("tags", .tags)],
        "TestState": [
            .required("definition", .definition), .optional("roleArn", .arn), .optional("input", .payload),
            .optional("inspectionLevel", .enumeration(["INFO", "DEBUG", "TRACE"])),
            .optional("revealSecrets", .boolean), .optional("variables", .payload),
            .optional("stateName", .stateName), .optional("mock", .mock), .optional("context", .payload),
            .optional("stateConfiguration", .testStateConfiguration),
        ],
        "UntagResource": [.required("resourceArn", .arn), .required("tagKeys", .list(of: .tagKey))],
        "UpdateMapRun": [
            .required("mapRunArn", .longARN), .optional("maxConcurrency", .integer(min: 0)),
            .optional("toleratedFailurePercentage", .number(min: 0, max: 100)),
            .optional("toleratedFailureCount", .long(min: 0)),
        ],
        "UpdateStateMachine": [
            .required("stateMachineArn", .arn), .optional("definition", .definition), .optional("roleArn", .arn),
            .optional("loggingConfiguration", .loggingConfiguration),
            .optional("tracingConfiguration", .tracingConfiguration), .optional("publish", .boolean),
            .optional("versionDescription", .versionDescription),
            .optional("encryptionConfiguration", .encryptionConfiguration),
        ],
        "UpdateStateMachineAlias": [
            .required("stateMachineAliasArn", .arn), .optional("description", .versionDescription),
            .optional("routingConfiguration", .routingConfiguration),
        ],
        "ValidateStateMachineDefinition": [
            .required("definition", .definition), .optional("type", .machineType),
            .optional("severity", .enumeration(["ERROR", "WARNING"])),
            .optional("maxResults", .integer(min: 0, max: 100)),
        ],
    ]
}
