// The evaluation of a path that is more than names and indices, and the errors of one that is not (language.md §10.3).

import Core
import JSON

struct PathEvaluation {
    /// What is left of the budget.
    var budget: EvaluationBudget
    /// What the root of the path stands for.
    let document: JSONValue
    private let segments: [PathSegment]
    private let isDefinite: Bool
    /// The first step from which all are definite.
    private let definiteFrom: Int
    private var results: [JSONValue] = []
    /// Whether the last result is the null beyond the end of an array.
    private(set) var endsBeyondArray = false
    /// The names and indices that lead to the current node. An error leaves them as they are, for its message.
    private var trail: [TrailStep] = []

    private enum TrailStep {
        case name(String)
        case index(Int)
    }

    init(_ path: JSONPath, document: JSONValue, budget: EvaluationBudget) {
        self.budget = budget
        self.document = document
        segments = path.segments
        isDefinite = path.isDefinite
        definiteFrom = path.definiteFrom
    }

    mutating func value() throws(JSONPathError) -> JSONValue {
        do throws(PathStop) { try follow(from: 0, document, .root) } catch { throw self.error(error) }
        return isDefinite ? results.last ?? .null : .array(results)
    }

    // MARK: Errors

    private func error(_ stop: PathStop) -> JSONPathError {
        switch stop {
        case .exceeded(let exceeded): return JSONPathError(exceeded)
        case .invalid(let message): return JSONPathError(code: .invalid, message: message)
        case .noProperty(let position):
            let property = segments[position].fragment
            return JSONPathError(code: .notFound, message: "Property \(property) not found in path \(place)")
        case .noResults: return JSONPathError(code: .notFound, message: "No results for path: \(place)")
        case .missingProperty: return JSONPathError(code: .notFound, message: "Missing property in path \(place)")
        case .nullPath: return JSONPathError(code: .notFound, message: "The path \(place) is null")
        }
    }

