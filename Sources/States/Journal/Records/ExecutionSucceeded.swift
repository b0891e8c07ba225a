// ExecutionSucceeded: the execution has ended with an output (history.md §1).

package import JSON

package struct ExecutionSucceeded: Sendable, Equatable {
    package var output: Payload

    package init(output: Payload) { self.output = output }
}

extension ExecutionSucceeded: RecordBody {
    var tag: RecordTag { .executionSucceeded }
    var payloadBytes: Int { output.size }

    func encode(to encoder: inout RecordEncoder) { encoder.payload(output) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { output = try decoder.payload() }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.close(.succeeded(output: output))
    }

    var history: HistoryForm { HistoryForm("ExecutionSucceeded", details: "executionSucceededEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.output(output, view) }
}
