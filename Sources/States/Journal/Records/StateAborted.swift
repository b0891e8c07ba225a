// StateAborted: a state was cut off by a failure beside it, `TaskStateAborted`, `WaitStateAborted`, … (history.md §2).

import Core

package struct StateAborted: Sendable, Equatable {
    package var type: StateType

    package init(_ type: StateType) { self.type = type }
}

extension StateAborted: RecordBody {
    var tag: RecordTag { .stateAborted }

    func encode(to encoder: inout RecordEncoder) { encoder.type(type) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { type = try decoder.type() }

    /// A leaf: it does not advance the chain of `previousEventId` (history.md §2).
    func apply(to execution: inout Execution, _ record: JournalRecord) {}

    var history: HistoryForm { HistoryForm(type.rawValue, "StateAborted", severity: .error) }
}
