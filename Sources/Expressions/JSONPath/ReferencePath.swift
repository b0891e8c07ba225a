// A path that names a single node, to read it or to put a value there (language.md §10.6).

import Core
package import JSON

/// A Reference Path of the Amazon States Language (`ResultPath`, `ItemsPath`, the `…Path` fields): names and indices
/// alone, so that it leads to one node at most.
package struct ReferencePath: Sendable, Equatable {
    /// The path as Jayway reads it, for the fields that are evaluated by it.
    package let path: JSONPath
    /// The path as Step Functions applies it: a backslash in a name takes the next character as it is.
    private let steps: [ReferenceStep]

    package var source: String { path.source }
    package var root: JSONPath.Root { path.root }

    /// Compiles a Reference Path. Throws `.syntax` for anything but names and indices, for one of `@ , : ? *` in a name
    /// outside quotes, and for `$$` unless `allowContext`: `ResultPath` cannot write into the context object.
    package init(_ source: String, allowContext: Bool = true) throws(JSONPathError) {
        path = try JSONPath(source)
        var reader = ReferenceReader(path)
        guard path.isPlain, let steps = reader.steps() else {
            let message = "The path '\(source)' does not name a single node"
            throw JSONPathError(code: .syntax, message: message, offset: reader.at)
        }
        guard steps.count <= Limits.Evaluation.JSONPath.maximumReferenceSteps else {
            let message = "The path has more than \(Limits.Evaluation.JSONPath.maximumReferenceSteps) steps"
            throw JSONPathError(code: .syntax, message: message, offset: 0)
        }
        guard allowContext || path.root != .context else {
            throw JSONPathError(code: .syntax, message: "The context object cannot be named here", offset: 1)
        }
        self.steps = steps
    }

    package static func == (left: ReferencePath, right: ReferencePath) -> Bool { left.source == right.source }

    /// Returns the value at the path; throws as `JSONPath.evaluate` does for a definite path.
    package func evaluate(
        _ scope: PathScope, budget: inout EvaluationBudget
    ) throws(JSONPathError) -> JSONValue {
        try path.evaluate(scope, budget: &budget)
    }

    /// Returns the value at the path, applied step by step as for `ItemsPath`. Throws `.conflict` where a step cannot
    /// be applied, `.nullInput`, `.undefinedVariable`, `.budget`.
    package func applied(
        to scope: PathScope, budget: inout EvaluationBudget
    ) throws(JSONPathError) -> JSONValue {
        do throws(EvaluationBudgetExceeded) { try budget.charge(steps: steps.count) } catch {
            throw JSONPathError(error)
        }
        var node = try root.value(in: scope)
        if node.isNull, root == .input { throw .nullInput }
        for step in steps {
            switch (step, node) {
            case (.name(let name), .object(let members)):
                guard let member = members[name] else { throw .conflict(step, node) }
                node = member
            case (.index(let index), .array(let elements)):
                guard elements.indices.contains(index) else { throw .conflict(step, node) }
                node = elements[index]
            default: throw .conflict(step, node)
            }
        }
        return node
    }

    /// Returns `document` with `value` put at this path, whatever the root. Members on the way that are missing are
    /// made; `$` alone gives `value`. Throws `.conflict` where a step meets something that is neither missing nor of
    /// its kind, or an array that does not reach, with the words of Step Functions.
    package func setting(_ value: JSONValue, in document: JSONValue) throws(JSONPathError) -> JSONValue {
        if !steps.isEmpty {
            switch document {
            case .object, .array: break
            default:
                let text = document.text(upTo: Limits.Evaluation.maximumQuotedBytes)
                throw JSONPathError(
                    code: .conflict, message: "Unable to apply ReferencePath \(source) to input \(text)")
            }
        }
        if steps.count == 1, case .name(let name) = steps[0], case .object(var members) = document {
            // By far the most frequent path.
            members[name] = value
            return .object(members)
        }
        var result = document
        try result.put(value, at: steps[...])
        return result
    }
}

