// Amazon SQS (integrations.md §4).

enum SQS {
    static let rows = [
        IntegrationEntry(
            "sqs:sendMessage", .callback, parameters: [.required("QueueUrl"), .required("MessageBody")],
            response: sendMessage),
        .sdk("sqs:sendMessage", response: sendMessage),
    ]

    private static let sendMessage = ResultSchema.object([
        .optional("MD5OfMessageBody"), .optional("MD5OfMessageAttributes"), .optional("MD5OfMessageSystemAttributes"),
        .optional("MessageId"), .optional("SequenceNumber"),
    ])
}
