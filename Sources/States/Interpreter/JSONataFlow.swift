// The way of data through a JSONata state (language.md §2.2): input → Arguments → (work) → Output.

import Core
import Expressions
import JSON

/// What `$states` has beside the context object: which of them depends on the field.
struct StatesVariable {
    /// The raw input of the state.
    var input: JSONValue
    var result: JSONValue?
    var errorOutput: JSONValue?
}

extension Interpreter {
    /// A value with its expressions evaluated; `item` is the one that an ItemSelector is evaluated for.
    mutating func evaluate(
        _ template: JSONataTemplate, _ frame: Frame, _ states: StatesVariable,
        item: (index: Int, value: JSONValue)? = nil
    ) throws(StateFailure) -> JSONValue {
        switch template {
        case .literal(let value): return value
        case .expression(let expression): return try evaluate(expression, frame, states, item: item)
        case .array(let elements):
            var values: [JSONValue] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try evaluate(element, frame, states, item: item)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            object.reserveCapacity(members.count)
            for member in members { object[member.key] = try evaluate(member.value, frame, states, item: item) }
            return .object(object)
        }
    }

    /// An expression's value; it must have one.
    mutating func evaluate(
        _ expression: JSONataExpression, _ frame: Frame, _ states: StatesVariable,
        item: (index: Int, value: JSONValue)? = nil
    ) throws(StateFailure) -> JSONValue {
        let states = JSONValue.object(members(of: states, for: expression, frame, item))
        var environment = JSONataEnvironment(chance: chance, time: wallTime.milliseconds)
        environment.budget = budget
        defer { budget = environment.budget }
        let result: JSONataResult
        do throws(JSONataError) {
            result = try expression.expression.evaluate(
                input: nil, bindings: frame.variables, states: states, environment: &environment)
            chance = environment.chance
        } catch {
            if error.exceeded != nil { throw exceeded(expression.failure(error.sentence)) }
            throw expression.failure(error.sentence)
        }
        switch result {
        case .value(let value): return value
        case .undefined: throw expression.failure("returned nothing (undefined).")
        case .function: throw expression.failure("returned an unsupported result type.")
        }
    }

    /// `$states`, with no more than the expression looks at.
    private func members(
        of states: StatesVariable, for expression: JSONataExpression, _ frame: Frame,
        _ item: (index: Int, value: JSONValue)?
    ) -> JSONObject {
        let read = expression.statesMembers
        var members = JSONObject()
        if read.contains(.input) { members["input"] = states.input }
        if read.contains(.context) { members["context"] = contextSource(frame, item: item).object }
        if let result = states.result, read.contains(.result) { members["result"] = result }
        if let errorOutput = states.errorOutput, read.contains(.errorOutput) { members["errorOutput"] = errorOutput }
        return members
    }

    /// The output of a state that hands its input on: OutputPath, or `Output` in its place.
    mutating func passedOn(
        _ frame: Frame, _ state: State, input: JSONValue, rule: JSONataTemplate? = nil
    ) throws(StateFailure) -> JSONValue {
        guard let jsonata = state.jsonata else { return try apply(state.outputPath, to: input, frame) }
        guard let template = rule ?? jsonata.output else { return input }
        return try evaluate(template, frame, StatesVariable(input: frame.input.value))
    }

    // MARK: - Scalars

    /// An expression whose value must be a boolean.
    mutating func boolean(_ expression: JSONataExpression, _ frame: Frame) throws(StateFailure) -> Bool {
        let value = try evaluate(expression, frame, StatesVariable(input: frame.input.value))
        guard let flag = value.boolValue else { throw expression.unexpected("boolean", value) }
        return flag
    }

    mutating func text(_ expression: JSONataExpression, _ frame: Frame) throws(StateFailure) -> String {
        let value = try evaluate(expression, frame, StatesVariable(input: frame.input.value))
        guard let text = value.stringValue else { throw expression.unexpected("string", value) }
        return text
    }

    /// A whole number from 0 to the longest time that a state may name.
    mutating func integer(_ expression: JSONataExpression, _ frame: Frame) throws(StateFailure) -> Int {
        let value = try evaluate(expression, frame, StatesVariable(input: frame.input.value))
        guard let number = value.numberValue else { throw expression.unexpected("number", value) }
        let field = expression.field
        guard let int = number.int else {
            throw .evaluation("The \(field) field cannot be parsed as an integer: \(number.text)", at: field)
        }
        guard (0...limits.language.timeoutSeconds).contains(int) else {
            throw .evaluation(
                "\(field) must be between 0 and \(limits.language.timeoutSeconds) but was: \(int)", at: field)
        }
        return int
    }
}

extension JSONValue {
    /// The value as JSON for a Cause, which is cut to a shorter length.
    var excerpt: String { text(upTo: 131_072) }
}

extension JSONataExpression {
    func failure(_ what: String) -> StateFailure {
        .evaluation(
            "The JSONata expression '\(expression.source)' specified for the field '\(field)' \(what)", at: field)
    }

    func unexpected(_ wanted: String, _ value: JSONValue) -> StateFailure {
        failure(
            "returned an unexpected result type. Expected '\(wanted)', but was '\(value.kind)' for value: \(value.excerpt)"
        )
    }
}
