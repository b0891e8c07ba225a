// A path into a JSON document, compiled once and evaluated many times.

package import JSON

/// A path in the dialect of Step Functions, Jayway JsonPath 2.0.0 (language.md §10): `$…` starts at the input, `$$…` at
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
    /// Whether the path names one node at most: it has no wildcard, slice, filter, scan or list of indices.
    package let isDefinite: Bool
    let segments: [PathSegment]
    /// Whether every step is a name or an index, so that a walk suffices.
    let isPlain: Bool
    /// The first step from which all are definite, up to the last.
    let definiteFrom: Int

    /// Compiles a path. Throws `.syntax` with the offset of what is wrong.
    package init(_ source: String) throws(JSONPathError) {
        var reader = PathReader(source)
        self.source = source
        root = try reader.root()
        segments = try reader.segments()
        isPlain = segments.allSatisfy(\.isPlain)
        definiteFrom = segments.lastIndex { !$0.isDefinite }.map { $0 + 1 } ?? 0
        isDefinite = definiteFrom == 0
    }

    /// Returns what Step Functions takes for the path's value in `scope`.
    ///
    /// A path that is not definite yields an array, which is empty if something is not found. A definite path yields
    /// the value, which may be null, and throws `.notFound` if there is none. Any path throws `.invalid` where a step
    /// cannot be applied, `.nullInput`, `.undefinedVariable`, and `.budget` where the budget does not suffice.
    package func evaluate(
        _ scope: PathScope, budget: inout EvaluationBudget
    ) throws(JSONPathError) -> JSONValue {
        if isPlain {
            // Nearly all paths in use: what they cost is the retains and releases of the values on the way.
            do throws(EvaluationBudgetExceeded) { try budget.charge(steps: segments.count) } catch {
                throw JSONPathError(error)
            }
            if case .input = root {
                // A path cannot be applied to null, `$` neither.
                if !scope.input.isNull, let value = walk(from: scope.input) { return value }
            } else if let value = walk(from: try root.value(in: scope)) {
                return value
            }
        }
        do throws(JSONPathError) { return try libraryValue(scope, budget: &budget) } catch {
            // Derived: no recording of Step Functions shows it (language.md §10.5).
            if error.code == .notFound, !isDefinite { return .array([]) }
            throw error
        }
    }

    /// Whether there is something at the path, as IsPresent asks (language.md §4.4). A null is something, but the null
    /// that an index beyond an array yields is not. Throws as `evaluate` does.
    package func exists(in scope: PathScope, budget: inout EvaluationBudget) throws(JSONPathError) -> Bool {
        guard try evaluate(scope, budget: &budget).isNull, isDefinite else { return true }
        var evaluation = PathEvaluation(self, document: try root.value(in: scope), budget: budget)
        defer { budget = evaluation.budget }
        _ = try evaluation.value()
        return !evaluation.endsBeyondArray
    }

    /// Returns what Jayway's library has for the path's value. Differs from `evaluate` for a path that is not definite:
    /// throws `.notFound` where that has an empty array.
    package func libraryValue(
        _ scope: PathScope, budget: inout EvaluationBudget
    ) throws(JSONPathError) -> JSONValue {
        let document = try root.value(in: scope)
        if document.isNull, root == .input { throw .nullInput }
        var evaluation = PathEvaluation(self, document: document, budget: budget)
        defer { budget = evaluation.budget }
        return try evaluation.value()
    }

    /// Follows names and indices; `nil` where one of them leads nowhere. An index beyond either end of an array leads
    /// to null.
    private func walk(from start: JSONValue) -> JSONValue? {
        var node = start
        for segment in segments {
            switch segment {
            case .key(let name):
                guard case .object(let members) = node, let next = members[name] else { return nil }
                node = next
            case .index(let index):
                guard case .array(let elements) = node else { return nil }
                node = elements.indices.contains(index) ? elements[index] : .null
            default: return nil
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
