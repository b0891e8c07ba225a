// ExecutionFailed: the execution has ended with an error (history.md §1).

package import Core
import JSON

package struct ExecutionFailed: Sendable, Equatable {
    package var failure: Failure

    package init(_ failure: Failure) { self.failure = failure }
}

extension ExecutionFailed: RecordBody {
    var tag: RecordTag { .executionFailed }

    func encode(to encoder: inout RecordEncoder) { encoder.failure(failure) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { failure = try decoder.failure() }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.close(.failed(failure)) }

    var history: HistoryForm {
        HistoryForm("ExecutionFailed", details: "executionFailedEventDetails", severity: .fatal)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.failure(failure) }
}
