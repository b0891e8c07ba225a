// MapIterationAborted: an iteration of a Map was cut off by another one's failure (history.md §2).

import Core
import JSON

/// The record belongs to the iteration's frame.
package struct MapIterationAborted: Sendable, Equatable {
    package var iteration: MapIteration

    package init(_ iteration: MapIteration) { self.iteration = iteration }
}

extension MapIterationAborted: RecordBody {
    var tag: RecordTag { .mapIterationAborted }

    func encode(to encoder: inout RecordEncoder) { encoder.iteration(iteration) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { iteration = try decoder.iteration() }

    /// A leaf: it does not advance the chain of `previousEventId` (history.md §2).
    func apply(to execution: inout Execution, _ record: JournalRecord) {}

    var history: HistoryForm {
        HistoryForm("MapIterationAborted", details: "mapIterationAbortedEventDetails", severity: .error)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.iteration(iteration) }
}
