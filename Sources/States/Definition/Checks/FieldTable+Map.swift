// The objects of a Distributed Map (language.md §4, Map).

extension Shape {
    static let processorConfig = Shape([
        Field("Mode", .oneOf(["INLINE", "DISTRIBUTED"])),
        Field("ExecutionType", .oneOf(["STANDARD", "EXPRESS"])),
    ])

    static let itemReader = Shape([
        Field("Resource", .string, required: true),
        Field("Parameters", .template, .jsonPath),
        Field("Arguments", .template, .jsonata),
        Field("ReaderConfig", .object(.readerConfig)),
        Field("Comment", .string),
    ])

    static let readerConfig = Shape(
        [
            Field("InputType", .named(["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"])),
            Field("CSVHeaderLocation", .named(["FIRST_ROW", "GIVEN"])),
            Field("CSVHeaders", .any),
            Field("CSVDelimiter", .named(["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
            Field("MaxItems", .integer(0...Int.max), expression: true),
            Field("MaxItemsPath", .referencePath, .jsonPath),
            Field("ItemsPointer", .string),
            Field("ManifestType", .named(["S3_INVENTORY", "ATHENA_DATA"])),
            Field("Transformation", .named(["NONE", "LOAD_AND_FLATTEN"])),
            Field("Comment", .string),
        ], atMostOneOf: [["MaxItems", "MaxItemsPath"]])

    static let itemBatcher = Shape(
        [
            Field("MaxItemsPerBatch", .integer(1...Int.max), expression: true),
            Field("MaxItemsPerBatchPath", .referencePath, .jsonPath),
            Field("MaxInputBytesPerBatch", .integer(1...262_144), expression: true),
            Field("MaxInputBytesPerBatchPath", .referencePath, .jsonPath),
            Field("BatchInput", .template),
            Field("Comment", .string),
        ],
        atMostOneOf: [
            ["MaxItemsPerBatch", "MaxItemsPerBatchPath"], ["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"],
        ])

    static let resultWriter = Shape([
        Field("Resource", .string),
        Field("Parameters", .template, .jsonPath),
        Field("Arguments", .template, .jsonata),
        Field("WriterConfig", .object(.writerConfig)),
        Field("Comment", .string),
    ])

    static let writerConfig = Shape([
        Field("Transformation", .named(["NONE", "COMPACT", "FLATTEN"]), required: true),
        Field("OutputType", .named(["JSON", "JSONL"]), required: true),
    ])
}
