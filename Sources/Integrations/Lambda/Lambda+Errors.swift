// The errors of Invoke. Those that the AWS SDK for Java models have their own name, all others are
// `AWSLambdaException` (integrations.md §3).

extension Lambda {
    static let errors = ErrorNaming(
        sdk: .version1, prefix: "Lambda", service: "AWSLambda", modeled: modeled, other: "AWSLambdaException")

    /// The exceptions of Invoke in the Lambda API reference.
    private static let modeled: Set = [
        "CodeArtifactUserDeletedException", "CodeArtifactUserFailedException", "CodeArtifactUserPendingException",
        "EC2AccessDeniedException", "EC2ThrottledException", "EC2UnexpectedException", "EFSIOException",
        "EFSMountConnectivityException", "EFSMountFailureException", "EFSMountTimeoutException",
        "ENILimitReachedException", "InvalidParameterValueException", "InvalidRequestContentException",
        "InvalidRuntimeException", "InvalidSecurityGroupIDException", "InvalidSubnetIDException",
        "InvalidZipFileException", "KMSAccessDeniedException", "KMSDisabledException", "KMSInvalidStateException",
        "KMSNotFoundException", "RecursiveInvocationException", "RequestTooLargeException",
        "ResourceConflictException", "ResourceNotFoundException", "ResourceNotReadyException", "ServiceException",
        "SnapStartException", "SnapStartNotReadyException", "SnapStartTimeoutException",
        "SubnetIPAddressLimitReachedException", "TooManyRequestsException", "UnsupportedMediaTypeException",
    ]
}
