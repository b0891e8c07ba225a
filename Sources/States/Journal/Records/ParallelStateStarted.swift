// ParallelStateStarted: the branches of a Parallel begin (history.md §1).

package import JSON
import Expressions

package struct ParallelStateStarted: Sendable, Equatable {
    /// How many branches there are. Not shown by AWS.
    package var branches: Int
    /// Input of each branch. Not shown by AWS.
    package var input: Payload

    package init(branches: Int, input: Payload) {
        self.branches = branches
        self.input = input
    }
}

extension ParallelStateStarted: RecordBody {
    var tag: RecordTag { .parallelStateStarted }
    var payloadBytes: Int { input.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.int(branches)
        encoder.payload(input)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        branches = try decoder.count(within: 1...1_000_000, "branches")
        input = try decoder.payload()
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        let children = Array(execution.nextFrame..<execution.nextFrame + branches)
        execution.nextFrame += branches
        execution.change(record.frame) { frame in
            frame.lastEvent = record.id
            frame.phase = .parallel(children: children, open: branches, startedEvent: record.id)
        }
        // The frame opened last runs first: opened in reverse, the branches run in their order.
        for (index, child) in children.enumerated().reversed() {
            execution.open(
                Frame(
                    id: child, parent: Frame.Parent(frame: record.frame, index: index), lastEvent: record.id,
                    input: input, state: nil, phase: .entering(nil),
                    variables: execution.frames[record.frame]?.variables ?? [:]))
        }
    }

    var history: HistoryForm { HistoryForm("ParallelStateStarted") }
}
