// From the JSON of a Choice's rules to the model (language.md §4, Choice).

import Core
import Expressions
import JSON

extension State.Choice {
    init(_ fields: DefinitionObject, _ language: QueryLanguage) throws(Diagnostic) {
        var rules: [ChoiceRule] = []
        for (index, rule) in try fields.objects("Choices").enumerated() {
            rules.append(try ChoiceRule(rule, language, prefix: "Choices[\(index)]/"))
        }
        self.init(rules: rules, default: try fields.string("Default"))
    }
}

extension ChoiceRule {
    init(_ fields: DefinitionObject, _ language: QueryLanguage, prefix: String) throws(Diagnostic) {
        guard let next = try fields.string("Next") else { throw .required(["Next"], at: fields.place) }
        let assign = fields["Assign"] == nil ? nil : try Assignment(fields, language, prefix: prefix)
        switch language {
        case .jsonPath: self.init(condition: try Condition(fields), next: next, assign: assign)
        case .jsonata:
            self.init(
                condition: try Condition(jsonata: fields, prefix: prefix), next: next, assign: assign,
                output: try fields.jsonata("Output", prefix: prefix))
        }
    }
}

extension ChoiceRule.Condition {
    init(jsonata fields: DefinitionObject, prefix: String) throws(Diagnostic) {
        if let expression = try fields.expression("Condition", prefix: prefix) {
            self = .expression(expression)
        } else if let constant = try fields.bool("Condition") {
            self = .constant(constant)
        } else {
            throw .required(["Condition"], at: fields.place)
        }
    }

    init(_ fields: DefinitionObject) throws(Diagnostic) {
        if fields["And"] != nil {
            self = .and(try Self.all(fields, "And"))
        } else if fields["Or"] != nil {
            self = .or(try Self.all(fields, "Or"))
        } else if let rule = try fields.object("Not") {
            self = .not(try Self(rule))
        } else if let variable = try fields.path("Variable") {
            guard let comparator = fields.members.keys.lazy.compactMap({ Comparator(rawValue: $0) }).first else {
                throw .oneNeeded(of: Comparator.allNames, at: fields.place)
            }
            self = .compare(variable: variable, try ChoiceRule.Comparison(comparator, fields))
        } else {
            throw .schema(Comparator.oneKindNeeded, at: fields.place)
        }
    }

    private static func all(_ fields: DefinitionObject, _ name: String) throws(Diagnostic) -> [Self] {
        var conditions: [Self] = []
        for rule in try fields.objects(name) { conditions.append(try Self(rule)) }
        return conditions
    }
}

extension ChoiceRule.Comparison {
    init(_ comparator: Comparator, _ fields: DefinitionObject) throws(Diagnostic) {
        let name = comparator.rawValue
        let place = fields.place.field(name)
        switch comparator.kind {
        case .string(let ordering): self = .string(ordering, try Self.operand(fields, comparator) { $0.stringValue })
        case .numeric(let ordering): self = .numeric(ordering, try Self.operand(fields, comparator) { $0.numberValue })
        case .timestamp(let ordering):
            self = .timestamp(
                ordering,
                try Self.operand(fields, comparator) { $0.stringValue.flatMap { Timestamp(iso8601: $0) } })
        case .boolean: self = .boolean(try Self.operand(fields, comparator) { $0.boolValue })
        case .stringMatches:
            guard let text = try fields.string(name) else { throw .expected("[STRING]", at: place) }
            self = .stringMatches(StringPattern(text))
        case .type(let make):
            guard let flag = try fields.bool(name) else { throw .expected("[BOOLEAN]", at: place) }
            self = make(flag)
        }
    }

    private static func operand<Value>(
        _ fields: DefinitionObject, _ comparator: Comparator, _ literal: (JSONValue) -> Value?
    ) throws(Diagnostic) -> ChoiceRule.Operand<Value> {
        let name = comparator.rawValue
        if comparator.isPath, let path = try fields.path(name) { return .path(path) }
        guard let value = fields[name].flatMap(literal) else {
            throw .expected(comparator.operandType, at: fields.place.field(name))
        }
        return .value(value)
    }
}
