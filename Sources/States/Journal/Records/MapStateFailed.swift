// MapStateFailed: an iteration or a field of a Map has failed (history.md §2).

import Core

package struct MapStateFailed: Sendable, Equatable {
    package init() {}
}

extension MapStateFailed: RecordBody {
    var tag: RecordTag { .mapStateFailed }

    func encode(to encoder: inout RecordEncoder) {}

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {}

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.advanceChain(record) }

    var history: HistoryForm { HistoryForm("MapStateFailed", severity: .error) }
}
