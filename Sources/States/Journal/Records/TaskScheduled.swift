// TaskScheduled: an attempt at a task, with its effective input (history.md §1).

package import Core
package import JSON

package struct TaskScheduled: Sendable, Equatable {
    package var family: TaskFamily
    /// The ARN of the function or activity, else the whole resource.
    package var resource: String
    /// The effective input; for a service integration its `parameters`.
    package var input: Payload
    /// As the definition has them, for display.
    package var timeoutSeconds: Int?
    package var heartbeatSeconds: Int?
    package var credentialsRoleARN: String?
    /// When the attempt times out. Not shown by AWS.
    package var deadline: Timestamp?

    package init(
        family: TaskFamily, resource: String, input: Payload, timeoutSeconds: Int? = nil,
        heartbeatSeconds: Int? = nil, credentialsRoleARN: String? = nil, deadline: Timestamp? = nil
    ) {
        self.family = family
        self.resource = resource
        self.input = input
        self.timeoutSeconds = timeoutSeconds
        self.heartbeatSeconds = heartbeatSeconds
        self.credentialsRoleARN = credentialsRoleARN
        self.deadline = deadline
    }

    /// The region of the resource's ARN.
    private var region: String? {
        let fields = resource.fields(by: ":", most: 6)
        guard fields.count > 3, !fields[3].isEmpty else { return nil }
        return String(fields[3])
    }
}

extension TaskScheduled: RecordBody {
    var tag: RecordTag { .taskScheduled }
    var payloadBytes: Int { input.size }

    func encode(to encoder: inout RecordEncoder) {
        encoder.family(family)
        encoder.string(resource)
        encoder.payload(input)
        encoder.optional(timeoutSeconds) { $0.int($1) }
        encoder.optional(heartbeatSeconds) { $0.int($1) }
        encoder.optional(credentialsRoleARN) { $0.string($1) }
        encoder.optional(deadline) { $0.timestamp($1) }
    }

    init(from decoder: inout RecordDecoder) throws(RecordCodingError) {
        self.init(
            family: try decoder.family(), resource: try decoder.string(), input: try decoder.payload(),
            timeoutSeconds: try decoder.optionalInt(), heartbeatSeconds: try decoder.optionalInt(),
            credentialsRoleARN: try decoder.optionalString(), deadline: try decoder.optionalTimestamp())
    }

    func apply(to execution: inout Execution, _ record: JournalRecord) {
        var task = Frame.OpenTask(scheduledEvent: record.id, scheduled: self)
        // The clocks of an activity's task start when a worker takes it (language.md §4, Task).
        if family != .activity {
            task.deadline = deadline
            task.beat(at: execution.engineTime(of: record))
        }
        execution.change(record.frame) { frame in
            frame.lastEvent = record.id
            frame.phase = .task(task)
        }
    }

    var history: HistoryForm {
        switch family {
        case .lambdaFunction: HistoryForm("LambdaFunction", "Scheduled", details: "lambdaFunctionScheduledEventDetails")
        case .activity: HistoryForm("Activity", "Scheduled", details: "activityScheduledEventDetails")
        case .service: HistoryForm("Task", "Scheduled", details: "taskScheduledEventDetails")
        }
    }

    func writeDetails(to writer: inout JSONObjectWriter, _ view: EventView) {
        switch family {
        case .lambdaFunction:
            writer.string("resource", resource)
            writer.input(input, view)
            writer.int("timeoutInSeconds", timeoutSeconds)
        case .activity:
            writer.string("resource", resource)
            writer.input(input, view)
            writer.int("timeoutInSeconds", timeoutSeconds)
            writer.int("heartbeatInSeconds", heartbeatSeconds)
        case .service:
            writer.service(family)
            writer.string("region", region ?? view.region)
            writer.string("parameters", input.text)
            writer.int("timeoutInSeconds", timeoutSeconds)
            writer.int("heartbeatInSeconds", heartbeatSeconds)
        }
        guard let role = credentialsRoleARN else { return }
        writer.object("taskCredentials") { $0.string("roleArn", role) }
    }
}
