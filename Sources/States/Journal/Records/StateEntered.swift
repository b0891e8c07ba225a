// StateEntered: a frame has entered a state (history.md §1).

package import Core
package import JSON

package struct StateEntered: Sendable, Equatable {
    package var type: StateType
    package var name: String
    package var input: Payload
    /// When a Wait ends. Not shown by AWS.
    package var waitUntil: Timestamp?
    /// Whether `waitUntil` is a point of the calendar, and not a number of seconds from the start of the wait.
    package var waitsForDate: Bool

    package init(
        type: StateType, name: String, input: Payload, waitUntil: Timestamp? = nil, waitsForDate: Bool = false
    ) {
        self.waitsForDate = waitsForDate
        self.type = type
        self.name = name
        self.input = input
        self.waitUntil = waitUntil
    }
}

extension StateEntered: RecordBody {
    var tag: RecordTag { .stateEntered }
    var payloadBytes: Int { input.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.type(type)
        encoder.string(name)
        encoder.payload(input)
        // 0: none; 1: seconds from the start of the wait; 2: a date.
        encoder.byte(waitUntil == nil ? 0 : waitsForDate ? 2 : 1)
        if let waitUntil { encoder.timestamp(waitUntil) }
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(type: try decoder.type(), name: try decoder.string(), input: try decoder.payload())
        let wait = try decoder.byte()
        guard wait <= 2 else { throw RecordCodingError(reason: "unknown kind \(wait) of a wait") }
        if wait != 0 { waitUntil = try decoder.timestamp() }
        waitsForDate = wait == 2
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.change(record.frame) { frame in
            frame.input = input
            frame.lastEvent = record.id
            frame.state = Frame.Visit(
                name: name, type: type, enteredEvent: record.id, enteredPrevious: record.previous,
                enteredAt: record.timestamp)
            frame.phase = waitUntil.map { .waiting(until: $0, isDate: waitsForDate) } ?? .working
        }
    }

    var history: HistoryForm {
        HistoryForm(
            type.rawValue, "StateEntered", details: "stateEnteredEventDetails",
            severity: type == .fail ? .error : .information)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.string("name", name)
        writer.input(input, view)
    }
}
