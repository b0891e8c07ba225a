// AWS Lambda (integrations.md §4).

enum Lambda {
    static let rows = [
        IntegrationEntry(
            "lambda:invoke", .callback, parameters: invokeParameters, response: invoke,
            code: .requests(LambdaInvoke(), errors)),
        .sdk("lambda:invoke", response: invoke),
        .sdk(
            "lambda:getFunction",
            response: .object(
                [.optional("Configuration", configuration)]
                    + .anything("Code", "Tags", "TagsError", "Concurrency"))),
    ]

    /// A function's ARN as Resource.
    static let function = IntegrationEntry(
        "lambda:function", .request, parameters: nil, code: .requests(LambdaFunction(), errors))

    private static let invokeParameters: ParameterSchema = [
        .required("FunctionName", .string), .optional("Payload", .json), .optional("InvocationType", .string),
        .optional("Qualifier", .string), .optional("ClientContext", .string), .optional("LogType", .string),
    ]

    /// The payload is the function's own.
    private static let invoke = ResultSchema.object([
        .optional("StatusCode", .number()), .optional("FunctionError"), .optional("LogResult"),
        .optional("Payload", .any), .optional("ExecutedVersion", .string(min: 1)),
        .optional("DurableExecutionArn", .string(min: 1)),
    ])

    private static let configuration = ResultSchema.object(configurationFields + otherConfigurationFields)

    private static let configurationFields: [ResultSchema.Field] = [
        .optional("FunctionName"), .optional("FunctionArn"), .optional("Runtime"), .optional("Role"),
        .optional("Handler"), .optional("CodeSize", .number()), .optional("Description"),
        .optional("Timeout", .number(1...Double(Int32.max))), .optional("MemorySize", .number(128...10_240)),
        .optional("LastModified"), .optional("CodeSha256"), .optional("Version", .string(min: 1)),
        .optional("State", .oneOf(["Pending", "Active", "Inactive", "Failed"])),
        .optional("PackageType", .oneOf(["Zip", "Image"])),
        .optional("Architectures", .array(.oneOf(["x86_64", "arm64"]))),
    ]

    private static let otherConfigurationFields = [ResultSchema.Field].anything(
        "VpcConfig", "DeadLetterConfig", "Environment", "KMSKeyArn", "TracingConfig", "MasterArn", "RevisionId",
        "Layers", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode", "FileSystemConfigs", "ImageConfigResponse", "SigningProfileVersionArn",
        "SigningJobArn", "EphemeralStorage", "SnapStart", "RuntimeVersionConfig", "LoggingConfig",
        "CapacityProviderConfig", "ConfigSha256", "DurableConfig", "TenancyConfig")
}
