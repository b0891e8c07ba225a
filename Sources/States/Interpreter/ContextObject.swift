// The context object `$$` (language.md §8).

import Core
import JSON

/// What the context object of one evaluation is made of. Paths that look at it are rare, so it is put together only
/// when one does; meanwhile nothing of the interpreter is held, whose arrays grow with each event.
struct ContextSource {
    var identity: Execution.Identity
    var started: ExecutionStarted?
    var startTime: Timestamp
    var visit: Frame.Visit?
    /// Of a Map: the iteration's, or the one that an ItemSelector is evaluated for.
    var item: (index: Int, value: JSONValue)?
    var redrives: [Execution.Redrive]
    var taskToken: String?
    /// Stands for all of it, in a test.
    var given: JSONValue?
    /// A test's execution has no redrives to tell of, and perhaps no role.
    var isTest: Bool

    /// In AWS's key order: Execution, StateMachine, State, Map, Task.
    var object: JSONValue {
        if let given { return given }
        var object = JSONObject()
        object["Execution"] = .object(execution)
        object["StateMachine"] = ["Id": .string(identity.machineARN), "Name": .string(identity.machineName)]
        if let visit {
            var state: JSONObject = [
                "Name": .string(visit.name), "EnteredTime": .string(visit.enteredAt.iso8601),
            ]
            if [.task, .parallel, .map].contains(visit.type) { state["RetryCount"] = .int(visit.retryCount) }
            object["State"] = .object(state)
        }
        if let item { object["Map"] = ["Item": ["Index": .int(item.index), "Value": item.value]] }
        if let taskToken { object["Task"] = ["Token": .string(taskToken)] }
        return .object(object)
    }

    private var execution: JSONObject {
        var execution: JSONObject = [
            "Id": .string(identity.arn),
            "Input": started?.input.value ?? .null,
            "StartTime": .string(startTime.iso8601),
            "Name": .string(identity.name),
            "RoleArn": .string(started?.roleARN ?? ""),
        ]
        if isTest, started?.roleARN.isEmpty ?? true { execution["RoleArn"] = .null }
        if !identity.isSynchronous { execution["RedriveCount"] = .int(redrives.count) }
        if let last = redrives.last { execution["RedriveTime"] = .string(last.time.iso8601) }
        return execution
    }
}

extension Interpreter {
    /// `item` is the one that an ItemSelector is evaluated for; within an iteration it is the iteration's.
    func contextSource(_ frame: Frame, item: (index: Int, value: JSONValue)? = nil) -> ContextSource {
        ContextSource(
            identity: execution.identity, started: execution.started, startTime: execution.startTime,
            visit: frame.state, item: item ?? self.item(around: frame), redrives: execution.redrives,
            taskToken: taskToken, given: probe?.context, isTest: probe != nil)
    }

    /// The item of the innermost Map iteration that a frame belongs to.
    private func item(around frame: Frame) -> (index: Int, value: JSONValue)? {
        if execution.maps.isEmpty { return nil }
        var parent = frame.parent
        while let around = parent {
            if let items = execution.maps[around.frame]?.items { return (around.index, items[around.index]) }
            parent = execution.frames[around.frame]?.parent
        }
        return nil
    }
}
