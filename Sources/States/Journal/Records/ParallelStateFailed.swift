// ParallelStateFailed: a branch of a Parallel has failed (history.md §2).

import Core

package struct ParallelStateFailed: Sendable, Equatable {
    package init() {}
}

extension ParallelStateFailed: RecordBody {
    var tag: RecordTag { .parallelStateFailed }

    func encode(to encoder: inout RecordEncoder) {}

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {}

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.advanceChain(record) }

    var history: HistoryForm { HistoryForm("ParallelStateFailed", severity: .error) }
}
