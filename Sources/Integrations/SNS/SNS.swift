// Amazon SNS (integrations.md §4).

enum SNS {
    static let rows = [
        IntegrationEntry("sns:publish", .callback, parameters: [.required("Message")], response: publish),
        .sdk("sns:publish", response: publish),
    ]

    private static let publish = ResultSchema.object([.optional("MessageId"), .optional("SequenceNumber")])
}
