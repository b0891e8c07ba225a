// Amazon Bedrock (integrations.md §4).

enum Bedrock {
    static let rows = [
        IntegrationEntry("bedrock:invokeModel", .request),
        IntegrationEntry("bedrock:createModelCustomizationJob", .job),
    ]
}
