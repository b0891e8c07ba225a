// From a definition that passed its checks to the model.

import Core
import Integrations
import JSON

/// Reads the containers of a definition, collecting every state on the way.
struct DefinitionReader {
    private var states = StateTable()
    /// Why for each state that this version does not run.
    private let notSupported: [String: String]
    /// The language of states that name none: the machine's, never that of a Map or Parallel around them.
    private let machineLanguage: QueryLanguage

    /// The machine; the states of `notSupported`, but for Tasks, by name and type alone.
    static func machine(
        _ definition: JSONValue, _ expressions: CompiledExpressions, type: MachineType,
        notSupported: [String: String], limits: Limits
    ) throws(Diagnostic) -> StateMachine {
        let top = try DefinitionObject(definition, expressions, at: .root)
        let language = try top.string("QueryLanguage").flatMap { QueryLanguage(rawValue: $0) } ?? .jsonPath
        var reader = DefinitionReader(notSupported: notSupported, machineLanguage: language)
        let graph = try reader.graph(top)
        var timeout = try top.int("TimeoutSeconds")
        if type == .express { timeout = min(timeout ?? .max, limits.language.expressSeconds) }
        return StateMachine(
            comment: try top.string("Comment"), type: type, timeoutSeconds: timeout, top: graph,
            states: reader.states,
            variableReferences: WrittenState.variableReferences(in: top.members, expressions))
    }

    private init(notSupported: [String: String], machineLanguage: QueryLanguage) {
        self.notSupported = notSupported
        self.machineLanguage = machineLanguage
    }

    private mutating func graph(_ machine: DefinitionObject) throws(Diagnostic) -> StateGraph {
        guard let startAt = try machine.string("StartAt"), let states = machine["States"]?.objectValue else {
            throw .required(["States", "StartAt"].filter { machine[$0] == nil }, at: machine.place)
        }
        for (name, value) in states {
            let state = try DefinitionObject(value, machine.expressions, at: machine.place.state(name))
            self.states[name] = try self.state(name, state)
        }
        return StateGraph(startAt: startAt, states: states.keys)
    }

    private mutating func state(_ name: String, _ fields: DefinitionObject) throws(Diagnostic) -> State {
        guard let text = try fields.string("Type"), let type = StateType(rawValue: text) else {
            throw .required(["Type"], at: fields.place)
        }
        let refusal = notSupported[name]
        // A Task can be read whatever it calls.
        if refusal != nil, type != .task {
            // What is inside it has states of its own, whose names are looked up like any.
            for nested in fields.members.containers(at: fields.place) {
                _ = try graph(DefinitionObject(.object(nested.machine), fields.expressions, at: nested.place))
            }
            return State(name: name, body: .unsupported(type), notSupported: refusal)
        }
        let language = try fields.string("QueryLanguage").flatMap { QueryLanguage(rawValue: $0) } ?? machineLanguage
        let body = try body(type, fields, language)
        let transition = try fields.string("Next").map { Transition.next($0) } ?? .end
        let assign = try Assignment(fields, language)
        var retry: [Retrier] = []
        for retrier in try fields.objects("Retry") { retry.append(try Retrier(retrier)) }
        var catchers: [Catcher] = []
        for (index, catcher) in try fields.objects("Catch").enumerated() {
            catchers.append(try Catcher(catcher, language, prefix: "Catch[\(index)]/"))
        }
        switch language {
        case .jsonPath:
            return State(
                name: name, body: body, transition: transition,
                inputPath: try fields.pathField("InputPath") ?? .whole,
                // A Map's legacy `Parameters` are its ItemSelector (language.md §2).
                parameters: try fields.template(fields["ItemSelector"] == nil ? "Parameters" : "ItemSelector"),
                resultSelector: try fields.template("ResultSelector"), resultPath: try fields.resultPath(),
                outputPath: try fields.pathField("OutputPath") ?? .whole, assign: assign, retry: retry,
                catch: catchers, notSupported: refusal)
        case .jsonata:
            let expressions = JSONataFields(
                arguments: try fields.jsonata("Arguments"), output: try fields.jsonata("Output"))
            return State(
                name: name, body: body, transition: transition, jsonata: expressions, assign: assign, retry: retry,
                catch: catchers, notSupported: refusal)
        }
    }

    private mutating func body(
        _ type: StateType, _ fields: DefinitionObject, _ language: QueryLanguage
    ) throws(Diagnostic) -> State.Body {
        switch type {
        case .pass: return .pass(result: fields["Result"])
        case .task: return .task(try State.Task(fields, language))
        case .wait: return .wait(try State.Wait(fields))
        case .choice: return .choice(try State.Choice(fields, language))
        case .succeed: return .succeed
        case .fail:
            return .fail(
                State.Fail(
                    error: try fields.textField("Error", language), cause: try fields.textField("Cause", language)))
        case .parallel:
            var branches: [StateGraph] = []
            for branch in try fields.objects("Branches") { branches.append(try graph(branch)) }
            return .parallel(branches: branches)
        case .map: return .map(try map(fields, language))
        }
    }

    private mutating func map(_ fields: DefinitionObject, _ language: QueryLanguage) throws(Diagnostic) -> State.Map {
        guard let processor = try fields.object(fields["ItemProcessor"] == nil ? "Iterator" : "ItemProcessor") else {
            throw .required(["ItemProcessor"], at: fields.place)
        }
        var map = State.Map(processor: try graph(processor))
        map.itemsPath = try fields.referencePath("ItemsPath")
        if language == .jsonata {
            map.items = try fields.jsonata("Items")
            map.itemSelector = try fields.jsonata("ItemSelector")
        }
        map.maxConcurrency = try fields.numberField("MaxConcurrency") ?? .value(0)
        map.toleratedFailureCount = try fields.numberField("ToleratedFailureCount")
        map.toleratedFailurePercentage = try fields.decimalField("ToleratedFailurePercentage")
        map.hasItemReader = fields["ItemReader"] != nil
        map.hasResultWriter = fields["ResultWriter"] != nil
        return map
    }
}

extension State.Task {
    init(_ fields: DefinitionObject, _ language: QueryLanguage) throws(Diagnostic) {
        guard let text = try fields.string("Resource") else { throw .required(["Resource"], at: fields.place) }
        guard let target = TaskTarget(resource: text) else {
            throw .schema("Value is not a valid resource ARN", at: fields.place.field("Resource"))
        }
        self.init(target: target)
        timeoutSeconds = try fields.numberField("TimeoutSeconds")
        heartbeatSeconds = try fields.numberField("HeartbeatSeconds")
        switch language {
        case .jsonPath: credentials = try fields.template("Credentials").map { .jsonPath($0) }
        case .jsonata: credentials = try fields.jsonata("Credentials").map { .jsonata($0) }
        }
    }
}

extension State.Wait {
    init(_ fields: DefinitionObject) throws(Diagnostic) {
        if let expression = try fields.expression("Seconds") {
            self = .secondsExpression(expression)
        } else if let expression = try fields.expression("Timestamp") {
            self = .timestampExpression(expression)
        } else if let seconds = try fields.int("Seconds") {
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
