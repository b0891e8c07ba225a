// MapStateSucceeded: every iteration of a Map has succeeded (history.md §1).

package struct MapStateSucceeded: Sendable, Equatable {
    package init() {}
}

extension MapStateSucceeded: RecordBody {
    var tag: RecordTag { .mapStateSucceeded }

    func encode(to encoder: inout RecordEncoder) {}

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {}

    /// A leaf: it does not advance the chain of `previousEventId` (history.md §2).
    func apply(to execution: inout Execution, _ record: JournalRecord) {}

    var history: HistoryForm { HistoryForm("MapStateSucceeded") }
}
