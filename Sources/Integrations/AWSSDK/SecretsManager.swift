// AWS Secrets Manager, through the AWS SDK.

enum SecretsManager {
    static let rows: [IntegrationEntry] = [.sdk("secretsmanager:getSecretValue", response: secretValue)]

    private static let secretValue = ResultSchema.object([
        .optional("ARN", .string(min: 20)), .optional("Name", .string(min: 1)),
        .optional("VersionId", .string(min: 32)), .optional("SecretString", .string(min: 1)),
        .optional("SecretBinary", .string(min: 1)), .optional("VersionStages", .array(.string(min: 1))),
        .optional("CreatedDate"),
    ])
}
