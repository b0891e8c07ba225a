// TaskSubmitted: the action of a `.sync` or `.waitForTaskToken` task has answered (history.md §1).

package import JSON

/// The task continues until its job ends or its token is reported.
package struct TaskSubmitted: Sendable, Equatable {
    package var family: TaskFamily
    package var output: Payload

    package init(_ family: TaskFamily, output: Payload) {
        self.family = family
        self.output = output
    }
}

extension TaskSubmitted: RecordBody {
    var tag: RecordTag { .taskSubmitted }
    var payloadBytes: Int { output.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.family(family)
        encoder.payload(output)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        family = try decoder.family()
        output = try decoder.payload()
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.changeTask(record) { $0.progress = .submitted }
    }

    var history: HistoryForm { HistoryForm(family.prefix, "Submitted", details: "taskSubmittedEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.service(family)
        writer.output(output, view)
    }
}
