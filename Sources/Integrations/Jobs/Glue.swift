// AWS Glue (integrations.md §4).

enum Glue {
    static let rows = [
        IntegrationEntry("glue:startJobRun", .job, parameters: [.required("JobName")])
    ]
}
