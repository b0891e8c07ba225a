// AWS CodeBuild (integrations.md §4).

enum CodeBuild {
    static let rows = [
        IntegrationEntry("codebuild:startBuild", .job),
        IntegrationEntry("codebuild:startBuildBatch", .job),
        IntegrationEntry("codebuild:retryBuildBatch", .job),
        IntegrationEntry("codebuild:deleteBuildBatch", .job),
        IntegrationEntry("codebuild:stopBuild", .request),
        IntegrationEntry("codebuild:batchDeleteBuilds", .request),
        IntegrationEntry("codebuild:batchGetReports", .request),
        IntegrationEntry("codebuild:stopBuildBatch", .request),
    ]
}
