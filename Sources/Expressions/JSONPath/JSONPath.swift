// A path into a JSON document, compiled once and evaluated many times.

package import JSON

/// A path in the dialect of Step Functions and API Gateway (Jayway's JsonPath 2.x): `$…` starts at the input, `$$…` at
/// the context object, `$name…` at a variable.
package struct JSONPath: Sendable {
    package enum Root: Sendable, Equatable {
        case input
        case context
        case variable(String)
    }

    /// The text as written.
    package let source: String
    package let root: Root
    /// Whether the path names one node at most: it has no wildcard, slice, filter, `..`, list of indices, and a list of
    /// keys only as its last step (which Jayway answers with one object of those members).
    package let isDefinite: Bool
    let segments: [PathSegment]
    /// Whether every step is a name or an index, so that a walk is all it takes.
    let isPlain: Bool

    /// Steps of one evaluation where the caller has no budget of its own. A document of 256 KiB, the most that Step
    /// Functions carries, holds up to 131,072 nodes: `$..x` over it has to succeed.
    package static let defaultSteps = 500_000

    /// Compiles a path. Throws `.syntax` with the offset of what is wrong.
    package init(_ source: String) throws(JSONPathError) {
        var parser = PathParser(source)
        self.init(source, try parser.wholePath())
    }

    init(_ source: String, _ parsed: PathParser.Path) {
        self.source = source
        root = parsed.root
        segments = parsed.segments
        isPlain = parsed.segments.allSatisfy(\.isPlain)
        isDefinite = parsed.segments.isDefinite
    }

    /// The value that the path names in `scope`.
    ///
    /// A path that is not definite gives an array, empty where nothing matches or a parent is missing. A definite path
    /// gives the value, which may be an explicit `null`, and throws where there is none: `.notFound`, `.typeMismatch`,
    /// `.indexOutOfRange` (see `JSONPathError.Code`), `.undefinedVariable`. Any path throws `.budget` where the budget
    /// does not suffice.
    package func evaluate(
        _ scope: PathScope, budget: inout EvaluationBudget
    ) throws(JSONPathError) -> JSONValue {
        if isPlain {
            do throws(EvaluationBudgetExceeded) { try budget.charge(steps: segments.count) } catch { throw .init(error) }
            // Nearly all paths in use: what they cost is the retains and releases of the values on the way.
            if case .input = root { return try walk(from: scope.input) }
            return try walk(from: try root.value(in: scope))
        }
        var evaluation = PathEvaluation(scope: scope, document: try root.value(in: scope), budget: budget)
        defer { budget = evaluation.budget }
        return try evaluation.value(of: self)
    }

    func walk(from start: JSONValue) throws(JSONPathError) -> JSONValue {
        var node = start
        for position in segments.indices {
            switch segments[position] {
            case .key(let name, _):
                guard case .object(let members) = node, let next = members[name] else {
                    throw segments.failure(at: position, on: node)
                }
                node = next
            case .index(let index):
                guard case .array(let elements) = node,
                    case let place = index < 0 ? elements.count + index : index, elements.indices.contains(place)
                else { throw segments.failure(at: position, on: node) }
                node = elements[place]
            default: preconditionFailure("a plain path has names and indices alone")
            }
        }
        return node
    }
}

extension JSONPath: Equatable {
    package static func == (left: JSONPath, right: JSONPath) -> Bool { left.source == right.source }
}

extension JSONPath.Root {
    func value(in scope: PathScope) throws(JSONPathError) -> JSONValue {
        switch self {
        case .input: return scope.input
        case .context: return scope.context()
        case .variable(let name):
            guard let value = scope.variables[name] else {
                throw JSONPathError(code: .undefinedVariable, message: "The variable '\(name)' is not defined")
            }
            return value
        }
    }
}

extension PathSegment {
    var isPlain: Bool {
        switch self {
        case .key, .index: true
        default: false
        }
    }
}
