// What the actions of the services that TestState knows answer. Others are taken as they are.

import Core

extension MockSchema {
    /// The shape of an integration's answer; of a job that is waited for, of what is asked for its end.
    static func of(_ integration: ServiceIntegration) -> MockSchema? {
        // What a token brings back has no shape.
        if integration.pattern == .waitForTaskToken { return nil }
        let name = integration.service
        let service = name.hasPrefix("aws-sdk:") ? String(name.dropFirst(8)) : name
        switch (service, integration.action) {
        case ("states", "startExecution") where integration.pattern != .requestResponse: return describeExecution
        case ("states", "startExecution"), ("sfn", "startExecution"): return startExecution
        case ("sfn", "describeExecution"): return describeExecution
        case ("lambda", "invoke"): return invoke
        case ("lambda", "getFunction"):
            let others = anything("Code", "Tags", "TagsError", "Concurrency")
            return .object([.optional("Configuration", functionConfiguration)] + others)
        case ("events", "putEvents"), ("eventbridge", "putEvents"): return putEvents
        case ("dynamodb", "getItem"): return readItem
        case ("dynamodb", "putItem"), ("dynamodb", "updateItem"), ("dynamodb", "deleteItem"): return writtenItem
        case ("sqs", "sendMessage"): return sendMessage
        case ("sns", "publish"): return .object([.optional("MessageId"), .optional("SequenceNumber")])
        case ("kms", "encrypt"): return crypted("CiphertextBlob")
        case ("kms", "decrypt"): return crypted("Plaintext", "CiphertextForRecipient", "KeyMaterialId")
        case ("s3", "getObject"): return getObject
        case ("secretsmanager", "getSecretValue"): return secretValue
        default: return nil
        }
    }

    /// Fields that are not looked into.
    private static func anything(_ names: String...) -> [Field] { names.map { .optional($0, .any) } }

    private static let startExecution = MockSchema.object([
        .required("ExecutionArn", .string(min: 1)), .required("StartDate"),
    ])

