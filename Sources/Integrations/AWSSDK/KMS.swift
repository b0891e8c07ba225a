// AWS KMS, through the AWS SDK.

enum KMS {
    static let rows: [IntegrationEntry] = [
        .sdk("kms:encrypt", response: crypted("CiphertextBlob")),
        .sdk("kms:decrypt", response: crypted("Plaintext", "CiphertextForRecipient", "KeyMaterialId")),
    ]

    private static func crypted(_ field: String, _ others: String...) -> ResultSchema {
        let fields: [ResultSchema.Field] = [
            .optional(field, .string(min: 1)), .optional("KeyId", .string(min: 1)),
            .optional(
                "EncryptionAlgorithm",
                .oneOf(["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])),
        ]
        return .object(fields + others.map { .optional($0, .string(min: 1)) })
    }
}
