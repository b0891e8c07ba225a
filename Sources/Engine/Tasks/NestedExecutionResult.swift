// What `.sync` and `.sync:2` return when the execution that a task has started closes (integrations.md §4,
// states:startExecution).

import Integrations
import Core
import JSON
import States
import Storage

extension ExecutionSummary {
    /// What the end of this execution is to the open task that waits for it.
    func outcome(of task: Frame.OpenTask, _ event: Int) -> Stimulus {
        let result = JSONValue.object(result(parsesPayloads: task.scheduled.pattern == .sync2))
        if case .succeeded = outcome { return .taskSucceeded(task: event, output: Payload(result)) }
        return .taskFailed(task: event, Failure(error: ErrorName.taskFailed, cause: result.text))
    }

    /// DescribeExecution's response as the integration returns it, in AWS's order of members; times in milliseconds
    /// since 1970.
    private func result(parsesPayloads: Bool) -> JSONObject {
        func payload(_ text: String) -> JSONValue {
            parsesPayloads ? (try? JSONValue.parse(text)) ?? .string(text) : .string(text)
        }
        var result = JSONObject()
        switch outcome {
        case .failed(let failure), .aborted(let failure), .timedOut(let failure):
            if let cause = failure.cause { result["Cause"] = .string(cause) }
            if let error = failure.error { result["Error"] = .string(error) }
        case .created, .running, .succeeded: break
        }
        result["ExecutionArn"] = .string(arn)
        if let input { result["Input"] = payload(input) }
        result["InputDetails"] = ["Included": .bool(input != nil)]
        result["Name"] = .string(name)
        if case .succeeded(let output) = outcome {
            result["Output"] = payload(output.text)
            result["OutputDetails"] = ["Included": true]
        }
        result["RedriveCount"] = .int(redriveCount)
        if let redriveDate { result["RedriveDate"] = .int(Int(redriveDate.milliseconds)) }
        result["RedriveStatus"] = reasonAgainstRedrive == nil ? "REDRIVABLE" : "NOT_REDRIVABLE"
        if let reasonAgainstRedrive { result["RedriveStatusReason"] = .string(reasonAgainstRedrive) }
        result["StartDate"] = .int(Int(startDate.milliseconds))
        result["StateMachineArn"] = .string(machineARN)
        result["Status"] = .string(outcome.recorded.rawValue)
        result["StopDate"] = .int(Int(stopDate.milliseconds))
        return result
    }
}
