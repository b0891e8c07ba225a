// From a definition that passed its checks to the model.

import JSON

/// Reads the containers of a definition, collecting every state on the way.
struct DefinitionReader {
    private var states: [String: State] = [:]
    /// States that are not read, since they do not run yet.
    private let unsupported: Set<String>

    /// The machine, with the states of `unsupported` by name and type alone.
    static func machine(
        _ definition: JSONValue, type: MachineType, unsupported: (diagnostics: [Diagnostic], states: Set<String>),
        limits: Limits
    ) throws(Diagnostic) -> StateMachine {
        var reader = DefinitionReader(unsupported: unsupported.states)
        let top = try DefinitionObject(definition, at: .root)
        let graph = try reader.graph(top)
        var timeout = try top.int("TimeoutSeconds")
        if type == .express { timeout = min(timeout ?? .max, limits.expressSeconds) }
        return StateMachine(
            comment: try top.string("Comment"), type: type, timeoutSeconds: timeout, top: graph,
            states: reader.states, unsupported: unsupported.diagnostics,
            variableReferences: WrittenState.variableReferences(in: top.members))
    }

    private init(unsupported: Set<String>) { self.unsupported = unsupported }

    private mutating func graph(_ machine: DefinitionObject) throws(Diagnostic) -> StateGraph {
        guard let startAt = try machine.string("StartAt"), let states = machine["States"]?.objectValue else {
            throw .required(["States", "StartAt"].filter { machine[$0] == nil }, at: machine.place)
        }
        for (name, value) in states {
            let state = try DefinitionObject(value, at: machine.place.state(name))
            self.states[name] = try self.state(name, state)
        }
        return StateGraph(startAt: startAt, states: states.keys)
    }

    private mutating func state(_ name: String, _ fields: DefinitionObject) throws(Diagnostic) -> State {
        guard let text = try fields.string("Type"), let type = StateType(rawValue: text) else {
            throw .required(["Type"], at: fields.place)
        }
        if unsupported.contains(name) {
            // What is inside it has states of its own, whose names are looked up like any.
            for nested in fields.members.containers(at: fields.place) {
                _ = try graph(DefinitionObject(.object(nested.machine), at: nested.place))
            }
            return State(name: name, body: .unsupported(type))
        }
        var state = State(name: name, body: try body(type, fields))
        if let next = try fields.string("Next") { state.transition = .next(next) }
        if let path = try fields.pathField("InputPath") { state.inputPath = path }
        // A Map's legacy `Parameters` are its ItemSelector (language.md §2).
        state.parameters = try fields.template(fields["ItemSelector"] == nil ? "Parameters" : "ItemSelector")
        state.resultSelector = try fields.template("ResultSelector")
        state.resultPath = try fields.resultPath()
        if let path = try fields.pathField("OutputPath") { state.outputPath = path }
        state.assign = try Assignment(fields)
        for retrier in try fields.objects("Retry") { state.retry.append(try Retrier(retrier)) }
        for catcher in try fields.objects("Catch") { state.catch.append(try Catcher(catcher)) }
        return state
    }

    private mutating func body(_ type: StateType, _ fields: DefinitionObject) throws(Diagnostic) -> State.Body {
        switch type {
        case .pass: return .pass(result: fields["Result"])
        case .task: return .task(try State.Task(fields))
        case .wait: return .wait(try State.Wait(fields))
        case .choice: return .choice(try State.Choice(fields))
        case .succeed: return .succeed
        case .fail: return .fail(State.Fail(error: try fields.textField("Error"), cause: try fields.textField("Cause")))
        case .parallel:
            var branches: [StateGraph] = []
            for branch in try fields.objects("Branches") { branches.append(try graph(branch)) }
            return .parallel(branches: branches)
        case .map: return .map(try map(fields))
        }
    }

    private mutating func map(_ fields: DefinitionObject) throws(Diagnostic) -> State.Map {
        guard let processor = try fields.object(fields["ItemProcessor"] == nil ? "Iterator" : "ItemProcessor") else {
            throw .required(["ItemProcessor"], at: fields.place)
        }
        var map = State.Map(processor: try graph(processor))
        map.itemsPath = try fields.referencePath("ItemsPath")
        map.maxConcurrency = try fields.numberField("MaxConcurrency") ?? .value(0)
        map.toleratedFailureCount = try fields.numberField("ToleratedFailureCount")
        map.toleratedFailurePercentage = try fields.decimalField("ToleratedFailurePercentage")
        return map
    }
}

extension State.Task {
    init(_ fields: DefinitionObject) throws(Diagnostic) {
        guard let text = try fields.string("Resource") else { throw .required(["Resource"], at: fields.place) }
        guard let resource = TaskResource(text) else {
            throw .schema("Value is not a valid resource ARN", at: fields.place.field("Resource"))
        }
        self.init(resource: resource)
        timeoutSeconds = try fields.numberField("TimeoutSeconds")
        heartbeatSeconds = try fields.numberField("HeartbeatSeconds")
        credentials = try fields.template("Credentials")
    }
}

extension State.Wait {
    init(_ fields: DefinitionObject) throws(Diagnostic) {
        if let seconds = try fields.int("Seconds") {
            self = .seconds(seconds)
        } else if let path = try fields.referencePath("SecondsPath") {
            self = .secondsPath(path)
        } else if let text = try fields.string("Timestamp") {
            guard let timestamp = Timestamp(iso8601: text) else {
                throw .timestamp(at: fields.place.field("Timestamp"))
            }
            self = .timestamp(timestamp)
        } else if let path = try fields.referencePath("TimestampPath") {
            self = .timestampPath(path)
        } else {
            throw .oneNeeded(of: ["SecondsPath", "Seconds", "TimestampPath", "Timestamp"], at: fields.place)
        }
    }
}
