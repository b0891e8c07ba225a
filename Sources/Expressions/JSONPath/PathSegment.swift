// The steps of a compiled path (language.md §10.2).

import JSON

enum PathSegment: Sendable {
    /// `.name` or `['name']`.
    case key(String)
    /// `['a', 'b']`. Without any name where an unfinished quote ends a bracket, as in `$.a]`.
    case keys([String])
    /// `[3]`, `[-1]`.
    case index(Int)
    /// `[0,2]`.
    case indices([Int])
    /// `[1:3]`, `[-2:]`, `[:2]`; one bound at least.
    case slice(from: Int?, to: Int?)
    /// `[(@.length-1)]`: the array's length plus this number, which is 0 or negative.
    case fromEnd(Int)
    /// `.*`, `[*]`.
    case wildcard
    /// `..`, which tries the next step on the node and everything below it.
    case scan
    /// `[?(…)]`.
    case filter(PathFilter)
}

extension PathSegment {
    /// Whether the step leads to one node at most.
    var isDefinite: Bool {
        switch self {
        case .key, .keys, .index, .fromEnd: true
        case .indices, .slice, .wildcard, .scan, .filter: false
        }
    }

    /// Whether the step is a name or an index.
    var isPlain: Bool {
        switch self {
        case .key, .index: true
        default: false
        }
    }

    /// The step in the canonical form of Jayway's messages.
    var fragment: String {
        switch self {
        case .key(let name): "['\(name)']"
        case .keys(let names): "[" + names.map { "'\($0)'" }.joined(separator: ", ") + "]"
        case .index(let index): "[\(index)]"
        case .indices(let indices): "[" + indices.map { String($0) }.joined(separator: ",") + "]"
        case .slice(let from, let to): "[\(from.map { String($0) } ?? ""):\(to.map { String($0) } ?? "")]"
        case .fromEnd(let offset): "[@.size()\(offset)]"
        case .wildcard: "[*]"
        case .scan: ".."
        case .filter: "[?]"
        }
    }
}

extension Collection<PathSegment> {
    var fragments: String { map(\.fragment).joined() }
}
