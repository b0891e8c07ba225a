// TaskSucceeded: an attempt has ended with a result (history.md §1).

package import JSON

package struct TaskSucceeded: Sendable, Equatable {
    package var family: TaskFamily
    package var output: Payload

    package init(_ family: TaskFamily, output: Payload) {
        self.family = family
        self.output = output
    }
}

extension TaskSucceeded: RecordBody {
    var tag: RecordTag { .taskSucceeded }
    var payloadBytes: Int { output.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.family(family)
        encoder.payload(output)
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        family = try decoder.family()
        output = try decoder.payload()
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        execution.change(record.frame) { frame in
            frame.lastEvent = record.id
            frame.phase = .result(output)
        }
    }

    var history: HistoryForm {
        switch family {
        case .lambdaFunction: HistoryForm("LambdaFunction", "Succeeded", details: "lambdaFunctionSucceededEventDetails")
        case .activity: HistoryForm("Activity", "Succeeded", details: "activitySucceededEventDetails")
        case .service: HistoryForm("Task", "Succeeded", details: "taskSucceededEventDetails")
        }
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        writer.service(family)
        writer.output(output, view)
    }
}
