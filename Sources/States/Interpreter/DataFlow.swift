// The way of data through a JSONPath state (language.md §2.1):
// raw input → InputPath → Parameters → (work) → ResultSelector → ResultPath → OutputPath → output.

import Core
import Expressions
import JSON

extension Interpreter {
    /// What expressions of this frame can see; `item` as in `contextSource`.
    func scope(_ frame: Frame, input: JSONValue, item: (index: Int, value: JSONValue)? = nil) -> PathScope {
        let context = contextSource(frame, item: item)
        return PathScope(input: input, context: context.object, variables: frame.variables)
    }

    /// The raw input after InputPath.
    mutating func effectiveInput(_ frame: Frame, _ state: State) throws(StateFailure) -> JSONValue {
        let input = try apply(state.inputPath, to: frame.input.value, frame)
        probe?.record(.afterInputPath, input)
        return input
    }

    /// The effective input after Parameters, or the Arguments.
    mutating func parameters(_ frame: Frame, _ state: State) throws(StateFailure) -> JSONValue {
        if let jsonata = state.jsonata {
            guard let template = jsonata.arguments else { return frame.input.value }
            let arguments = try evaluate(template, frame, StatesVariable(input: frame.input.value))
            probe?.record(.afterArguments, arguments)
            return arguments
        }
        var parameters = try effectiveInput(frame, state)
        if let template = state.parameters { parameters = try evaluate(template, scope(frame, input: parameters)) }
        probe?.record(.afterParameters, parameters)
        return parameters
    }

    /// From a result to the state's output.
    mutating func output(_ frame: Frame, _ state: State, result: JSONValue) throws(StateFailure) -> JSONValue {
        if let jsonata = state.jsonata {
            guard let template = jsonata.output else { return result }
            return try evaluate(template, frame, states(frame, state, result: result))
        }
        var result = result
        if let selector = state.resultSelector { result = try evaluate(selector, scope(frame, input: result)) }
        probe?.record(.afterResultSelector, result)
        let placed = try place(result, state.resultPath, in: frame.input)
        probe?.record(.afterResultPath, placed)
        return try apply(state.outputPath, to: placed, frame)
    }

    /// What `Output` and `Assign` see of a state that has done its work: a Pass has no result of its own.
    func states(_ frame: Frame, _ state: State, result: JSONValue) -> StatesVariable {
        StatesVariable(input: frame.input.value, result: state.type == .pass ? nil : result)
    }

    /// A value as a payload within the limits. Throws `States.DataLimitExceeded`.
    mutating func payload(_ value: JSONValue, of state: State) throws(StateFailure) -> Payload {
        do throws(JSONExcess) { return try Payload(value, limits: limits) } catch {
            switch error {
            case .bytes: throw .outputTooLarge(state.name)
            case .depth: throw .outputTooDeep(state.name, limits)
            }
        }
    }

    /// InputPath or OutputPath.
    mutating func apply(_ field: PathField, to value: JSONValue, _ frame: Frame) throws(StateFailure) -> JSONValue {
        let path: JSONPath
        switch field {
        case .whole: return value
        case .null: return .object(JSONObject())
        case .path(let written): path = written
        }
        try checkNull(path, value)
        if path == .wholeInput { return value }
        do throws(JSONPathError) { return try self.value(of: path, in: scope(frame, input: value)) } catch {
            if error.code == .budget { throw exceeded(.beyondBudget) }
            throw .runtime("Invalid path '\(path.source)' : \(error.message)")
        }
    }

    /// Throws where a path that the definition writes starts at data that is null: AWS fails before it looks at the
    /// path (recorded for a Choice and for Parameters; language.md §10.1).
    func checkNull(_ path: JSONPath, _ data: JSONValue) throws(StateFailure) {
        if data.isNull, path.root == .input {
            throw .runtime("Unable to apply Path transformation to null or empty input.")
        }
    }

    /// ResultPath: the merge target is the raw state input, before InputPath.
    func place(_ result: JSONValue, _ field: ResultPath, in input: Payload) throws(StateFailure) -> JSONValue {
        switch field {
        case .replace: return result
        case .discard: return input.value
        case .path(let path):
            do throws(JSONPathError) { return try path.setting(result, in: input.value) } catch {
                throw .conflict(error.message)
            }
        }
    }

    /// A payload template.
    mutating func evaluate(_ template: PayloadTemplate, _ scope: PathScope) throws(StateFailure) -> JSONValue {
        switch template {
        case .literal(let value): return value
        case .expression(let expression, let key):
            try charge(textBytes: 0)
            return try evaluate(expression, field: key, scope)
        case .array(let elements):
            var values: [JSONValue] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try evaluate(element, scope)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            object.reserveCapacity(members.count)
            for member in members { object[member.key] = try evaluate(member.value, scope) }
            return .object(object)
        }
    }

    /// A path, or a call of an intrinsic function (language.md §11).
    mutating func evaluate(
        _ expression: PathExpression, field: String, _ scope: PathScope
    ) throws(StateFailure) -> JSONValue {
        switch expression {
        case .path(let path): return try evaluate(path, field: field, scope)
        case .intrinsic(let intrinsic):
            if scope.input.isNull { for path in intrinsic.paths { try checkNull(path, scope.input) } }
            do throws(IntrinsicError) { return try value(of: intrinsic, in: scope) } catch {
                switch error.code {
                case .failure, .syntax:
                    throw StateFailure(
                        interpreter: ErrorName.intrinsicFailure,
                        "The function '\(intrinsic.source)' had the following error: \(error.message)")
                case .argumentNotFound:
                    throw .runtime("The function '\(intrinsic.source)' had the following error: \(error.message)")
                case .budget: throw exceeded(.beyondBudget)
                }
            }
        }
    }

    /// A path in a field whose failure names the field: `The JSONPath '$.x' specified for the field 'y.$' could …`.
    mutating func evaluate(_ path: JSONPath, field: String, _ scope: PathScope) throws(StateFailure) -> JSONValue {
        try checkNull(path, scope.input)
        do throws(JSONPathError) { return try value(of: path, in: scope) } catch {
            if error.code == .budget { throw exceeded(.beyondBudget) }
            guard error.code == .notFound else { throw .notApplicable(path, error) }
            let document = JSONPath.Root.context == path.root ? scope.context() : scope.input
            // The cause is cut to its own limit: no more than that need be printed.
            let text = document.text(upTo: 4 * limits.language.causeCharacters)
            throw .runtime(
                "The JSONPath '\(path.source)' specified for the field '\(field)' could not be found in the input '\(text)'"
            )
        }
    }
}
