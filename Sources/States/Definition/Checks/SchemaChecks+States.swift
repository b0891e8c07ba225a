// What single fields cannot tell: rules of whole states, of Choice rules, branches and processors (validation.md §3).

import Core
import Integrations
import JSON

extension SchemaChecks {
    mutating func stateRules(
        _ type: StateType, _ members: JSONObject, at place: Place, _ around: Surroundings
    ) {
        switch type {
        case .task: taskRules(members, at: place, around)
        case .map: mapRules(members, at: place)
        default: break
        }
        for name in ["Retry", "Catch"] where Shape.state(type).fields[name] != nil {
            catchAll(members[name]?.arrayValue ?? [], at: place.field(name))
        }
    }

    /// `States.ALL` stands alone in its list, and that list is the last.
    private mutating func catchAll(_ entries: [JSONValue], at place: Place) {
        for (index, entry) in entries.enumerated() {
            let names = entry["ErrorEquals"]?.arrayValue ?? []
            if names.contains(.string(ErrorName.all)), names.count > 1 || index + 1 < entries.count {
                let field = place.element(index).field("ErrorEquals")
                note(.schema("\(ErrorName.all) must appear alone and at end of list", at: field))
            }
        }
    }

    private mutating func taskRules(_ members: JSONObject, at place: Place, _ around: Surroundings) {
        if let timeout = members["TimeoutSeconds"]?.intValue, let heartbeat = members["HeartbeatSeconds"]?.intValue,
            heartbeat >= timeout
        {
            note(.schema("HeartbeatSeconds must be smaller than TimeoutSeconds", at: place.field("HeartbeatSeconds")))
        }
        guard let arn = members["Resource"]?.stringValue, let target = TaskTarget(resource: arn) else { return }
        if case .activity = target, members["Credentials"] != nil {
            note(.schema("The field 'Credentials' is not supported for activities", at: place.field("Credentials")))
        }
        guard let schema = target.entry?.parameters else { return }
        let name = around.language == .jsonPath ? "Parameters" : "Arguments"
        guard let parameters = members[name] else {
            return note(.schema("\(name) field is required for resource ARN: \(arn)", at: place))
        }
        // A JSONata state may make the whole object with one expression.
        guard let parameters = parameters.objectValue else { return }
        for field in schema.required {
            let isGiven =
                parameters[field] != nil || around.language == .jsonPath && parameters[field + ".$"] != nil
            if !isGiven { note(.fieldRequired(field, at: place.field(name))) }
        }
    }

    mutating func resource(_ value: JSONValue, at place: Place, _ around: Surroundings) {
        guard let arn = value.stringValue else { return note(.expected("[STRING]", at: place)) }
        guard arn.hasPrefix("arn:") else { return note(.schema("Value is not a valid resource ARN", at: place)) }
        guard let target = TaskTarget(resource: arn), target.exists else {
            let message =
                "The resource provided \(arn) is not recognized. The value is not a valid resource ARN, "
                + "or the resource is not available in this region."
            return note(.schema(message, at: place))
        }
        guard around.type == .express else { return }
        switch target {
        case .activity: note(.schema("Express state machine does not support Activity ARN", at: place))
        case .integration(_, .sync), .integration(_, .sync2):
            note(.schema("Express state machine does not support '.sync' service integration", at: place))
        case .integration(_, .waitForTaskToken):
            // The space at the end is AWS's.
            let message = "Express state machine does not support '.waitForTaskToken' service integration "
            note(.schema(message, at: place))
        case .function, .integration(_, .requestResponse): break
        }
    }
}

// MARK: - Choice

extension SchemaChecks {
    mutating func choiceRules(_ value: JSONValue, nested: Bool, at place: Place, _ around: Surroundings) {
        for (index, rule) in elements(value, at: place).enumerated() {
            choiceRule(rule, nested: nested, at: place.element(index), around)
        }
    }

