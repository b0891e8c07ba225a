// An intrinsic function call of a payload template, compiled once and evaluated many times.

import Core
package import JSON

/// `States.Name(argument, …)` in a template of a JSONPath state.
package struct Intrinsic: Sendable {
    /// The text as written.
    package let source: String
    let call: IntrinsicCall

    /// Compiles a call. Throws `.syntax` for a function that does not exist, a wrong number of arguments, calls that
    /// nest more than ten levels deep, and everything that is not of the grammar.
    package init(_ source: String) throws(IntrinsicError) {
        var parser = IntrinsicParser(source)
        self.source = source
        call = try parser.wholeCall()
    }

    /// Returns the call's value in `scope`. `chance` feeds `States.UUID` and `States.MathRandom` and moves on; steps
    /// and bytes are taken from `budget`, also when the call fails.
    ///
    /// Throws `.failure` (States.IntrinsicFailure) if a function refuses its arguments, `.argumentNotFound`
    /// (States.Runtime) if an argument's path names nothing, and `.budget` if the budget does not suffice.
    package func evaluate(
        _ scope: PathScope, chance: inout Chance, budget: inout EvaluationBudget
    ) throws(IntrinsicError) -> JSONValue {
        try call.evaluate(scope, &chance, &budget)
    }

    /// The paths among the arguments, those of nested calls included, so that a definition's variables can be checked.
    package var paths: [JSONPath] { call.paths }
}

extension Intrinsic: Equatable {
    package static func == (left: Intrinsic, right: Intrinsic) -> Bool { left.source == right.source }
}

struct IntrinsicCall: Sendable {
    enum Argument: Sendable {
        case path(JSONPath)
        case value(JSONValue)
        /// A text without its escapes, and as written between its quotes.
        case text(String, written: String)
        indirect case call(IntrinsicCall)
    }

    var function: IntrinsicFunction
    var arguments: [Argument]

    var paths: [JSONPath] {
        arguments.flatMap { argument -> [JSONPath] in
            switch argument {
            case .path(let path): [path]
            case .call(let call): call.paths
            case .value, .text: []
            }
        }
    }
}

extension IntrinsicCall {
    func evaluate(
        _ scope: PathScope, _ chance: inout Chance, _ budget: inout EvaluationBudget
    ) throws(IntrinsicError) -> JSONValue {
        do throws(EvaluationBudgetExceeded) {
            try budget.charge(elements: arguments.count)
        } catch { throw IntrinsicError(error) }
        var values: [JSONValue] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(scope, &chance, &budget)) }
        let call = IntrinsicArguments(function: function, values: values)
        try call.charge(&budget)
        switch function {
        case .array: return .array(values)
        case .arrayContains: return try call.arrayContains(&budget)
        case .arrayGetItem: return try call.arrayGetItem()
        case .arrayLength: return .int(try call.array(0).count)
        case .arrayPartition: return try call.arrayPartition(&budget)
        case .arrayRange: return try call.arrayRange(&budget)
        case .arrayUnique: return try call.arrayUnique(&budget)
        case .base64Decode: return try call.base64Decode()
        case .base64Encode: return try call.base64Encode()
        case .format: return try call.format(template, &budget)
        case .hash: return try call.hash()
        case .jsonMerge: return try call.jsonMerge(&budget)
        case .jsonToString: return try call.jsonToString(&budget)
        case .mathAdd: return try call.mathAdd()
        case .mathRandom: return try call.mathRandom(&chance)
        case .stringSplit: return try call.stringSplit(&budget)
        case .stringToJson: return try call.stringToJson(&budget)
        case .uuid: return .string(chance.uuid())
        }
    }

    /// The first argument as written, if it is a literal.
    private var template: String? {
        if case .text(_, let written)? = arguments.first { written } else { nil }
    }
}

extension IntrinsicCall.Argument {
    fileprivate func evaluate(
        _ scope: PathScope, _ chance: inout Chance, _ budget: inout EvaluationBudget
    ) throws(IntrinsicError) -> JSONValue {
        switch self {
        case .value(let value): return value
        case .text(let text, _): return .string(text)
        case .call(let call): return try call.evaluate(scope, &chance, &budget)
        case .path(let path):
            do throws(JSONPathError) { return try path.evaluate(scope, budget: &budget) } catch {
                switch error.code {
                case .nullInput: throw IntrinsicError(code: .argumentNotFound, message: error.message)
                case .invalid:
                    let message = "Invalid path '\(path.source)' : \(error.message)"
                    throw IntrinsicError(code: .argumentNotFound, message: message)
                case .budget: throw IntrinsicError(code: .budget, message: error.message, exceeded: error.exceeded)
                default: throw notFound(path, scope)
                }
            }
        }
    }

    private func notFound(_ path: JSONPath, _ scope: PathScope) -> IntrinsicError {
        let document =
            switch path.root {
            case .context: scope.context()
            case .input: scope.input
            case .variable(let name): scope.variables[name] ?? .null
            }
        let message =
            "The JsonPath argument for the field '\(path.source)' could not be found in the input '\(document.text(upTo: Limits.Evaluation.maximumQuotedBytes))'"
        return IntrinsicError(code: .argumentNotFound, message: message)
    }
}
