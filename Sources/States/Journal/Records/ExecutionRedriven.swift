// ExecutionRedriven: an execution that did not succeed runs again from where it failed (api.md §3, Redrive).

package import Core
import JSON

package struct ExecutionRedriven: Sendable, Equatable {
    /// How many redrives there have been with this one.
    package var count: Int
    /// New end of the machine's `TimeoutSeconds`. Not shown by AWS.
    package var deadline: Timestamp?
    /// The client's token, which identifies a repeated request. Not shown by AWS.
    package var clientToken: String?

    package init(count: Int, deadline: Timestamp? = nil, clientToken: String? = nil) {
        self.count = count
        self.deadline = deadline
        self.clientToken = clientToken
    }
}

extension ExecutionRedriven: RecordBody {
    var tag: RecordTag { .executionRedriven }

    func encode(to encoder: inout RecordEncoder) {
        encoder.int(count)
        encoder.optional(deadline) { $0.timestamp($1) }
        encoder.optional(clientToken) { $0.string($1) }
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(
            count: try decoder.int(), deadline: try decoder.optionalTimestamp(),
            clientToken: try decoder.optionalString())
    }

    /// Resumes the frames that have not ended. What a branch or an iteration has finished stays finished.
    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.reopen(deadline: deadline, Execution.Redrive(time: record.timestamp, clientToken: clientToken))
        execution.resume(0, after: record.id)
    }

    var history: HistoryForm { HistoryForm("ExecutionRedriven", details: "executionRedrivenEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) { writer.int("redriveCount", count) }
}

extension Execution {
    fileprivate mutating func resume(_ id: FrameID, after event: Int) {
        guard let frame = frames[id] else { return }
        switch frame.phase {
        case .ended: return
        case .parallel(let children, let open, _) where open > 0:
            resetRetries(of: id)
            for child in children.reversed() { resume(child, after: event) }
        case .map where maps[id]?.isDone == false:
            resetRetries(of: id)
            for (_, child) in (maps[id]?.runningInOrder ?? []).reversed() { resume(child, after: event) }
            change(id) { $0.lastEvent = event }
        // A task that was dispatched, or was to be, is scheduled again without its state being entered again.
        case .task, .retrying:
            resetRetries(of: id)
            change(id) { frame in
                frame.lastEvent = event
                frame.phase = .working
            }
        case .entering: change(id) { $0.lastEvent = event }
        case .working, .waiting, .result, .parallel, .map: enterAgain(id, after: event)
        }
    }

    private mutating func resetRetries(of id: FrameID) { change(id) { $0.state?.retries = [:] } }

    private mutating func enterAgain(_ id: FrameID, after event: Int) {
        dropChildren(of: id)
        change(id) { frame in
            frame.lastEvent = event
            frame.phase = .entering(frame.state?.name)
        }
    }
}
