// TaskStarted: a scheduled attempt has begun; activities have ActivityStarted (history.md §1).

import JSON

package struct TaskStarted: Sendable, Equatable {
    package var family: TaskFamily

    package init(_ family: TaskFamily) { self.family = family }
}

extension TaskStarted: RecordBody {
    var tag: RecordTag { .taskStarted }

    func encode(to encoder: inout RecordEncoder) { encoder.family(family) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { family = try decoder.family() }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.advanceChain(record) }

    var history: HistoryForm {
        HistoryForm(
            family.prefix, "Started", details: family == .lambdaFunction ? nil : "taskStartedEventDetails")
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.service(family) }
}
