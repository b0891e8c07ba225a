// Amazon EventBridge (integrations.md §4).

enum EventBridge {
    static let rows = [
        IntegrationEntry("events:putEvents", .callback, parameters: [.required("Entries")], response: putEvents),
        .sdk("eventbridge:putEvents", response: putEvents),
    ]

    private static let putEvents = ResultSchema.object([
        .optional("FailedEntryCount", .number()),
        .optional(
            "Entries",
            .array(.object([.optional("EventId"), .optional("ErrorCode"), .optional("ErrorMessage")]))),
    ])
}
