// The context object `$$` (language.md §8).

import JSON

extension Interpreter {
    /// In AWS's key order: Execution, StateMachine, State, Map.
    ///
    /// `item` is the one that an ItemSelector is evaluated for; within an iteration it is the iteration's.
    func contextObject(_ frame: Frame, item: (index: Int, value: JSONValue)? = nil) -> JSONValue {
        let identity = execution.identity
        var object = JSONObject()
        var described: JSONObject = [
            "Id": .string(identity.arn),
            "Input": execution.started?.input.value ?? .null,
            "StartTime": .string(execution.startTime.iso8601),
            "Name": .string(identity.name),
            "RoleArn": .string(execution.started?.roleARN ?? ""),
        ]
        if !identity.isSynchronous { described["RedriveCount"] = 0 }
        object["Execution"] = .object(described)
        object["StateMachine"] = ["Id": .string(identity.machineARN), "Name": .string(identity.machineName)]
        if let visit = frame.state {
            var state: JSONObject = [
                "Name": .string(visit.name), "EnteredTime": .string(visit.enteredAt.iso8601),
            ]
            if [.task, .parallel, .map].contains(visit.type) { state["RetryCount"] = .int(visit.retryCount) }
            object["State"] = .object(state)
        }
        if let item = item ?? self.item(around: frame) {
            object["Map"] = ["Item": ["Index": .int(item.index), "Value": item.value]]
        }
        return .object(object)
    }

    /// The item of the innermost Map iteration that a strand belongs to.
    private func item(around frame: Frame) -> (index: Int, value: JSONValue)? {
        var parent = frame.parent
        while let around = parent {
            if let items = execution.maps[around.frame]?.items { return (around.index, items[around.index]) }
            parent = execution.frames[around.frame]?.parent
        }
        return nil
    }
}
