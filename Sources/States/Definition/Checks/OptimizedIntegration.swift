// Which optimized integrations there are, and the fields that they cannot do without (integrations.md §4).

import Core

/// A service that Step Functions calls with parameters of its own, in contrast to `aws-sdk:…`.
enum OptimizedIntegration {
    private typealias Patterns = Set<ResourceForm.Pattern>

    private static let plain: Patterns = [.requestResponse]
    private static let job: Patterns = [.requestResponse, .sync]
    private static let callback: Patterns = [.requestResponse, .waitForTaskToken]

    private static let known: [String: [String: Patterns]] = [
        "lambda": ["invoke": callback],
        "sqs": ["sendMessage": callback],
        "sns": ["publish": callback],
        "events": ["putEvents": callback],
        "apigateway": ["invoke": callback],
        "http": ["invoke": plain],
        "states": ["startExecution": [.requestResponse, .sync, .sync2, .waitForTaskToken]],
        "ecs": ["runTask": [.requestResponse, .sync, .waitForTaskToken]],
        "batch": ["submitJob": job],
        "glue": ["startJobRun": job],
        "databrew": ["startJobRun": job],
        "mediaconvert": ["createJob": job],
        "dynamodb": all(["getItem", "putItem", "updateItem", "deleteItem"], plain),
        "bedrock": ["invokeModel": plain, "createModelCustomizationJob": job],
        "athena": all(["stopQueryExecution", "getQueryExecution", "getQueryResults"], plain).adding(
            ["startQueryExecution"], job),
        "codebuild": all(["stopBuild", "batchDeleteBuilds", "batchGetReports", "stopBuildBatch"], plain).adding(
            ["startBuild", "startBuildBatch", "retryBuildBatch", "deleteBuildBatch"], job),
        "sagemaker": all(["createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint"], plain).adding(
            [
                "createHyperParameterTuningJob", "createLabelingJob", "createProcessingJob", "createTrainingJob",
                "createTransformJob",
            ], job),
        "elasticmapreduce": all(
            [
                "setClusterTerminationProtection", "cancelStep", "modifyInstanceFleetByName",
                "modifyInstanceGroupByName",
            ], plain
        ).adding(["createCluster", "terminateCluster", "addStep"], job),
        "emr-containers": all(["createVirtualCluster"], plain).adding(["deleteVirtualCluster", "startJobRun"], job),
        "emr-serverless": all(
            [
                "createApplication", "startApplication", "stopApplication", "deleteApplication", "startJobRun",
                "cancelJobRun",
            ], job),
        "eks": all(["call"], plain).adding(
            [
                "createCluster", "deleteCluster", "createFargateProfile", "deleteFargateProfile", "createNodegroup",
                "deleteNodegroup", "runJob",
            ], job),
    ]

    private static let required: [String: [String]] = [
        "lambda:invoke": ["FunctionName"],
        "sqs:sendMessage": ["QueueUrl", "MessageBody"],
        "sns:publish": ["Message"],
        "dynamodb:putItem": ["TableName", "Item"],
        "dynamodb:getItem": ["TableName", "Key"],
        "dynamodb:updateItem": ["TableName", "Key"],
        "dynamodb:deleteItem": ["TableName", "Key"],
        "states:startExecution": ["StateMachineArn"],
        "events:putEvents": ["Entries"],
        "ecs:runTask": ["TaskDefinition"],
        "glue:startJobRun": ["JobName"],
        "apigateway:invoke": ["ApiEndpoint", "Method"],
        "http:invoke": ["ApiEndpoint", "Method"],
    ]

    /// Whether the service knows the form. SDK integrations are taken as they come: their list is AWS's whole API.
    static func isKnown(_ form: ResourceForm) -> Bool {
        switch form {
        case .lambdaFunction, .activity: true
        case .awsSDK(_, _, let pattern): pattern == .requestResponse || pattern == .waitForTaskToken
        case .integration(let service, let action, let pattern):
            known[service]?[action]?.contains(pattern) ?? false
        }
    }

    static func requiredFields(_ service: String, _ action: String) -> [String] {
        required["\(service):\(action)"] ?? []
    }

    private static func all(_ actions: [String], _ patterns: Patterns) -> [String: Patterns] {
        Dictionary(uniqueKeysWithValues: actions.map { ($0, patterns) })
    }
}

extension [String: Set<ResourceForm.Pattern>] {
    fileprivate func adding(_ actions: [String], _ patterns: Set<ResourceForm.Pattern>) -> Self {
        actions.reduce(into: self) { $0[$1] = patterns }
    }
}
