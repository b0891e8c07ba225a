// Amazon S3, through the AWS SDK.

enum S3 {
    static let rows: [IntegrationEntry] = [
        .sdk("s3:getObject", response: .object(objectFields + otherObjectFields))
    ]

    private static let objectFields: [ResultSchema.Field] = [
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

    private static let otherObjectFields = [ResultSchema.Field].anything(
        "Body", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256",
        "ChecksumSHA512", "ChecksumMD5", "ChecksumXXHASH64", "ChecksumXXHASH3", "ChecksumXXHASH128", "ChecksumType",
        "ContentDisposition", "ContentLanguage", "ContentRange", "Expires", "WebsiteRedirectLocation",
        "SSECustomerAlgorithm", "SSECustomerKeyMD5", "SSEKMSKeyId", "BucketKeyEnabled", "RequestCharged",
        "ReplicationStatus", "ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")
}
