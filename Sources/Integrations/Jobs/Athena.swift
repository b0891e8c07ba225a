// Amazon Athena (integrations.md §4).

enum Athena {
    static let rows = [
        IntegrationEntry("athena:startQueryExecution", .job),
        IntegrationEntry("athena:stopQueryExecution", .request),
        IntegrationEntry("athena:getQueryExecution", .request),
        IntegrationEntry("athena:getQueryResults", .request),
    ]
}
