// ExecutionAborted: the execution was stopped (history.md §1).

package import Core
import JSON

package struct ExecutionAborted: Sendable, Equatable {
    package var failure: Failure

    package init(_ failure: Failure) { self.failure = failure }
}

extension ExecutionAborted: RecordBody {
    var tag: RecordTag { .executionAborted }

    func encode(to encoder: inout RecordEncoder) { encoder.failure(failure) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { failure = try decoder.failure() }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.close(.aborted(failure)) }

    var history: HistoryForm {
        HistoryForm("ExecutionAborted", details: "executionAbortedEventDetails", severity: .fatal)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.failure(failure) }
}