    mutating func choiceRule(_ value: JSONValue, nested: Bool, at place: Place, _ around: Surroundings) {
        guard let members = value.objectValue else { return note(.expected("[OBJECT]", at: place)) }
        object(members, nested ? .nestedChoiceRule : .choiceRule, at: place, around)
        let kinds = ["And", "Or", "Not", "Variable", "Condition"].filter { members[$0] != nil }
        guard kinds.count == 1 else { return note(.schema(Comparator.oneKindNeeded, at: place)) }
        let comparators = Comparator.allNames.filter { members[$0] != nil }
        guard kinds == ["Variable"] else {
            for name in comparators { note(.fieldNotSupported(name, at: place)) }
            return
        }
        if comparators.isEmpty { note(.oneNeeded(of: Comparator.allNames, at: place)) }
        if comparators.count > 1 { note(.onlyOne(of: Comparator.allNames, at: place)) }
    }
}

// MARK: - Parallel and Map

extension SchemaChecks {
    mutating func branches(_ value: JSONValue, at place: Place, _ around: Surroundings) {
        var around = around
        around.depth += 1
        for (index, branch) in elements(value, at: place).enumerated() {
            let element = place.element(index)
            guard let members = branch.objectValue else {
                note(.expected("[OBJECT]", at: element))
                continue
            }
            machine(members, .branch, at: element, around)
        }
    }

    mutating func processor(_ value: JSONValue, at place: Place, _ around: Surroundings) {
        guard let members = value.objectValue else { return note(.expected("[OBJECT]", at: place)) }
        var around = around
        around.depth += 1
        if let config = members["ProcessorConfig"]?.objectValue {
            let field = place.field("ProcessorConfig")
            if config["Mode"] == "DISTRIBUTED" {
                if config["ExecutionType"] == nil { note(.required(["ExecutionType"], at: field)) }
                if around.type == .express {
                    let message =
                        "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
                    note(.schema(message, at: field.field("Mode")))
                }
                if config["ExecutionType"] == "EXPRESS" { around.type = .express }
            } else if config["ExecutionType"] != nil {
                note(.fieldNotSupported("ExecutionType", at: field))
            }
        }
        machine(members, .itemProcessor, at: place, around)
    }

    fileprivate mutating func mapRules(_ members: JSONObject, at place: Place) {
        if let reader = members["ItemReader"]?.objectValue { itemReader(reader, at: place.field("ItemReader")) }
        if let writer = members["ResultWriter"]?.objectValue {
            let field = place.field("ResultWriter")
            if writer["Resource"] == nil, writer["WriterConfig"] == nil {
                note(.oneNeeded(of: ["Resource", "WriterConfig"], at: field))
            }
            storage(writer, ["putObject"], at: field)
        }
    }

    private mutating func itemReader(_ reader: JSONObject, at place: Place) {
        storage(reader, ["getObject", "listObjectsV2"], at: place)
        guard let config = reader["ReaderConfig"]?.objectValue else { return }
        let field = place.field("ReaderConfig")
        if config["InputType"] == "CSV" {
            if config["CSVHeaderLocation"] == nil {
                note(.schema("The field 'CSVHeaderLocation' is required", at: field))
            } else if config["CSVHeaderLocation"] == "GIVEN", config["CSVHeaders"] == nil {
                note(.required(["CSVHeaders"], at: field))
            }
        } else {
            for name in ["CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"]
            where config["InputType"] == "JSON" && config[name] != nil {
                note(.fieldNotSupported(name, at: field))
            }
        }
    }

    /// The S3 resource of a reader or a writer and what has to come with it.
    private mutating func storage(_ members: JSONObject, _ actions: Set<String>, at place: Place) {
        guard let arn = members["Resource"]?.stringValue else { return }
        guard case .integration(let key, .requestResponse) = TaskTarget(resource: arn), key.service == "s3",
            actions.contains(key.action)
        else {
            let message = "The field 'Resource' does not match any of the allowed values"
            return note(.schema(message, at: place.field("Resource")))
        }
        if members["Parameters"] == nil, members["Arguments"] == nil { note(.required(["Parameters"], at: place)) }
    }
}
