// Amazon SageMaker (integrations.md §4).

enum SageMaker {
    static let rows = [
        IntegrationEntry("sagemaker:createHyperParameterTuningJob", .job),
        IntegrationEntry("sagemaker:createLabelingJob", .job),
        IntegrationEntry("sagemaker:createProcessingJob", .job),
        IntegrationEntry("sagemaker:createTrainingJob", .job),
        IntegrationEntry("sagemaker:createTransformJob", .job),
        IntegrationEntry("sagemaker:createEndpoint", .request),
        IntegrationEntry("sagemaker:createEndpointConfig", .request),
        IntegrationEntry("sagemaker:createModel", .request),
        IntegrationEntry("sagemaker:updateEndpoint", .request),
    ]
}
