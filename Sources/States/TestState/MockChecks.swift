// What TestState asks of a mock, of the context object and of the state that they are for (api.md §3, TestState).

import Integrations
package import JSON

/// TestState's own checks.
package enum MockChecks {
    /// A state that can be mocked; without a mock, one that can be run alone.
    package static func checkType(of state: State, hasMock: Bool) throws(StateTestRefusal) {
        let type = state.type
        if hasMock, ![.task, .map, .parallel].contains(type) {
            throw .validation("State type '\(type.rawValue)' is not supported when a mock is specified")
        }
        if !hasMock, type == .map || type == .parallel {
            throw .unsupportedType(
                "TestState API does not support Map or Parallel states. Supported state types include: "
                    + "[Task, Wait, Pass, Succeed, Fail, Choice]")
        }
    }

    /// A mocked result, JSON text, against what the state's work comes to.
    package static func result(
        _ text: String, of state: State, mode: FieldValidationMode
    ) throws(StateTestRefusal) -> JSONValue {
        guard let value = try? JSONValue.parse(text) else { throw .validation("Mocked result must be valid JSON") }
        switch state.body {
        case .map(let map) where map.hasResultWriter:
            guard value.objectValue != nil else { throw .validation("Mocked result must be a JSON object.") }
        case .map:
            guard value.arrayValue != nil else { throw .validation("Mocked result must be an array.") }
        case .parallel(let branches):
            guard let results = value.arrayValue else { throw .validation("Mocked result must be an array.") }
            guard results.count == branches.count else {
                throw .validation(
                    "Mocked result must contain the same number of items as number of Parallel branches.")
            }
        case .task(let task):
            if mode != .none { try check(value, of: task.target, requiresAll: mode == .strict) }
        default: break
        }
        return value
    }

    private static func check(
        _ value: JSONValue, of target: TaskTarget, requiresAll: Bool
    ) throws(StateTestRefusal) {
        guard let schema = target.entry?.result(target.pattern) else { return }
        do throws(ResultSchema.Mismatch) { try schema.check(value, requiresAll: requiresAll) } catch {
            let problem =
                switch error {
                case .missing(let field): "Required field '\(field)' is missing"
                case .wrong(let field?, let reason): "Field '\(field)' \(reason)"
                case .wrong(nil, let reason): "The mocked result \(reason)"
                }
            throw .validation("Mock result schema validation error: \(problem)")
        }
    }

    /// How many iterations of a Map may count as failed.
    package static func checkIterationFailures(_ count: Int?, result: JSONValue?) throws(StateTestRefusal) {
        guard let count, let iterations = result?.arrayValue?.count, count > iterations else { return }
        throw .validation("Map iteration failure count must be less than or equal to the number of Map iterations")
    }

    // MARK: - The context object

    private static let contextFields: [String: [String]] = [
        "Execution": ["Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"],
        "State": ["EnteredTime", "Name", "RetryCount"],
        "StateMachine": ["Id", "Name"],
        "Task": ["Token"],
    ]
    /// Those that are not strings.
    private static let otherTypes: Set<String> = ["Execution.Input", "Execution.RedriveCount", "State.RetryCount"]

    /// Reads a context object and looks it over.
    package static func context(_ text: String, of state: State) throws(StateTestRefusal) -> JSONValue {
        guard let context = try? JSONValue.parse(text), let members = context.objectValue else {
            throw invalidContext("must be a JSON object")
        }
        for (name, value) in members {
            if name == "Map" { throw invalidContext("'Map' field is not supported when mocking a Context object") }
            guard let allowed = contextFields[name] else { throw invalidContext("Field '\(name)' is not allowed") }
            guard let fields = value.objectValue else { throw invalidContext("\(name) must be an object") }
            for (field, value) in fields { try check(field, value, of: name, allowed) }
        }
        if members["Task"] != nil, !state.hasToken {
            throw invalidContext(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or "
                    + "'.waitForTaskToken' service integration pattern")
        }
        return context
    }

    private static func check(
        _ field: String, _ value: JSONValue, of name: String, _ allowed: [String]
    ) throws(StateTestRefusal) {
        guard allowed.contains(field) else { throw invalidContext("Field '\(field)' is not allowed") }
        let path = "\(name).\(field)"
        if !otherTypes.contains(path), value.stringValue == nil { throw invalidContext("\(path) must be a string") }
        if path.hasSuffix("Count"), value.intValue == nil { throw invalidContext("\(path) must be a number") }
    }

    private static func invalidContext(_ reason: String) -> StateTestRefusal {
        .validation("Invalid Context object provided: \(reason)")
    }
}

/// `fieldValidationMode`.
package enum FieldValidationMode: String, Sendable {
    /// Every required field is there, every field is of its type.
    case strict = "STRICT"
    /// Every field that is there is of its type.
    case present = "PRESENT"
    case none = "NONE"
}

extension State {
    fileprivate var hasToken: Bool {
        if case .task(let task) = body { task.target.pattern != .requestResponse } else { false }
    }
}
