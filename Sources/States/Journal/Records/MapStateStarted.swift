// MapStateStarted: the iterations of a Map begin (history.md §1).

package import JSON

package struct MapStateStarted: Sendable, Equatable {
    /// How many items there are.
    package var length: Int
    /// The items, an array. Not shown by AWS.
    package var items: Payload
    /// How many iterations run at once. Not shown by AWS.
    package var concurrency: Int

    package init(length: Int, items: Payload, concurrency: Int) {
        self.length = length
        self.items = items
        self.concurrency = concurrency
    }
}

extension MapStateStarted: RecordBody {
    var tag: RecordTag { .mapStateStarted }
    var payloadBytes: Int { items.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.int(length)
        encoder.payload(items)
        encoder.int(concurrency)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(
            length: try decoder.count(within: 0...1_000_000, "items"), items: try decoder.payload(),
            concurrency: try decoder.count(within: 1...1_000_000, "iterations at once"))
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.maps[record.frame] = MapIterations(self)
        execution.change(record.frame) { frame in
            frame.lastEvent = record.id
            frame.phase = .map
            // ItemSelector reads the input once for each item: an input from the store is parsed here and now.
            frame.input = frame.input.withValue
        }
    }

    var history: HistoryForm { HistoryForm("MapStateStarted", details: "mapStateStartedEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.int("length", length) }
}
