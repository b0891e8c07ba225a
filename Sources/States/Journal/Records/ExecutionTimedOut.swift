// ExecutionTimedOut: the machine's TimeoutSeconds have passed (history.md §1).

package import Core
import JSON

package struct ExecutionTimedOut: Sendable, Equatable {
    package var failure: Failure

    package init(_ failure: Failure) { self.failure = failure }
}

extension ExecutionTimedOut: RecordBody {
    var tag: RecordTag { .executionTimedOut }

    func encode(to encoder: inout RecordEncoder) { encoder.failure(failure) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { failure = try decoder.failure() }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.close(.timedOut(failure)) }

    var history: HistoryForm {
        HistoryForm("ExecutionTimedOut", details: "executionTimedOutEventDetails", severity: .fatal)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.failure(failure) }
}
