// From a definition that passed its checks to the model.

import JSON

/// Reads the containers of a definition, collecting every state on the way.
struct DefinitionReader {
    private var states: [String: State] = [:]

    static func machine(_ definition: JSONValue) throws(Diagnostic) -> StateMachine {
        var reader = DefinitionReader()
        let top = try DefinitionObject(definition, at: .root)
        let graph = try reader.graph(top)
        return StateMachine(
            comment: try top.string("Comment"), timeoutSeconds: try top.int("TimeoutSeconds"), top: graph,
            states: reader.states)
    }

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
        var state = State(name: name, body: try body(type, fields))
        if let next = try fields.string("Next") { state.transition = .next(next) }
        if let path = try fields.pathField("InputPath") { state.inputPath = path }
        state.parameters = try fields.template("Parameters")
        state.resultSelector = try fields.template("ResultSelector")
        state.resultPath = try fields.resultPath()
        if let path = try fields.pathField("OutputPath") { state.outputPath = path }
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
        case .map: throw .schema("A Map state cannot be run", at: fields.place)
        }
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
