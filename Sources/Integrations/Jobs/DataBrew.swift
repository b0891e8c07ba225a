// AWS Glue DataBrew (integrations.md §4).

enum DataBrew {
    static let rows = [
        IntegrationEntry("databrew:startJobRun", .job)
    ]
}
