// The key of a row of events: the execution's number and an event id as one integer.

/// `(number << 20) | event`: ordered by execution and then by event. The slot is left out, since numbers are unique
/// without it. Holds 2^20 events of an execution (AWS ends a Standard execution at 25,000) and 2^43 executions.
struct EventPosition: Equatable {
    var value: Int64

    static let eventBits: Int64 = 20  // Of the stored key.
    static let lastEvent: Int64 = (1 << eventBits) - 1  // `Limits.Store.maximumEventID`
    /// The highest execution id that fits, in the last slot.
    static let lastExecution = Slot.execution(number: Slot.lastNumber, slot: Int64(Slot.count) - 1)

    init(_ value: Int64) { self.value = value }

    /// An event beyond the last one that fits is taken for the last one.
    init(execution: Int64, event: Int) {
        value = Slot.number(of: execution) << Self.eventBits | min(max(0, Int64(event)), Self.lastEvent)
    }

    static func fits(execution: Int64, event: Int) -> Bool {
        (0...lastExecution).contains(execution) && (0...lastEvent).contains(Int64(event))
    }

    var number: Int64 { value >> Self.eventBits }
    var event: Int { Int(value & Self.lastEvent) }
}
