// Amazon EKS (integrations.md §4).

enum EKS {
    static let rows = [
        IntegrationEntry("eks:call", .request),
        IntegrationEntry("eks:createCluster", .job),
        IntegrationEntry("eks:deleteCluster", .job),
        IntegrationEntry("eks:createFargateProfile", .job),
        IntegrationEntry("eks:deleteFargateProfile", .job),
        IntegrationEntry("eks:createNodegroup", .job),
        IntegrationEntry("eks:deleteNodegroup", .job),
        IntegrationEntry("eks:runJob", .job),
    ]
}
