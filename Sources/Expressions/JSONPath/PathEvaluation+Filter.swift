// Whether a node meets the condition of a filter.

import JSON

/// What an operand of a comparison comes to.
enum FilterValue {
    /// A path that leads nowhere; it equals nothing, not even itself.
    case undefined
    case value(JSONValue)
    case pattern(FilterPattern)
}

extension PathEvaluation {
    /// A filter asks the elements of an array, and an object itself; below `..` the object alone, since elements that
    /// are objects are reached on their own.
    mutating func apply(
        _ filter: PathFilter, _ step: PathStep, on node: JSONValue, into nodes: inout [JSONValue]
    ) throws(JSONPathError) {
        switch node {
        case .object: if try matches(filter, node) { nodes.append(node) }
        case .array(let elements):
            if step.isBelowDescent { return }
            for element in elements {
                try visit()
                if try matches(filter, element) { nodes.append(element) }
            }
        default: try refuse(step, node)
        }
    }

    mutating func matches(_ filter: PathFilter, _ node: JSONValue) throws(JSONPathError) -> Bool {
        switch filter {
        case .any(let parts):
            for part in parts where try matches(part, node) { return true }
            return false
        case .all(let parts):
            for part in parts where try !matches(part, node) { return false }
            return true
        case .not(let inner): return try !matches(inner, node)
        case .exists(let path): return try exists(path, at: node)
        case .compare(let left, let filterOperator, let right):
            return try compare(try value(of: left, at: node), filterOperator, try value(of: right, at: node))
        }
    }

    private mutating func value(of operand: FilterOperand, at node: JSONValue) throws(JSONPathError) -> FilterValue {
        switch operand {
        case .value(let value): return .value(value)
        case .pattern(let pattern): return .pattern(pattern)
        case .path(let path):
            do throws(JSONPathError) { return .value(try value(of: path, at: node)) } catch {
                switch error.code {
                case .notFound, .typeMismatch: return .undefined
                case .indexOutOfRange: return .value(.null)
                default: throw error
                }
            }
        }
    }

    /// The value of a path inside this one; throws also where an indefinite path's parents are missing.
    mutating func value(of path: InnerPath, at node: JSONValue) throws(JSONPathError) -> JSONValue {
        guard case .root = path.start else { return try result(of: path, from: node) }
        if let known = known[path.number] { return known }
        let value = try result(of: path, from: try start(of: path, at: node))
        known[path.number] = value
        return value
    }

    private mutating func result(of path: InnerPath, from start: JSONValue) throws(JSONPathError) -> JSONValue {
        let nodes = try select(path.segments, from: start)
        return path.isDefinite ? nodes.last ?? .null : .array(nodes)
    }

    private func start(of path: InnerPath, at node: JSONValue) throws(JSONPathError) -> JSONValue {
        switch path.start {
        case .node, .callee: return node
        case .root(.input): return document
        case .root(let root): return try root.value(in: scope)
        }
    }

    /// Jayway's check: every property on the way must be there; a path of many nodes then exists even if it gives none.
    private mutating func exists(_ path: InnerPath, at node: JSONValue) throws(JSONPathError) -> Bool {
        do throws(JSONPathError) {
            _ = try select(path.segments, from: try start(of: path, at: node), requiresProperties: true)
            return true
        } catch {
            switch error.code {
            case .notFound, .typeMismatch, .indexOutOfRange: return false
            default: throw error
            }
        }
    }
}
