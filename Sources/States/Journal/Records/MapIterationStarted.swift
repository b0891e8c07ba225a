// MapIterationStarted: an iteration of a Map begins (history.md §1).

import Expressions
package import JSON

/// The record belongs to the Map's frame and opens the iteration's.
package struct MapIterationStarted: Sendable, Equatable {
    package var iteration: MapIteration
    /// Input of the iteration. Not shown by AWS.
    package var input: Payload

    package init(_ iteration: MapIteration, input: Payload) {
        self.iteration = iteration
        self.input = input
    }
}

/// Which iteration of which Map state.
package struct MapIteration: Sendable, Equatable {
    package var name: String
    package var index: Int

    package init(name: String, index: Int) {
        self.name = name
        self.index = index
    }
}

extension MapIterationStarted: RecordBody {
    var tag: RecordTag { .mapIterationStarted }
    var payloadBytes: Int { input.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.iteration(iteration)
        encoder.payload(input)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        iteration = try decoder.iteration()
        input = try decoder.payload()
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        let child = execution.nextFrame
        execution.nextFrame += 1
        execution.maps[record.frame]?.start(child)
        execution.frames[child] = Frame(
            id: child, parent: Frame.Parent(frame: record.frame, index: iteration.index), lastEvent: record.id,
            input: input, state: nil, phase: .entering(nil),
            variables: execution.frames[record.frame]?.variables ?? [:], inputBytes: input.size)
        execution.frameBytes += input.size
        // After all that can run already, so that the iterations run in the order of their items.
        execution.runnable.insert(child, at: 0)
    }

    var history: HistoryForm { HistoryForm("MapIterationStarted", details: "mapIterationStartedEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.iteration(iteration) }
}
