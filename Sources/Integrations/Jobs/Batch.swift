// AWS Batch (integrations.md §4).

enum Batch {
    static let rows = [
        IntegrationEntry("batch:submitJob", .job)
    ]
}
