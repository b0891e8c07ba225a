// RedriveExecution, and whether an execution may be redriven (api.md §3, Redrive).

package import Core
import States
import Storage

/// DescribeExecution's `redriveStatus`.
package enum RedriveStatus: Sendable, Equatable {
    case redrivable
    case notRedrivable(reason: String)
}

extension Engine {
    /// Lets an execution that did not succeed continue where it failed; the completion gets the date of that,
    /// ExecutionDoesNotExist or ExecutionNotRedrivable.
    package func redriveExecution(arn: String, clientToken: String?, completion: @escaping Completion<Timestamp>) {
        withExecution(arn, completion) { [self] record, entry in
            if catalog.isDeleted(entry) {
                return completion(.failure(.executionNotRedrivable(RedriveStatus.machineIsDeleting)))
            }
            command {
                .redrive(RedriveCommand(execution: record.id, clientToken: clientToken, replyTo: $0))
            } _: {
                [metrics] reply in
                metrics.redriven(reply.error)
                completion(reply.date)
            }
        }
    }

    /// Whether a redrive would be taken.
    package func redriveStatus(of execution: ExecutionDescription, now: Timestamp) -> RedriveStatus {
        if let reason = execution.record.reasonAgainstRedrive(now: now, limits: configuration.limits) {
            return .notRedrivable(reason: reason)
        }
        return catalog.isDeleted(execution.entry)
            ? .notRedrivable(reason: RedriveStatus.machineIsDeleting) : .redrivable
    }
}

extension RedriveStatus {
    static let machineIsDeleting = "State machine is in DELETING status"
}

extension ExecutionRecord {
    private static let day: Int64 = 86_400_000

    /// The reason in AWS's words, `nil` where the execution may be redriven.
    func reasonAgainstRedrive(now: Timestamp, limits: Limits) -> String? {
        guard let stopDate, status != .running, status != .succeeded else {
            return "Execution is \(status.rawValue) and cannot be redriven"
        }
        if lastEventID >= limits.language.historyEvents - 1 { return "Execution history event limit exceeded" }
        if now.milliseconds - startDate.milliseconds >= Int64(limits.language.maximumOpenDays) * Self.day {
            return "Execution has exceeded the max execution time"
        }
        if now.milliseconds - stopDate.milliseconds > Int64(limits.language.maximumRedrivableDays) * Self.day {
            return "Execution redrivable period exceeded"
        }
        return nil
    }
}
