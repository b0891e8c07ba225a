// From a verb and a path to what answers it, by API Gateway's rules.

import Core

/// Where a route lies: `/recipes/{id}/move`, `/files/{name+}`.
package struct RoutePath: Sendable, Equatable {
    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
        /// `{name+}`: one segment or more, always the last.
        case rest(String)
    }

    /// As written.
    package let text: String
    let segments: [Segment]

    /// `nil` for what is no resource path: a parameter must fill its segment, and `{name+}` is the last one.
    package init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        var segments: [Segment] = []
        for part in text.split(separator: "/") {
            if case .rest? = segments.last { return nil }
            guard let segment = Segment(part) else { return nil }
            segments.append(segment)
        }
        self.text = text
        self.segments = segments
    }

    /// The names of its parameters.
    package var parameters: [String] {
        segments.compactMap {
            switch $0 {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }
}

extension RoutePath.Segment {
    /// AWS lets a segment hold letters, digits and `_-.,:`.
    fileprivate init?(_ text: Substring) {
        func isPlain(_ text: Substring) -> Bool {
            text.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "_-.,:".utf8.contains(byte)
            }
        }
        if text.hasPrefix("{"), text.hasSuffix("}") {
            var name = text.dropFirst().dropLast()
            let isRest = name.hasSuffix("+")
            if isRest { name = name.dropLast() }
            guard !name.isEmpty, isPlain(name) else { return nil }
            self = isRest ? .rest(String(name)) : .parameter(String(name))
        } else {
            guard isPlain(text) else { return nil }
            self = .literal(String(text))
        }
    }
}

/// A match: the target and the values of the path's parameters, decoded.
package struct RouteMatch<Target: Sendable>: Sendable {
    package var target: Target
    package var parameters: [String: String]
}

/// The routes of an API. A literal segment beats a parameter, and that beats `{name+}`, whatever the order in which
/// they were added; where the better one has not the verb, the next best is tried, up to the root (recorded on AWS).
package struct RouteTable<Target: Sendable>: Sendable {
    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var rest: Int?
        /// By verb; `ANY` for all of `anyVerbs`.
        var targets: [String: (target: Target, path: RoutePath)] = [:]
    }

    private var nodes = [Node()]

    /// The methods of `x-amazon-apigateway-any-method`.
    package static var anyVerbs: Set<String> { ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] }

    package init() {}

    /// Adds a route; `false`, and nothing added, when that verb of that path is taken.
    package mutating func add(_ verb: String, _ path: RoutePath, _ target: Target) -> Bool {
        var at = 0
        for segment in path.segments {
            at = child(of: at, segment)
        }
        guard nodes[at].targets[verb] == nil else { return false }
        nodes[at].targets[verb] = (target, path)
        return true
    }

    private mutating func child(of parent: Int, _ segment: RoutePath.Segment) -> Int {
        let known =
            switch segment {
            case .literal(let text): nodes[parent].literals[text]
            case .parameter: nodes[parent].parameter
            case .rest: nodes[parent].rest
            }
        if let known { return known }
        nodes.append(Node())
        switch segment {
        case .literal(let text): nodes[parent].literals[text] = nodes.count - 1
        case .parameter: nodes[parent].parameter = nodes.count - 1
        case .rest: nodes[parent].rest = nodes.count - 1
        }
        return nodes.count - 1
    }

    /// Finds the route of a path as it was sent, percent-encoded. A trailing slash counts for nothing.
    package func match(_ verb: String, _ path: String) -> RouteMatch<Target>? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()[...]
        while parts.last?.isEmpty == true { parts.removeLast() }
        let segments = parts.map { PercentCoding.decode($0, isQuery: false) }
        guard let found = find(verb, segments[...], 0) else { return nil }
        return RouteMatch(target: found.target, parameters: Self.parameters(of: found.path, segments))
    }

    private func find(
        _ verb: String, _ segments: ArraySlice<String>, _ at: Int
    ) -> (target: Target, path: RoutePath)? {
        let node = nodes[at]
        guard let first = segments.first else { return target(of: node, verb) }
        if let child = node.literals[first], let found = find(verb, segments.dropFirst(), child) { return found }
        guard !first.isEmpty else { return nil }
        if let child = node.parameter, let found = find(verb, segments.dropFirst(), child) { return found }
        return node.rest.flatMap { target(of: nodes[$0], verb) }
    }

    private func target(of node: Node, _ verb: String) -> (target: Target, path: RoutePath)? {
        node.targets[verb] ?? (Self.anyVerbs.contains(verb) ? node.targets["ANY"] : nil)
    }

    private static func parameters(of path: RoutePath, _ segments: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for (place, segment) in path.segments.enumerated() {
            switch segment {
            case .literal: break
            case .parameter(let name): values[name] = segments[place]
            case .rest(let name): values[name] = segments[place...].joined(separator: "/")
            }
        }
        return values
    }
}