    /// The canonical path of the current node.
    private var place: String {
        trail.reduce(into: "$") { text, step in
            switch step {
            case .name(let name): text += "['\(name)']"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    mutating func charge(steps count: Int = 1) throws(PathStop) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(steps: count) } catch { throw .exceeded(error) }
    }

    mutating func charge(textBytes count: Int) throws(PathStop) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(textBytes: count) } catch { throw .exceeded(error) }
    }

    private mutating func charge(bytes count: Int) throws(PathStop) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(bytes: count) } catch { throw .exceeded(error) }
    }

    // MARK: Steps

    /// Follows the steps from `position` on, starting at `node`, and collects what they lead to.
    private mutating func follow(from position: Int, _ node: JSONValue, _ access: NodeAccess) throws(PathStop) {
        var position = position
        var node = node
        var access = access
        let depth = trail.count
        while position < segments.count {
            try charge()
            switch segments[position] {
            case .key(let name):
                guard case .object(let members) = node else { throw .noProperty(position) }
                guard let member = members[name] else {
                    trail.append(.name(name))
                    if isQuiet(position) {
                        trail.removeLast(trail.count - depth)
                        return
                    }
                    throw position == segments.count - 1 ? .noResults : .missingProperty
                }
                // The trail is for the errors of later steps.
                if position < segments.count - 1 { trail.append(.name(name)) }
                (node, access) = (member, .name)
            case .index(let index):
                let elements = try array(node, access, at: position)
                trail.append(.index(index))
                (node, access) = Self.element(index, of: elements)
            case .fromEnd(let offset):
                let elements = try array(node, access, at: position)
                // Both fit 32 bits, or the array's length does not matter: no overflow.
                let index = elements.count &+ offset
                trail.append(.index(index))
                (node, access) = Self.element(index, of: elements)
            case .keys(let names):
                node = try members(names, of: node, at: position)
            default:
                try branch(at: position, node, access)
                trail.removeLast(trail.count - depth)
                return
            }
            position += 1
        }
        try charge(bytes: Self.resultBytes)
        results.append(node)
        endsBeyondArray = access == .beyondEnd
        trail.removeLast(trail.count - depth)
    }

    /// Whether a missing member before the last step is passed over: not if all steps from the one before it to the end
    /// are definite.
    private func isQuiet(_ position: Int) -> Bool {
        position < segments.count - 1 && max(position - 1, 0) < definiteFrom
    }

    /// A step that may lead to many nodes.
    private mutating func branch(at position: Int, _ node: JSONValue, _ access: NodeAccess) throws(PathStop) {
        switch segments[position] {
        case .indices(let indices):
            let elements = try array(node, access, at: position)
            for index in indices { try follow(index, of: elements, after: position) }
        case .slice(let from, let to):
            let elements = try array(node, access, at: position)
            for index in Self.range(from, to, count: elements.count) {
                try follow(index, of: elements, after: position)
            }
        case .wildcard: try followAll(of: node, at: position)
        case .scan:
            // A path that ends in `..` is refused.
            if position + 1 < segments.count { try scan(node, at: position) }
        case .filter(let filter): try apply(filter, to: node, access, at: position)
        case .key, .keys, .index, .fromEnd: break
        }
    }

    private func array(
        _ node: JSONValue, _ access: NodeAccess, at position: Int
    ) throws(PathStop) -> [JSONValue] {
        guard case .array(let elements) = node else {
            throw .noArray(segments[position...], node, access)
        }
        return elements
    }

    /// Beyond either end of an array there is null.
    static func element(_ index: Int, of elements: [JSONValue]) -> (JSONValue, NodeAccess) {
        elements.indices.contains(index) ? (elements[index], .index) : (.null, .beyondEnd)
    }

    private mutating func follow(_ index: Int, of elements: [JSONValue], after position: Int) throws(PathStop) {
        try charge()
        let (element, access) = Self.element(index, of: elements)
        if position + 1 == segments.count {
            try charge(bytes: Self.resultBytes)
            results.append(element)
            return
        }
        trail.append(.index(index))
        try follow(from: position + 1, element, access)
        trail.removeLast()
    }

    /// A negative bound counts from the end only where it is the only one.
    private static func range(_ from: Int?, _ to: Int?, count: Int) -> Range<Int> {
        switch (from, to) {
        case (let from?, nil):
            let first = max(from < 0 ? count &+ from : from, 0)
            return min(first, count)..<count
        case (nil, let to?): return 0..<max(min(to < 0 ? count &+ to : to, count), 0)
        case (let from?, let to?):
            let end = min(to, count)
            return count == 0 || from >= end ? 0..<0 : from..<end
        case (nil, nil): return 0..<0
        }
    }

    /// One object of the members that exist. With `requiresAll` `nil` if one does not.
    mutating func object(
        of names: [String], in members: JSONObject, requiresAll: Bool = false
    ) throws(PathStop) -> JSONObject? {
        var object = JSONObject()
        for name in names {
            try charge()
            if let member = members[name] {
                try charge(bytes: MemoryLayout<JSONValue>.stride * 2)
                object[name] = member
            } else if requiresAll {
                return nil
            }
        }
        return object
    }

    private mutating func members(
        _ names: [String], of node: JSONValue, at position: Int
    ) throws(PathStop) -> JSONValue {
        guard case .object(let members) = node else { throw .noProperty(position) }
        guard position == segments.count - 1 else { throw .notLast(place + segments[position].fragment) }
        return .object(try object(of: names, in: members) ?? JSONObject())
    }

    private mutating func followAll(of node: JSONValue, at position: Int) throws(PathStop) {
        if try collectAll(of: node, at: position) { return }
        switch node {
        case .object(let members):
            for (name, member) in members {
                try charge()
                trail.append(.name(name))
                try follow(from: position + 1, member, .name)
                trail.removeLast()
            }
        case .array(let elements):
            let depth = trail.count
            for index in elements.indices {
                do throws(PathStop) { try follow(index, of: elements, after: position) } catch {
                    // What an element lacks is passed over; what cannot be applied to it is not.
                    guard error.isNotFound else { throw error }
                    trail.removeLast(trail.count - depth)
                }
            }
        default: break
        }
    }

    /// Collects the children of a node for `[*]` as the last step, and for `[*].name` at the end of a path on an array,
    /// where elements without the name are passed over. `false` for other steps.
    private mutating func collectAll(of node: JSONValue, at position: Int) throws(PathStop) -> Bool {
        let next = position + 1
        switch node {
        case .array(let elements) where next == segments.count:
            try charge(results: elements.count)
            results += elements
        case .object(let members) where next == segments.count:
            try charge(results: members.count)
            for (_, member) in members { results.append(member) }
        case .array(let elements) where next == segments.count - 1:
            guard case .key(let name) = segments[next] else { return false }
            try charge(results: elements.count)
            for case .object(let members) in elements {
                if let member = members[name] { results.append(member) }
            }
        default: return false
        }
        return true
    }

    /// A result, and its share of the copy and the free space of an array that grows.
    private static let resultBytes = 4 * MemoryLayout<JSONValue>.stride

    private mutating func charge(results count: Int) throws(PathStop) {
        try charge(steps: count)
        try charge(bytes: count &* Self.resultBytes)
    }

    private mutating func apply(
        _ filter: PathFilter, to node: JSONValue, _ access: NodeAccess, at position: Int
    ) throws(PathStop) {
        switch node {
        case .object:
            if try matches(filter, node) { try follow(from: position + 1, node, access) }
        case .array(let elements):
            for index in elements.indices where try matches(filter, elements[index]) {
                try follow(index, of: elements, after: position)
            }
        default:
            throw .invalid(
                "Filter: \(segments[position...].fragments) can not be applied to primitives. "
                    + "Current context is: \(node.shown(access))")
        }
    }
}

// MARK: - Scans

extension PathEvaluation {
    /// An object or array on the way of a scan, and its children that are still to be visited.
    private enum Visit {
        case object(JSONObject.Iterator)
        case array(IndexingIterator<[JSONValue]>, next: Int)
    }

