// TaskTimedOut: TimeoutSeconds or HeartbeatSeconds of an attempt have passed (history.md §1).

package import Core
import JSON

package struct TaskTimedOut: Sendable, Equatable {
    package var family: TaskFamily
    package var failure: Failure

    package init(_ family: TaskFamily, _ failure: Failure) {
        self.family = family
        self.failure = failure
    }
}

extension TaskTimedOut: RecordBody {
    var tag: RecordTag { .taskTimedOut }

    func encode(to encoder: inout RecordEncoder) {
        encoder.family(family)
        encoder.failure(failure)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        family = try decoder.family()
        failure = try decoder.failure()
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) { execution.advanceChain(record) }

    var history: HistoryForm {
        let details: StaticString =
            switch family {
            case .lambdaFunction: "lambdaFunctionTimedOutEventDetails"
            case .activity: "activityTimedOutEventDetails"
            case .service: "taskTimedOutEventDetails"
            }
        return HistoryForm(family.prefix, "TimedOut", details: details, severity: .error)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.service(family)
        writer.failure(failure)
    }
}
