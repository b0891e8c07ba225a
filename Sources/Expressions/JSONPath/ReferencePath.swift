// A path that names a single node, to read it or to put a value there.

package import JSON

/// A Reference Path of the Amazon States Language (`ResultPath`, `ItemsPath`, the `…Path` fields): names and indices
/// alone, so that it leads to one node at most.
package struct ReferencePath: Sendable, Equatable {
    package let path: JSONPath

    /// As deep as the parser reads; putting a value takes one call for each step.
    private static let maximumSteps = 512

    package var source: String { path.source }
    package var root: JSONPath.Root { path.root }

    /// Compiles a Reference Path. Throws `.syntax` for anything but names and indices, for one of `@ , : ?` in a name
    /// outside quotes, and for `$$` unless `allowContext`: `ResultPath` cannot write into the context object.
    package init(_ source: String, allowContext: Bool = true) throws(JSONPathError) {
        var parser = PathParser(source)
        path = JSONPath(source, try parser.wholePath())
        guard path.isPlain, parser.operatorInName == nil else {
            let message = "The path '\(source)' does not name a single node"
            throw JSONPathError(code: .syntax, message: message, offset: parser.operatorInName ?? 0)
        }
        guard path.segments.count <= Self.maximumSteps else {
            let message = "The path has more than \(Self.maximumSteps) steps"
            throw JSONPathError(code: .syntax, message: message, offset: 0)
        }
        guard allowContext || path.root != .context else {
            throw JSONPathError(code: .syntax, message: "The context object cannot be named here", offset: 1)
        }
    }

    /// The value at the path; throws as `JSONPath.evaluate` does for a definite path.
    package func evaluate(
        _ scope: PathScope, budget: inout EvaluationBudget
    ) throws(JSONPathError) -> JSONValue {
        try path.evaluate(scope, budget: &budget)
    }

    /// `document` with `value` put at this path, whatever the root. Members on the way that are missing are made;
    /// `$` alone gives `value`. Throws `.typeMismatch` where a step meets something that is neither missing nor of its
    /// kind and `.indexOutOfRange` where an array does not reach; `conflict(inSetting:)` has
    /// the words of Step Functions.
    package func setting(_ value: JSONValue, in document: JSONValue) throws(JSONPathError) -> JSONValue {
        var result = document
        if let code = result.put(value, at: path.segments[...]) {
            throw JSONPathError(
                code: code, message: "Unable to apply ReferencePath \(source) to input \(document.text)")
        }
        return result
    }
}

extension JSONValue {
    /// Puts `value` where the steps lead; gives the kind of failure if they lead nowhere, and the node is spoilt then.
    fileprivate mutating func put(_ value: JSONValue, at steps: ArraySlice<PathSegment>) -> JSONPathError.Code? {
        guard let step = steps.first else {
            self = value
            return nil
        }
        switch (step, self) {
        case (.key(let name, _), .object(var members)):
            self = .null
            var member = members[name] ?? (steps.count > 1 ? .object([:]) : .null)
            let failure = member.put(value, at: steps.dropFirst())
            members[name] = member
            self = .object(members)
            return failure
        case (.index(let index), .array(var elements)):
            let place = index < 0 ? elements.count + index : index
            guard elements.indices.contains(place) else { return .indexOutOfRange }
            self = .null
            let failure = elements[place].put(value, at: steps.dropFirst())
            self = .array(elements)
            return failure
        default: return .typeMismatch
        }
    }
}