/// A step of a Reference Path.
enum ReferenceStep: Sendable {
    case name(String)
    case index(Int)
}

extension JSONPathError {
    fileprivate static func conflict(_ step: ReferenceStep, _ node: JSONValue) -> JSONPathError {
        let name =
            switch step {
            case .name(let name): name
            case .index(let index): "[\(index)]"
            }
        let text = node.text(upTo: Limits.Evaluation.maximumQuotedBytes)
        return JSONPathError(code: .conflict, message: "Unable to apply step \"\(name)\" to input \(text)")
    }
}

extension JSONValue {
    /// Puts `value` where the steps lead. The node is spoilt where that fails.
    fileprivate mutating func put(
        _ value: JSONValue, at steps: ArraySlice<ReferenceStep>
    ) throws(JSONPathError) {
        guard let step = steps.first else {
            self = value
            return
        }
        switch (step, self) {
        case (.name(let name), .object(var members)):
            self = .null
            var member = members[name] ?? (steps.count > 1 ? .object([:]) : .null)
            // The object must not refer to the member while that is changed, or all of it is copied.
            members[name] = .null
            try member.put(value, at: steps.dropFirst())
            members[name] = member
            self = .object(members)
        case (.index(let index), .array(var elements)):
            guard elements.indices.contains(index) else { throw .conflict(step, self) }
            self = .null
            try elements[index].put(value, at: steps.dropFirst())
            self = .array(elements)
        default: throw .conflict(step, self)
        }
    }
}

/// Reads the steps of a path that Jayway reads as names and indices.
private struct ReferenceReader {
    private let text: [UInt8]
    /// Where the reader is; where the path is not a Reference Path when `steps` returns `nil`.
    private(set) var at: Int
    private let end: Int

    init(_ path: JSONPath) {
        text = Array(path.source.utf8)
        let trimmed = text[...].trimmed
        let rootBytes =
            switch path.root {
            case .input: 1
            case .context: 2
            case .variable(let name): 1 + name.utf8.count
            }
        end = trimmed.endIndex
        at = min(trimmed.startIndex + rootBytes, end)
    }

    mutating func steps() -> [ReferenceStep]? {
        var steps: [ReferenceStep] = []
        while at < end {
            guard let step = text[at] == UInt8(ascii: "[") ? bracket() : name() else { return nil }
            steps.append(step)
        }
        return steps
    }

    private mutating func name() -> ReferenceStep? {
        guard text[at] == UInt8(ascii: ".") else { return nil }
        at += 1
        if at < end, text[at] == UInt8(ascii: "[") { return bracket() }
        var name: [UInt8] = []
        while at < end, text[at] != UInt8(ascii: "."), text[at] != UInt8(ascii: "[") {
            if text[at] == UInt8(ascii: "\\") {
                at += 1
                guard at < end else { return nil }
            } else if "@,:?* ']".utf8.contains(text[at]) {
                return nil
            }
            name.append(text[at])
            at += 1
        }
        return name.isEmpty ? nil : .name(String(decoding: name, as: UTF8.self))
    }

    private mutating func bracket() -> ReferenceStep? {
        let close = text[at..<end].firstIndex(of: UInt8(ascii: "]"))
        guard let close else { return nil }
        let inside = text[(at + 1)..<close].trimmed
        guard let first = inside.first, let last = inside.last else { return nil }
        if first == UInt8(ascii: "'") {
            let name = inside.dropFirst().dropLast()
            // A quote cannot be written in quotes.
            guard inside.count >= 2, last == first, !name.contains(first) else { return nil }
            at = close + 1
            return .name(String(decoding: name, as: UTF8.self))
        }
        guard let index = Int32(String(decoding: inside, as: UTF8.self)), first != UInt8(ascii: "+") else {
            return nil
        }
        at = close + 1
        return .index(Int(index))
    }
}
