// TaskFailed: an attempt has ended with an error (history.md §1).

package import Core
import JSON

package struct TaskFailed: Sendable, Equatable {
    package var family: TaskFamily
    package var failure: Failure

    package init(_ family: TaskFamily, _ failure: Failure) {
        self.family = family
        self.failure = failure
    }
}

extension TaskFailed: RecordBody {
    var tag: RecordTag { .taskFailed }

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
            case .lambdaFunction: "lambdaFunctionFailedEventDetails"
            case .activity: "activityFailedEventDetails"
            case .service: "taskFailedEventDetails"
            }
        return HistoryForm(family.prefix, "Failed", details: details, severity: .error)
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.service(family)
        writer.failure(failure)
    }
}
