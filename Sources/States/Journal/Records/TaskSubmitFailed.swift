// TaskSubmitFailed: the action of a `.sync` or `.waitForTaskToken` task has failed (history.md §1).

package import Core
import JSON

package struct TaskSubmitFailed: Sendable, Equatable {
    package var family: TaskFamily
    package var failure: Failure

    package init(_ family: TaskFamily, _ failure: Failure) {
        self.family = family
        self.failure = failure
    }
}

extension TaskSubmitFailed: RecordBody {
    var tag: RecordTag { .taskSubmitFailed }

    func encode(to encoder: inout RecordEncoder) {
        encoder.family(family)
        encoder.failure(failure)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        family = try decoder.family()
        failure = try decoder.failure()
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.advanceChain(record) }

    var history: HistoryForm {
        HistoryForm(family.prefix, "SubmitFailed", details: "taskSubmitFailedEventDetails", severity: .error)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.service(family)
        writer.failure(failure)
    }
}
