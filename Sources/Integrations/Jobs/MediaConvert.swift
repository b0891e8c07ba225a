// AWS Elemental MediaConvert (integrations.md §4).

enum MediaConvert {
    static let rows = [
        IntegrationEntry("mediaconvert:createJob", .job)
    ]
}
