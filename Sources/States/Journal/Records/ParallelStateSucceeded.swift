// ParallelStateSucceeded: every branch of a Parallel has ended (history.md §1).

package struct ParallelStateSucceeded: Sendable, Equatable {
    package init() {}
}

extension ParallelStateSucceeded: RecordBody {
    var tag: RecordTag { .parallelStateSucceeded }

    func encode(to encoder: inout RecordEncoder) {}

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {}

    /// A leaf: it does not advance the chain of `previousEventId` (history.md §2).
    func apply(to execution: inout Execution, _ record: JournalRecord) {}

    var history: HistoryForm { HistoryForm("ParallelStateSucceeded") }
}