    private static let describeExecution = MockSchema.object([
        .required("ExecutionArn", .string(min: 1)), .required("StateMachineArn", .string(min: 1)),
        .optional("Name", .string(min: 1)),
        .required("Status", .oneOf(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"])),
        .required("StartDate"), .optional("StopDate"), .optional("TraceHeader"),
        // Texts also in `startExecution.sync:2`, whose own result has them as JSON (reported).
        .optional("Input"), .optional("InputDetails", details), .optional("Output"),
        .optional("OutputDetails", details),
        .optional("MapRunArn", .string(min: 1)), .optional("Error"), .optional("Cause"),
        .optional("StateMachineVersionArn", .string(min: 1)), .optional("StateMachineAliasArn", .string(min: 1)),
        .optional("RedriveCount", .number()), .optional("RedriveDate"),
        .optional("RedriveStatus", .oneOf(["REDRIVABLE", "NOT_REDRIVABLE", "REDRIVABLE_BY_MAP_RUN"])),
        .optional("RedriveStatusReason"),
    ])

    private static let details = MockSchema.object([.optional("Included", .boolean)])

    /// The payload is the function's own.
    private static let invoke = MockSchema.object([
        .optional("StatusCode", .number()), .optional("FunctionError"), .optional("LogResult"),
        .optional("Payload", .any), .optional("ExecutedVersion", .string(min: 1)),
        .optional("DurableExecutionArn", .string(min: 1)),
    ])

    private static let functionConfiguration = MockSchema.object(functionFields + otherFunctionFields)

    private static let functionFields: [Field] = [
        .optional("FunctionName"), .optional("FunctionArn"), .optional("Runtime"), .optional("Role"),
        .optional("Handler"), .optional("CodeSize", .number()), .optional("Description"),
        .optional("Timeout", .number(1...Double(Int32.max))), .optional("MemorySize", .number(128...10_240)),
        .optional("LastModified"), .optional("CodeSha256"), .optional("Version", .string(min: 1)),
        .optional("State", .oneOf(["Pending", "Active", "Inactive", "Failed"])),
        .optional("PackageType", .oneOf(["Zip", "Image"])),
        .optional("Architectures", .array(.oneOf(["x86_64", "arm64"]))),
    ]

    private static let otherFunctionFields = anything(
        "VpcConfig", "DeadLetterConfig", "Environment", "KMSKeyArn", "TracingConfig", "MasterArn", "RevisionId",
        "Layers", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode", "FileSystemConfigs", "ImageConfigResponse", "SigningProfileVersionArn",
        "SigningJobArn", "EphemeralStorage", "SnapStart", "RuntimeVersionConfig", "LoggingConfig",
        "CapacityProviderConfig", "ConfigSha256", "DurableConfig", "TenancyConfig")

    private static let putEvents = MockSchema.object([
        .optional("FailedEntryCount", .number()),
        .optional(
            "Entries",
            .array(.object([.optional("EventId"), .optional("ErrorCode"), .optional("ErrorMessage")]))),
    ])

    private static let capacity = MockSchema.object([
        .optional("ReadCapacityUnits", .number()), .optional("WriteCapacityUnits", .number()),
        .optional("CapacityUnits", .number()),
    ])

    private static let consumedCapacity = MockSchema.object([
        .optional("TableName", .string(min: 1)), .optional("CapacityUnits", .number()),
        .optional("ReadCapacityUnits", .number()), .optional("WriteCapacityUnits", .number()),
        .optional("Table", capacity), .optional("LocalSecondaryIndexes", .map(capacity)),
        .optional("GlobalSecondaryIndexes", .map(capacity)),
    ])

    /// An attribute's value under its type.
    private static let attribute = MockSchema.object([
        .optional("S"), .optional("N"), .optional("B"), .optional("SS", .array(.string())),
        .optional("NS", .array(.string())), .optional("BS", .array(.string())), .optional("BOOL", .boolean),
        .optional("NULL", .boolean), .optional("M", .any), .optional("L", .any),
    ])

    private static let item = MockSchema.map(attribute)

    private static let readItem = MockSchema.object([
        .optional("Item", item), .optional("ConsumedCapacity", consumedCapacity),
    ])

    private static let writtenItem = MockSchema.object([
        .optional("Attributes", item), .optional("ConsumedCapacity", consumedCapacity),
        .optional(
            "ItemCollectionMetrics",
            .object([.optional("ItemCollectionKey", item), .optional("SizeEstimateRangeGB", .any)])),
    ])

    private static let sendMessage = MockSchema.object([
        .optional("MD5OfMessageBody"), .optional("MD5OfMessageAttributes"), .optional("MD5OfMessageSystemAttributes"),
        .optional("MessageId"), .optional("SequenceNumber"),
    ])

    private static func crypted(_ field: String, _ others: String...) -> MockSchema {
        let fields: [Field] = [
            .optional(field, .string(min: 1)), .optional("KeyId", .string(min: 1)),
            .optional(
                "EncryptionAlgorithm",
                .oneOf(["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])),
        ]
        return .object(fields + others.map { .optional($0, .string(min: 1)) })
    }

    private static let secretValue = MockSchema.object([
        .optional("ARN", .string(min: 20)), .optional("Name", .string(min: 1)),
        .optional("VersionId", .string(min: 32)), .optional("SecretString", .string(min: 1)),
        .optional("SecretBinary", .string(min: 1)), .optional("VersionStages", .array(.string(min: 1))),
        .optional("CreatedDate"),
    ])

    private static let getObject = MockSchema.object(objectFields + otherObjectFields)

    private static let otherObjectFields = anything(
        "Body", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256",
        "ChecksumSHA512", "ChecksumMD5", "ChecksumXXHASH64", "ChecksumXXHASH3", "ChecksumXXHASH128", "ChecksumType",
        "ContentDisposition", "ContentLanguage", "ContentRange", "Expires", "WebsiteRedirectLocation",
        "SSECustomerAlgorithm", "SSECustomerKeyMD5", "SSEKMSKeyId", "BucketKeyEnabled", "RequestCharged",
        "ReplicationStatus", "ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")

    private static let objectFields: [Field] = [
        .optional("DeleteMarker", .boolean), .optional("AcceptRanges"), .optional("Expiration"), .optional("Restore"),
        .optional("LastModified"), .optional("ContentLength", .number()), .optional("ETag"),
        .optional("MissingMeta", .number()), .optional("VersionId"), .optional("CacheControl"),
        .optional("ContentType"), .optional("ContentEncoding"), .optional("Metadata", .map(.string())),
        .optional("ServerSideEncryption", .oneOf(["AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"])),
        .optional(
            "StorageClass",
            .oneOf([
                "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
                "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP",
            ])),
        .optional("PartsCount", .number()), .optional("TagCount", .number()),
    ]
}
