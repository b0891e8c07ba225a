// The actions that a Task can name.

package enum Catalogue {
    /// The rows of each service; those of a new one are added here.
    static let services = [
        Lambda.rows, StepFunctions.rows, SQS.rows, SNS.rows, DynamoDB.rows, EventBridge.rows, APIGateway.rows,
        HTTPTask.rows, Athena.rows, Batch.rows, Bedrock.rows, CodeBuild.rows, DataBrew.rows, ECS.rows, EKS.rows,
        EMR.rows, Glue.rows, MediaConvert.rows, SageMaker.rows, KMS.rows, S3.rows, SecretsManager.rows,
    ]

    private static let entries = Dictionary(
        services.joined().map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })

    /// Any action of any service, as the AWS SDK has them all.
    private static let sdk = IntegrationEntry.sdk("*:*")

    /// The row of an action, `nil` where there is no such action.
    package static func entry(of key: IntegrationKey) -> IntegrationEntry? {
        if let entry = entries[key] { return entry }
        guard key.isSDK else { return nil }
        return entries[IntegrationKey(service: key.service, action: "*")] ?? sdk
    }
}
