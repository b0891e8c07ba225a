// Where an event stands in the store: execution and event id as one number.

/// `(execution << 26) | event`: ordered by execution and then by event. Leaves room for 67 million events in an
/// execution (AWS ends one at 25,000) and 137 billion executions.
struct EventPosition: Equatable {
    var value: Int64

    static let eventBits: Int64 = 26
    static let lastEvent: Int64 = (1 << eventBits) - 1
    static let lastExecution = Int64.max >> eventBits

    init(_ value: Int64) { self.value = value }

    /// An event beyond the last one that fits is taken for the last one.
    init(execution: Int64, event: Int) {
        value = execution << Self.eventBits | min(max(0, Int64(event)), Self.lastEvent)
    }

    static func fits(execution: Int64, event: Int) -> Bool {
        (0...lastExecution).contains(execution) && (0...lastEvent).contains(Int64(event))
    }

    var execution: Int64 { value >> Self.eventBits }
    var event: Int { Int(value & Self.lastEvent) }
}
