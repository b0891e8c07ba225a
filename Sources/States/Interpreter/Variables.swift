// `Assign`: what a state puts into variables when it is left (language.md §3).

import Core
import Expressions
import JSON

extension Interpreter {
    /// The variables that an `Assign` gives values, for `$` as it stands there: a result, an effective input, an Error
    /// Output. All of them see the variables as they were when the state was entered.
    ///
    /// `states` is what JSONata sees; without it, the state's input alone.
    mutating func assigned(
        _ assignment: Assignment, _ frame: Frame, input: JSONValue, states: StatesVariable? = nil
    ) throws(StateFailure) -> [AssignedVariable] {
        if assignment.variables.isEmpty { return [] }
        let scope = scope(frame, input: input)
        let states = states ?? StatesVariable(input: frame.input.value)
        var assigned: [AssignedVariable] = []
        assigned.reserveCapacity(assignment.variables.count)
        var bytes = 0
        var growth = 0
        for variable in assignment.variables {
            let value =
                switch variable.value {
                case .jsonPath(let template): try evaluate(template, scope)
                case .jsonata(let template): try evaluate(template, frame, states)
                }
            let payload = try payload(value, ofVariable: variable.name)
            bytes += payload.size
            growth += payload.size - (frame.variableBytes[CodeUnits(variable.name)] ?? 0)
            assigned.append(AssignedVariable(name: variable.name, value: payload))
        }
        if bytes > limits.language.variableBytes {
            throw .assignmentTooLarge(by: bytes - limits.language.variableBytes)
        }
        let total = execution.variableBytes + growth
        if total > limits.language.allVariableBytes {
            throw .variablesTooLarge(by: total - limits.language.allVariableBytes)
        }
        return assigned
    }

    private mutating func payload(_ value: JSONValue, ofVariable name: String) throws(StateFailure) -> Payload {
        // By how much it is too large is part of the message, so that more is written than is allowed; not more than
        // an evaluation may use.
        let most = max(limits.evaluation.bytes, limits.language.variableBytes)
        do throws(JSONExcess) {
            let text = try value.text(within: most, depth: limits.language.payloadDepth)
            return Payload(text: text, value: value)
        } catch {
            switch error {
            case .bytes: throw .assignmentTooLarge(by: most - limits.language.variableBytes)
            case .depth: throw .variableTooDeep(name, limits)
            }
        }
    }
}

extension StateFailure {
    fileprivate static func assignmentTooLarge(by bytes: Int) -> StateFailure {
        .dataLimit("The Assign field exceeds the maximum variable assignment size by \(bytes) bytes.")
    }

    fileprivate static func variablesTooLarge(by bytes: Int) -> StateFailure {
        .dataLimit("The variables of the execution exceed their maximum total size by \(bytes) bytes.")
    }

    fileprivate static func variableTooDeep(_ name: String, _ limits: Limits) -> StateFailure {
        .dataLimit("The variable '\(name)' nests deeper than \(limits.language.payloadDepth) levels.")
    }

    private static func dataLimit(_ text: String) -> StateFailure {
        var failure = StateFailure(interpreter: ErrorName.dataLimitExceeded, text)
        failure.isTerminal = true
        return failure
    }

    /// A path that starts at a variable without a value, or a step that what it meets does not allow.
    static func notApplicable(_ path: JSONPath, _ error: JSONPathError) -> StateFailure {
        .runtime("Invalid path '\(path.source)' : \(error.message)")
    }
}
