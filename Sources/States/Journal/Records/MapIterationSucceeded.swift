// MapIterationSucceeded: an iteration of a Map has ended with an output (history.md §1).

import JSON

/// The record belongs to the iteration's frame.
package struct MapIterationSucceeded: Sendable, Equatable {
    package var iteration: MapIteration

    package init(_ iteration: MapIteration) { self.iteration = iteration }
}

extension MapIterationSucceeded: RecordBody {
    var tag: RecordTag { .mapIterationSucceeded }

    func encode(to encoder: inout RecordEncoder) { encoder.iteration(iteration) }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { iteration = try decoder.iteration() }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        guard let child = execution.frames[record.frame], let parent = child.parent?.frame,
            case .ended(let output) = child.phase
        else { return }
        execution.drop(record.frame)
        // What is in no store is held, however large.
        execution.maps[parent]?.finish(
            iteration.index, output, exitEvent: child.lastEvent, holdsAll: execution.identity.isSynchronous)
        let isDone = execution.maps[parent]?.isDone ?? false
        // The next iteration's Started points to the event before this one, Succeeded and Exited of the whole Map to
        // this one when it is the last (history.md §2).
        execution.change(parent) { $0.lastEvent = isDone ? record.id : child.lastEvent }
    }

    var history: HistoryForm {
        HistoryForm("MapIterationSucceeded", details: "mapIterationSucceededEventDetails")
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.iteration(iteration) }
}
