// ExecutionStarted: the first record of an execution (history.md §1).

package import Core
package import JSON

package struct ExecutionStarted: Sendable, Equatable {
    package var input: Payload
    package var roleARN: String
    /// End of the machine's `TimeoutSeconds`. Not shown by AWS.
    package var deadline: Timestamp?
    /// Seed of everything random in the execution (jitter, `States.UUID`). Not shown by AWS.
    package var seed: UInt64
    /// How many executions have started one another before this one; 0 if a client started it. Not shown by AWS.
    package var depth: Int

    package init(input: Payload, roleARN: String, deadline: Timestamp?, seed: UInt64, depth: Int = 0) {
        self.depth = depth
        self.input = input
        self.roleARN = roleARN
        self.deadline = deadline
        self.seed = seed
    }
}

extension ExecutionStarted: RecordBody {
    var tag: RecordTag { depth == 0 ? .executionStarted : .executionStartedNested }
    var payloadBytes: Int { input.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.payload(input)
        encoder.string(roleARN)
        encoder.optional(deadline) { $0.timestamp($1) }
        encoder.uint(seed)
        if depth != 0 { encoder.int(depth) }
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(
            input: try decoder.payload(), roleARN: try decoder.string(), deadline: try decoder.optionalTimestamp(),
            seed: try decoder.uint())
        if decoder.tag == .executionStartedNested { depth = try decoder.int() }
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.status = .running
        execution.started = self
        execution.startTime = record.timestamp
        // The first state's Entered has previous id 0, not 1 (history.md §2).
        execution.open(Frame(id: 0, parent: nil, lastEvent: 0, input: input, state: nil, phase: .entering(nil)))
    }

    var history: HistoryForm { HistoryForm("ExecutionStarted", details: "executionStartedEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.input(input, view)
        writer.string("roleArn", roleARN)
        writer.string("stateMachineAliasArn", view.aliasARN)
        writer.string("stateMachineVersionArn", view.versionARN)
    }
}
