// Amazon EMR, also on EKS and serverless (integrations.md §4).

enum EMR {
    static let rows = [
        IntegrationEntry("elasticmapreduce:createCluster", .job),
        IntegrationEntry("elasticmapreduce:terminateCluster", .job),
        IntegrationEntry("elasticmapreduce:addStep", .job),
        IntegrationEntry("elasticmapreduce:setClusterTerminationProtection", .request),
        IntegrationEntry("elasticmapreduce:cancelStep", .request),
        IntegrationEntry("elasticmapreduce:modifyInstanceFleetByName", .request),
        IntegrationEntry("elasticmapreduce:modifyInstanceGroupByName", .request),
        IntegrationEntry("emr-containers:createVirtualCluster", .request),
        IntegrationEntry("emr-containers:deleteVirtualCluster", .job),
        IntegrationEntry("emr-containers:startJobRun", .job),
        IntegrationEntry("emr-serverless:createApplication", .job),
        IntegrationEntry("emr-serverless:startApplication", .job),
        IntegrationEntry("emr-serverless:stopApplication", .job),
        IntegrationEntry("emr-serverless:deleteApplication", .job),
        IntegrationEntry("emr-serverless:startJobRun", .job),
        IntegrationEntry("emr-serverless:cancelJobRun", .job),
    ]
}