    /// Tries the next step on a node and on everything below it, parents before their children. The containers on the
    /// way are kept here and not on the thread's stack: a document may be as deep as its parser allows.
    private mutating func scan(_ node: JSONValue, at position: Int) throws(PathStop) {
        guard var visit = try visit(node, at: position) else { return }
        var outer: [Visit] = []
        while true {
            if let child = nextContainer(&visit) {
                // The step onto the child stays in the trail until the child has been visited.
                guard let inner = try self.visit(child, at: position) else { continue }
                outer.append(visit)
                visit = inner
            } else {
                guard let last = outer.popLast() else { return }
                visit = last
                trail.removeLast()
            }
            try charge()
        }
    }

    /// Returns the next child that is an object or array, and adds the step to it to the trail. Others have nothing
    /// below them.
    private mutating func nextContainer(_ visit: inout Visit) -> JSONValue? {
        switch visit {
        case .object(var members):
            visit = .array([].makeIterator(), next: 0)
            while let (name, member) = members.next() {
                guard member.isContainer else { continue }
                visit = .object(members)
                trail.append(.name(name))
                return member
            }
        case .array(var elements, var next):
            visit = .array([].makeIterator(), next: 0)
            while let element = elements.next() {
                next += 1
                guard element.isContainer else { continue }
                visit = .array(elements, next: next)
                trail.append(.index(next - 1))
                return element
            }
        }
        return .none
    }

    /// Follows the rest of the path from a node of a scan if the next step suits it. Returns its children, `nil` for
    /// what is neither an object nor an array.
    private mutating func visit(_ node: JSONValue, at position: Int) throws(PathStop) -> Visit? {
        switch node {
        case .object(let members):
            try charge(steps: 1 + members.count)
            if case .key(let name) = segments[position + 1], position + 2 == segments.count {
                if let member = members[name] {
                    try charge(results: 1)
                    results.append(member)
                }
            } else if try suits(node, at: position + 1) {
                try follow(from: position + 1, node, .name)
            }
            return .object(members.makeIterator())
        case .array(let elements):
            try charge(steps: 1 + elements.count)
            if try suits(node, at: position + 1) {
                if position + 2 == segments.count {
                    try follow(from: position + 1, node, .name)
                } else {
                    // The next step is skipped, and the rest is evaluated on every element.
                    for index in elements.indices {
                        trail.append(.index(index))
                        try follow(from: position + 2, elements[index], .name)
                        trail.removeLast()
                    }
                }
            }
            return .array(elements.makeIterator(), next: 0)
        default: return nil
        }
    }

    /// Whether the step at `position`, which follows a scan, is tried on an object or array.
    private mutating func suits(_ node: JSONValue, at position: Int) throws(PathStop) -> Bool {
        switch (segments[position], node) {
        case (.key(let name), .object(let members)): return members[name] != nil
        case (.keys(let names), .object(let members)):
            try charge(steps: names.count)
            return names.allSatisfy { members[$0] != nil }
        case (.index, .array), (.indices, .array), (.slice, .array), (.fromEnd, .array): return true
        case (.wildcard, _): return true
        case (.filter(let filter), _): return try matches(filter, node)
        default: return false
        }
    }
}

/// How a node was reached, which decides about null and about the quotes of a text in messages.
enum NodeAccess {
    /// It is the document.
    case root
    /// Through a property, as the current element of a filter, or as an element met by a scan.
    case name
    /// As an element of an array.
    case index
    /// Through an index beyond the end of an array.
    case beyondEnd
}

/// Why an evaluation stops. The places are those of the evaluation's trail.
enum PathStop: Error {
    /// The step at this position asks a property of what is no object.
    case noProperty(Int)
    case noResults
    case missingProperty
    case nullPath
    /// A step cannot be applied; the whole sentence.
    case invalid(String)
    case exceeded(EvaluationBudgetExceeded)

    var isNotFound: Bool {
        switch self {
        case .noProperty, .noResults, .missingProperty, .nullPath: true
        case .invalid, .exceeded: false
        }
    }

    static func notLast(_ place: String) -> PathStop {
        .invalid("Multi properties can only be used as path leafs: \(place)")
    }

    /// An index, a list, a slice or a script meets what is no array; `rest` begins with that step.
    static func noArray(_ rest: ArraySlice<PathSegment>, _ node: JSONValue, _ access: NodeAccess) -> PathStop {
        if node.isNull, access == .name || access == .beyondEnd { return .nullPath }
        return .invalid(
            "Filter: \(rest.fragments) can only be applied to arrays. Current context is: \(node.shown(access))")
    }
}

extension JSONValue {
    fileprivate var isContainer: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }

    /// The value as messages quote it: a text that was reached by name has no quotes.
    func shown(_ access: NodeAccess) -> String {
        if access == .name, case .string(let text) = self { return text }
        return text(upTo: Limits.Evaluation.maximumQuotedBytes)
    }
}
