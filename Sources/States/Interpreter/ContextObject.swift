// The context object `$$` (language.md §8).

import JSON

extension Interpreter {
    /// In AWS's key order: Execution, StateMachine, State.
    func contextObject(_ frame: Frame) -> JSONValue {
        let identity = execution.identity
        var object = JSONObject()
        object["Execution"] = [
            "Id": .string(identity.arn),
            "Input": execution.started?.input.value ?? .null,
            "StartTime": .string(execution.startTime.iso8601),
            "Name": .string(identity.name),
            "RoleArn": .string(execution.started?.roleARN ?? ""),
            "RedriveCount": 0,
        ]
        object["StateMachine"] = ["Id": .string(identity.machineARN), "Name": .string(identity.machineName)]
        if let visit = frame.state {
            var state: JSONObject = [
                "Name": .string(visit.name), "EnteredTime": .string(visit.enteredAt.iso8601),
            ]
            if [.task, .parallel, .map].contains(visit.type) { state["RetryCount"] = .int(visit.retryCount) }
            object["State"] = .object(state)
        }
        return .object(object)
    }
}
