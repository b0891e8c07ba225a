// Amazon DynamoDB: reading and writing one item (integrations.md §4).

enum DynamoDB {
    static let rows =
        row("getItem", [.required("TableName"), .required("Key")], readItem)
        + row("putItem", [.required("TableName"), .required("Item")], writtenItem)
        + row("updateItem", [.required("TableName"), .required("Key")], writtenItem)
        + row("deleteItem", [.required("TableName"), .required("Key")], writtenItem)

    private static func row(
        _ action: String, _ parameters: ParameterSchema, _ response: ResultSchema
    ) -> [IntegrationEntry] {
        [
            IntegrationEntry("dynamodb:\(action)", .request, parameters: parameters, response: response),
            .sdk("dynamodb:\(action)", response: response),
        ]
    }

    private static let capacity = ResultSchema.object([
        .optional("ReadCapacityUnits", .number()), .optional("WriteCapacityUnits", .number()),
        .optional("CapacityUnits", .number()),
    ])

    private static let consumedCapacity = ResultSchema.object([
        .optional("TableName", .string(min: 1)), .optional("CapacityUnits", .number()),
        .optional("ReadCapacityUnits", .number()), .optional("WriteCapacityUnits", .number()),
        .optional("Table", capacity), .optional("LocalSecondaryIndexes", .map(capacity)),
        .optional("GlobalSecondaryIndexes", .map(capacity)),
    ])

    /// An attribute's value under its type.
    private static let attribute = ResultSchema.object([
        .optional("S"), .optional("N"), .optional("B"), .optional("SS", .array(.string())),
        .optional("NS", .array(.string())), .optional("BS", .array(.string())), .optional("BOOL", .boolean),
        .optional("NULL", .boolean), .optional("M", .any), .optional("L", .any),
    ])

    private static let item = ResultSchema.map(attribute)

    private static let readItem = ResultSchema.object([
        .optional("Item", item), .optional("ConsumedCapacity", consumedCapacity),
    ])

    private static let writtenItem = ResultSchema.object([
        .optional("Attributes", item), .optional("ConsumedCapacity", consumedCapacity),
        .optional(
            "ItemCollectionMetrics",
            .object([.optional("ItemCollectionKey", item), .optional("SizeEstimateRangeGB", .any)])),
    ])
}
