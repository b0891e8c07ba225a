// What a kind of record consists of. Each kind is a file of Records/; RecordKind.swift lists them all.

import JSON

/// The body of one kind of record: its members, how they are stored, what they change and how the history shows them.
protocol RecordBody: Sendable, Equatable {
    /// The stored number of the kind.
    var tag: RecordTag { get }
    /// Size of the payload that the record holds, in bytes.
    var payloadBytes: Int { get }
    /// Writes the members in the order in which `init(from:)` reads them.
    func encode(to encoder: inout RecordEncoder)
    /// Reads the members. Throws `RecordCodingError` for what no version of Newel wrote.
    init(from decoder: inout RecordDecoder) throws(RecordCodingError)
    /// Takes the record into the state. Reads nothing but the record and the state, and evaluates no expression.
    func apply(to execution: inout Execution, _ record: JournalRecord)
    /// The event that the history shows.
    var history: HistoryForm { get }
    /// Writes the members of the event's details (history.md §1).
    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView)
}

extension RecordBody {
    var payloadBytes: Int { 0 }
    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {}
}
