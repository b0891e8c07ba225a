// Is every object of the definition of its shape? (validation.md §2, §3)

import Core
import JSON

/// Walks the whole definition and notes every finding, in the order of the text.
struct SchemaChecks {
    /// What an object stands in.
    struct Surroundings {
        /// The language of the state.
        var language: QueryLanguage
        /// Express where the state belongs to an Express workflow, also as the child of a Distributed Map.
        var type: MachineType
        /// How many Parallel and Map states stand around it.
        var depth: Int
        /// What `$states` has in the field that is looked at.
        var statesMembers: Set<String> = ["input", "context"]
    }

    let limits: Limits
    let expressions: CompiledExpressions
    /// The language of states that name none.
    let machineLanguage: QueryLanguage
    var findings: [Diagnostic] = []
    private var stateNames: Set<CodeUnits> = []
    var labels: Set<String> = []

    static func findings(
        in definition: JSONObject, _ expressions: CompiledExpressions, type: MachineType, limits: Limits
    ) -> [Diagnostic] {
        let language = definition["QueryLanguage"]?.stringValue.flatMap { QueryLanguage(rawValue: $0) } ?? .jsonPath
        var checks = SchemaChecks(limits: limits, expressions: expressions, machineLanguage: language)
        checks.machine(definition, .top, at: .root, Surroundings(language: language, type: type, depth: 0))
        return checks.findings
    }

    private init(limits: Limits, expressions: CompiledExpressions, machineLanguage: QueryLanguage) {
        self.limits = limits
        self.expressions = expressions
        self.machineLanguage = machineLanguage
    }

    mutating func note(_ finding: Diagnostic) {
        // A large definition in which everything is wrong would be answered with many times its own length.
        if findings.count < limits.language.diagnostics { findings.append(finding) }
    }
}

// MARK: - Containers

extension SchemaChecks {
    /// A container of states, of the shape that its place asks for.
    mutating func machine(_ members: JSONObject, _ shape: Shape, at place: Place, _ around: Surroundings) {
        guard around.depth <= limits.language.nestingDepth else {
            let message = "States are nested more than \(limits.language.nestingDepth) levels deep"
            return note(Diagnostic(.tooDeeplyNested, message, at: place.location))
        }
        object(members, shape, at: place, around)
        guard let value = members["States"] else { return }
        let field = place.field("States")
        guard let states = value.objectValue else { return note(.expected("[OBJECT]", at: field)) }
        if states.isEmpty { note(.empty(at: field)) }
        for (name, state) in states { self.state(name, state, at: field.field(name), around) }
    }

    private mutating func state(_ name: String, _ value: JSONValue, at place: Place, _ around: Surroundings) {
        self.name(name, at: place)
        guard let members = value.objectValue else { return note(.expected("[OBJECT]", at: place)) }
        guard let type = stateType(members, at: place) else { return }
        let own = members["QueryLanguage"]?.stringValue.flatMap { QueryLanguage(rawValue: $0) }
        if machineLanguage == .jsonata, own == .jsonPath {
            let message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            note(.schema(message, at: place))
        }
        var around = around
        around.language = own ?? machineLanguage
        object(members, .state(type), at: place, around)
        stateRules(type, members, at: place, around)
    }

    private mutating func name(_ name: String, at place: Place) {
        if name.isEmpty || name.unicodeScalars.count > limits.language.stateNameCharacters {
            let limit = "\(limits.language.stateNameCharacters)-character limit"
            let message = "The state name '\(name)' exceeds the \(limit) allowed by the service"
            note(Diagnostic(.invalidStateName, name.isEmpty ? "A state name is empty" : message, at: place.location))
        }
        if !stateNames.insert(CodeUnits(name)).inserted {
            note(Diagnostic(.duplicateStateName, "Duplicate State name: \(name)", at: place.location))
        }
    }

    private mutating func stateType(_ members: JSONObject, at place: Place) -> StateType? {
        guard let value = members["Type"] else {
            note(.required(["Type"], at: place))
            return nil
        }
        guard let type = value.stringValue.flatMap({ StateType(rawValue: $0) }) else {
            let names = "Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map"
            let message = "The field 'Type' should have one of these values: [\(names)]"
            note(.schema(message, at: place.field("Type")))
            return nil
        }
        return type
    }
}

// MARK: - Objects

extension SchemaChecks {
    /// The fields of an object against its shape: what is missing, what is too much, what excludes each other, and each
    /// value.
    mutating func object(_ members: JSONObject, _ shape: Shape, at place: Place, _ around: Surroundings) {
        let missing = shape.required.filter { members[$0] == nil }
        if !missing.isEmpty { note(.required(missing, at: place)) }
        for (name, value) in members {
            guard let field = shape.fields[name] else {
                note(.fieldNotSupported(name, at: place))
                continue
            }
            if let language = field.language, language != around.language {
                note(.wrongLanguage(name, language: around.language, at: place))
                continue
            }
            var around = around
            if name == "Output" || name == "Assign" { around.statesMembers.formUnion(shape.outputSees) }
            self.value(value, field, at: place.field(name), around)
        }
        for group in shape.groups { self.group(group, members, at: place) }
    }

    private mutating func group(_ group: Shape.Group, _ members: JSONObject, at place: Place) {
        // `"End": false` is as good as no `End`.
        let present = group.names.filter { name in
            guard let value = members[name] else { return false }
            return name != "End" || value != false
        }
        if present.count > 1 {
            note(.onlyOne(of: group.names, at: place))
        } else if present.isEmpty, group.isNeeded {
            note(.oneNeeded(of: group.names, at: place))
        }
    }
}
