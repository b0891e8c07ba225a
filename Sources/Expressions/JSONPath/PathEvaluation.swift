// The walk of a path that may lead to many nodes.

import JSON

struct PathEvaluation {
    let scope: PathScope
    /// What the root of the path stands for.
    let document: JSONValue
    /// What is left of the budget.
    var budget: EvaluationBudget
    /// What the inner paths that do not start at `@` came to, by their numbers.
    var known: [Int: JSONValue] = [:]

    init(scope: PathScope, document: JSONValue, budget: EvaluationBudget) {
        self.scope = scope
        self.document = document
        self.budget = budget
    }

    mutating func value(of path: JSONPath) throws(JSONPathError) -> JSONValue {
        do throws(JSONPathError) {
            let nodes = try select(path.segments, from: document)
            return path.isDefinite ? nodes.last ?? .null : .array(nodes)
        } catch {
            // Step Functions answers an indefinite path whose parents are missing with no results.
            switch error.code {
            case .notFound, .typeMismatch, .indexOutOfRange:
                guard path.isDefinite else { return .array([]) }
                throw error
            default: throw error
            }
        }
    }

    /// The nodes that `segments` lead to from `start`, in the document's order. With `requiresProperties` a name that
    /// is missing is an error also where the path has become many.
    mutating func select(
        _ segments: [PathSegment], from start: JSONValue, requiresProperties: Bool = false
    ) throws(JSONPathError) -> [JSONValue] {
        var nodes = [start]
        var isDefinite = true
        for position in segments.indices {
            let step = PathStep(
                segments: segments, position: position, isUpstreamDefinite: isDefinite,
                requiresProperties: requiresProperties)
            var next: [JSONValue] = []
            for node in nodes { try take(step, on: node, into: &next) }
            isDefinite = isDefinite && segments[position].isDefinite(isLast: step.isLast)
            nodes = next
        }
        return nodes
    }

    mutating func visit(_ count: Int = 1) throws(JSONPathError) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(steps: count) } catch { throw .init(error) }
    }
}

/// One step of a path, and what stands around it.
struct PathStep {
    var segments: [PathSegment]
    var position: Int
    /// Whether the steps before lead to one node at most. If so a step that cannot be taken is an error, otherwise the
    /// node is passed over.
    var isUpstreamDefinite: Bool
    var requiresProperties: Bool
    var isBelowDescent = false

    var segment: PathSegment { segments[position] }
    var isLast: Bool { position == segments.count - 1 }
}

extension PathEvaluation {
    mutating func take(_ step: PathStep, on node: JSONValue, into nodes: inout [JSONValue]) throws(JSONPathError) {
        try visit()
        switch step.segment {
        case .key(let name, _): try key(name, step, node, &nodes)
        case .keys(let names): try keys(names, step, node, &nodes)
        case .index(let index): try elements([index], step, node, &nodes)
        case .indices(let indices): try elements(indices, step, node, &nodes)
        case .slice(let from, let to): try slice(from, to, step, node, &nodes)
        case .wildcard: try children(of: node, &nodes)
        case .descend(let inner): try descend(inner, step, node, &nodes)
        case .filter(let filter): try apply(filter, step, on: node, into: &nodes)
        case .function(let function): nodes.append(try call(function, on: node))
        }
    }

    private func key(
        _ name: String, _ step: PathStep, _ node: JSONValue, _ nodes: inout [JSONValue]
    ) throws(JSONPathError) {
        guard case .object(let members) = node else { return try refuse(step, node) }
        if let value = members[name] {
            nodes.append(value)
        } else if step.isUpstreamDefinite || step.requiresProperties {
            throw step.segments.failure(at: step.position, on: node)
        }
    }

    func refuse(_ step: PathStep, _ node: JSONValue) throws(JSONPathError) {
        if step.isUpstreamDefinite { throw step.segments.failure(at: step.position, on: node) }
    }

    /// As the last step the members make one object, before others each is followed on its own.
    private func keys(
        _ names: [String], _ step: PathStep, _ node: JSONValue, _ nodes: inout [JSONValue]
    ) throws(JSONPathError) {
        guard case .object(let members) = node else { return try refuse(step, node) }
        if step.isLast {
            nodes.append(.object(JSONObject(names.compactMap { name in members[name].map { (name, $0) } })))
        } else {
            nodes += names.compactMap { members[$0] }
        }
    }

    /// An index past the end reads as null at the end of a path, as on Jackson's tree, and leads no further before it.
    private func elements(
        _ indices: [Int], _ step: PathStep, _ node: JSONValue, _ nodes: inout [JSONValue]
    ) throws(JSONPathError) {
        guard case .array(let elements) = node else { return try refuse(step, node) }
        for index in indices {
            let place = index < 0 ? elements.count + index : index
            if elements.indices.contains(place) {
                nodes.append(elements[place])
            } else if indices.count == 1, step.isUpstreamDefinite {
                throw step.segments.failure(at: step.position, on: node)
            } else if step.isLast {
                nodes.append(.null)
            }
        }
    }

    /// Jayway counts a negative bound from the end only where it stands alone; between two bounds it goes through the
    /// numbers as they are, so that `[-2:-1]` gives one element and `[0:-1]` none.
    private mutating func slice(
        _ from: Int?, _ to: Int?, _ step: PathStep, _ node: JSONValue, _ nodes: inout [JSONValue]
    ) throws(JSONPathError) {
        guard case .array(let elements) = node else { return try refuse(step, node) }
        let count = elements.count
        let range: Range<Int>
        switch (from, to) {
        case (let from?, nil): range = min(max(from < 0 ? count + from : from, 0), count)..<count
        case (nil, let to?): range = 0..<max(min(to < 0 ? count + to : to, count), 0)
        case (let from?, let to?):
            let lower = max(from, -count)
            range = lower..<max(min(to, count), lower)
        case (nil, nil): range = 0..<0
        }
        try visit(range.count)
        for index in range { nodes.append(elements[index < 0 ? count + index : index]) }
    }

    private mutating func children(of node: JSONValue, _ nodes: inout [JSONValue]) throws(JSONPathError) {
        switch node {
        case .array(let elements):
            try visit(elements.count)
            nodes += elements
        case .object(let members):
            try visit(members.count)
            for (_, value) in members { nodes.append(value) }
        default: break
        }
    }

    /// Tries a step on a node and everything below it, parents before their children.
    private mutating func descend(
        _ inner: PathSegment, _ step: PathStep, _ node: JSONValue, _ nodes: inout [JSONValue]
    ) throws(JSONPathError) {
        var innerStep = step
        innerStep.segments[step.position] = inner
        innerStep.isUpstreamDefinite = false
        innerStep.requiresProperties = false
        innerStep.isBelowDescent = true
        // A stack of our own: a document may be as deep as its parser allows, the thread's stack is not ours to spend.
        var stack = [node]
        while let node = stack.popLast() {
            try visit()
            switch node {
            case .array(let elements):
                try take(innerStep, on: node, into: &nodes)
                stack += elements.reversed()
            case .object(let members):
                if !innerStep.isLast || members.hasAll(of: inner) { try take(innerStep, on: node, into: &nodes) }
                stack += members.values.reversed()
            default: break
            }
        }
    }
}

extension JSONObject {
    /// Below `..` only an object that has all the members of a last step `['a','b']` counts.
    fileprivate func hasAll(of step: PathSegment) -> Bool {
        guard case .keys(let names) = step else { return true }
        return names.allSatisfy { self[$0] != nil }
    }
}
