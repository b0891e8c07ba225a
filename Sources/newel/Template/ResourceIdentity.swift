// What `Ref` and `Fn::GetAtt` return for resources that Newel does not make itself, by CloudFormation's reference of
// return values.

import Core
import JSON

/// How a resource type is named and identified.
struct ResourceIdentity: Sendable {
    /// What `Ref` returns.
    enum Reference: Sendable {
        case name
        case arn
        /// A format with the fields of `arn`.
        case text(String)
        /// AWS alone knows it, as with the id of a REST API.
        case unknown
    }

    /// The property with the physical name, `nil` where the type has none.
    var nameProperty: String?
    /// The ARN: `{p}` partition, `{r}` region, `{a}` account, `{n}` name, `{d}` the path of a role.
    var arn: String?
    var reference = Reference.name
    /// Attributes of `Fn::GetAtt` beside `Arn`, as formats. `{arn}` is the ARN.
    var attributes: [String: String] = [:]
    /// Whether a name that the template does not give is in small letters.
    var isLowercase = false

    /// The table's row for a type; `nil` where AWS alone knows what identifies the resource.
    static func of(_ type: String) -> ResourceIdentity? { table[type] }

    private static func named(
        _ property: String, _ service: String, _ resource: String, _ reference: Reference = .name,
        _ attributes: [String: String] = [:]
    ) -> ResourceIdentity {
        ResourceIdentity(
            nameProperty: property, arn: "arn:{p}:\(service):{r}:{a}:\(resource)", reference: reference,
            attributes: attributes)
    }

    private static let function = named("FunctionName", "lambda", "function:{n}")
    private static let table: [String: ResourceIdentity] = compute.merging(data) { $1 }.merging(others) { $1 }

    private static let compute: [String: ResourceIdentity] = [
        "AWS::StepFunctions::StateMachine": named(
            "StateMachineName", "states", "stateMachine:{n}", .arn, ["Name": "{n}"]),
        "AWS::StepFunctions::Activity": named("Name", "states", "activity:{n}", .arn, ["Name": "{n}"]),
        "AWS::Lambda::Function": function,
        "AWS::Serverless::Function": function,
        "AWS::Lambda::LayerVersion": named(
            "LayerName", "lambda", "layer:{n}:1", .arn, ["LayerVersionArn": "{arn}"]),
        "AWS::Batch::JobQueue": named("JobQueueName", "batch", "job-queue/{n}", .arn, ["JobQueueArn": "{arn}"]),
        "AWS::Batch::JobDefinition": named(
            "JobDefinitionName", "batch", "job-definition/{n}:1", .arn, ["JobDefinitionArn": "{arn}"]),
        "AWS::Batch::ComputeEnvironment": named(
            "ComputeEnvironmentName", "batch", "compute-environment/{n}", .arn, ["ComputeEnvironmentArn": "{arn}"]),
        "AWS::ECS::Cluster": named("ClusterName", "ecs", "cluster/{n}"),
        "AWS::ECS::TaskDefinition": named(
            "Family", "ecs", "task-definition/{n}:1", .arn, ["TaskDefinitionArn": "{arn}"]),
        "AWS::CodeBuild::Project": named("Name", "codebuild", "project/{n}"),
        "AWS::Glue::Job": named("Name", "glue", "job/{n}"),
        "AWS::Glue::Crawler": named("Name", "glue", "crawler/{n}"),
        "AWS::Athena::WorkGroup": named("Name", "athena", "workgroup/{n}"),
        "AWS::ECR::Repository": named("RepositoryName", "ecr", "repository/{n}"),
    ]

    private static let data: [String: ResourceIdentity] = [
        "AWS::DynamoDB::Table": named("TableName", "dynamodb", "table/{n}"),
        "AWS::DynamoDB::GlobalTable": named("TableName", "dynamodb", "table/{n}"),
        "AWS::Serverless::SimpleTable": named("TableName", "dynamodb", "table/{n}"),
        "AWS::SQS::Queue": named(
            "QueueName", "sqs", "{n}", .text("https://sqs.{r}.amazonaws.com/{a}/{n}"),
            ["QueueName": "{n}", "QueueUrl": "https://sqs.{r}.amazonaws.com/{a}/{n}"]),
        "AWS::SNS::Topic": named("TopicName", "sns", "{n}", .arn, ["TopicArn": "{arn}", "TopicName": "{n}"]),
        "AWS::S3::Bucket": ResourceIdentity(
            nameProperty: "BucketName", arn: "arn:{p}:s3:::{n}",
            attributes: [
                "DomainName": "{n}.s3.amazonaws.com", "RegionalDomainName": "{n}.s3.{r}.amazonaws.com",
            ], isLowercase: true),
        "AWS::Kinesis::Stream": named("Name", "kinesis", "stream/{n}"),
        "AWS::KinesisFirehose::DeliveryStream": named(
            "DeliveryStreamName", "firehose", "deliverystream/{n}"),
        "AWS::RDS::DBCluster": ResourceIdentity(
            nameProperty: "DBClusterIdentifier", arn: "arn:{p}:rds:{r}:{a}:cluster:{n}",
            attributes: ["DBClusterArn": "{arn}"], isLowercase: true),
        "AWS::ElasticFileSystem::AccessPoint": ResourceIdentity(reference: .unknown),
    ]

    private static let others: [String: ResourceIdentity] = [
        "AWS::IAM::Role": ResourceIdentity(nameProperty: "RoleName", arn: "arn:{p}:iam::{a}:role{d}{n}"),
        "AWS::IAM::ManagedPolicy": ResourceIdentity(
            nameProperty: "ManagedPolicyName", arn: "arn:{p}:iam::{a}:policy{d}{n}", reference: .arn,
            attributes: ["PolicyArn": "{arn}"]),
        "AWS::IAM::User": ResourceIdentity(nameProperty: "UserName", arn: "arn:{p}:iam::{a}:user{d}{n}"),
        "AWS::Logs::LogGroup": named("LogGroupName", "logs", "log-group:{n}:*"),
        "AWS::Events::EventBus": named("Name", "events", "event-bus/{n}", .name, ["Name": "{n}"]),
        "AWS::Events::Rule": named("Name", "events", "rule/{n}"),
        "AWS::Events::Connection": named(
            "Name", "events", "connection/{n}/00000000-0000-0000-0000-000000000000"),
        "AWS::Events::ApiDestination": named(
            "Name", "events", "api-destination/{n}/00000000-0000-0000-0000-000000000000"),
        "AWS::Scheduler::ScheduleGroup": named("Name", "scheduler", "schedule-group/{n}"),
        "AWS::SecretsManager::Secret": named("Name", "secretsmanager", "secret:{n}-000000", .arn, ["Id": "{arn}"]),
        "AWS::SSM::Parameter": named("Name", "ssm", "parameter/{n}"),
        "AWS::CloudWatch::Alarm": named("AlarmName", "cloudwatch", "alarm:{n}"),
        "AWS::KMS::Alias": named("AliasName", "kms", "{n}"),
    ]
}
