// EvaluationFailed: a JSONata expression failed, or returned what its field cannot take (history.md §2).

package import Core
import JSON

package struct EvaluationFailed: Sendable, Equatable {
    package var state: String
    /// The field, `Output/a/b[0]`; `nil` where the state's input itself is at fault.
    package var location: String?
    package var failure: Failure

    package init(state: String, location: String?, failure: Failure) {
        self.state = state
        self.location = location
        self.failure = failure
    }
}

extension EvaluationFailed: RecordBody {
    var tag: RecordTag { .evaluationFailed }

    func encode(to encoder: inout RecordEncoder) {
        encoder.string(state)
        encoder.optional(location) { $0.string($1) }
        encoder.failure(failure)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(
            state: try decoder.string(), location: try decoder.optionalString(), failure: try decoder.failure())
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.advanceChain(record) }

    var history: HistoryForm {
        HistoryForm("EvaluationFailed", details: "evaluationFailedEventDetails", severity: .error)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.string("state", state)
        writer.string("location", location)
        writer.failure(failure)
    }
}
