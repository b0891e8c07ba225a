// The steps of a compiled path.

import JSON

enum PathSegment: Sendable {
    /// `.name`, `['name']` or `["name"]`.
    case key(String, isDoubleQuoted: Bool = false)
    /// `['a','b']`.
    case keys([String])
    /// `[3]`, `[-1]`.
    case index(Int)
    /// `[0,2]`.
    case indices([Int])
    /// `[1:3]`, `[-2:]`, `[:2]`.
    case slice(from: Int?, to: Int?)
    /// `.*`, `[*]`.
    case wildcard
    /// `..` and the step behind it, which is tried on the node and on everything below.
    indirect case descend(PathSegment)
    /// `[?(…)]`.
    case filter(PathFilter)
    /// `.length()`, `.concat("x", $.y)`.
    case function(PathFunction)
}

extension PathSegment {
    /// Whether the step leads to one node at most. The last step `['a','b']` counts as one too: Jayway gives an object
    /// of those members.
    func isDefinite(isLast: Bool) -> Bool {
        switch self {
        case .key, .index, .function: true
        case .keys: isLast
        case .indices, .slice, .wildcard, .descend, .filter: false
        }
    }

    /// The step as Jayway writes it into its messages.
    var fragment: String {
        switch self {
        case .key(let name, let isDoubleQuoted): isDoubleQuoted ? "[\"\(name)\"]" : "['\(name)']"
        case .keys(let names): "[" + names.map { "'\($0)'" }.joined(separator: ",") + "]"
        case .index(let index): "[\(index)]"
        case .indices(let indices): "[" + indices.map { String($0) }.joined(separator: ",") + "]"
        case .slice(let from, let to): "[\(from.map { String($0) } ?? ""):\(to.map { String($0) } ?? "")]"
        case .wildcard: "[*]"
        case .descend(let step): ".." + step.fragment
        case .filter: "[?]"
        case .function(let function): ".\(function.name)(\(function.arguments.isEmpty ? "" : "..."))"
        }
    }
}

extension Collection<PathSegment> {
    var fragments: String { map(\.fragment).joined() }

    var isDefinite: Bool { enumerated().allSatisfy { $1.isDefinite(isLast: $0 == count - 1) } }
}
