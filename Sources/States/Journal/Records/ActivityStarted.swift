// ActivityStarted: a worker has taken an activity's task (history.md §1).

import Core
import JSON

package struct ActivityStarted: Sendable, Equatable {
    package var workerName: String?

    package init(workerName: String?) { self.workerName = workerName }
}

extension ActivityStarted: RecordBody {
    var tag: RecordTag { .activityStarted }

    func encode(to encoder: inout RecordEncoder) { encoder.optional(workerName) { $0.string($1) } }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) { workerName = try decoder.optionalString() }

    /// The clocks of an activity's task start now (language.md §4, Task).
    func apply(to execution: inout Execution, _ record: JournalRecord) {
        let time = execution.engineTime(of: record)
        execution.changeTask(record) { task in
            task.progress = .taken
            task.deadline = task.scheduled.timeoutSeconds.map { time.adding(seconds: $0) }
            task.beat(at: time)
        }
    }

    var history: HistoryForm { HistoryForm("ActivityStarted", details: "activityStartedEventDetails") }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.string("workerName", workerName)
    }
}
