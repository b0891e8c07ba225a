// The words for a definite step that cannot be taken: Jayway's, on Jackson's tree model, which Step Functions quotes.

import JSON

extension [PathSegment] {
    /// Why the step at `position` cannot be taken on `node`, the value that the steps before it lead to.
    @inline(never)
    func failure(at position: Int, on node: JSONValue) -> JSONPathError {
        switch self[position] {
        case .index(let index) where node.arrayValue != nil: indexFailure(at: position, index: index)
        case .index, .indices, .slice: arrayFailure(at: position, on: node)
        case .key, .keys: keyFailure(at: position, on: node)
        default: JSONPathError(code: .notFound, message: "No results for path: $\(fragments)")
        }
    }

    private func keyFailure(at position: Int, on node: JSONValue) -> JSONPathError {
        guard case .object = node else { return objectFailure(at: position, found: node.jacksonClass) }
        if position == count - 1 {
            return JSONPathError(code: .notFound, message: "No results for path: $\(fragments)")
        }
        return JSONPathError(code: .notFound, message: "Missing property in path $\(path(through: position))")
    }

    /// Jackson's tree answers an index past the end with Java's null, which the next step then trips over.
    private func indexFailure(at position: Int, index: Int) -> JSONPathError {
        guard position + 1 < count else {
            return JSONPathError(code: .indexOutOfRange, message: "No results for path: $\(fragments)")
        }
        switch self[position + 1] {
        case .key, .keys: return objectFailure(at: position + 1, found: "null")
        default:
            return JSONPathError(code: .typeMismatch, message: "The path $\(path(through: position)) is null")
        }
    }

    private func arrayFailure(at position: Int, on node: JSONValue) -> JSONPathError {
        let message =
            "Filter: \(self[position...].fragments) can only be applied to arrays. Current context is: \(node.text)"
        return JSONPathError(code: .typeMismatch, message: message)
    }

    private func objectFailure(at position: Int, found: String) -> JSONPathError {
        let message =
            "Expected to find an object with property \(self[position].fragment) in path $\(path(through: position - 1)) "
            + "but found '\(found)'. This is not a json object according to the JsonProvider: "
            + "'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
        return JSONPathError(code: .typeMismatch, message: message)
    }

    /// The path that was evaluated so far; names stand in single quotes there however they were written.
    private func path(through position: Int) -> String {
        self[0..<(position + 1)].map { if case .key(let name, _) = $0 { "['\(name)']" } else { $0.fragment } }.joined()
    }
}

extension JSONValue {
    /// The class of Jackson's tree that holds such a value.
    fileprivate var jacksonClass: String {
        let name =
            switch self {
            case .null: "NullNode"
            case .bool: "BooleanNode"
            case .string: "TextNode"
            case .array: "ArrayNode"
            case .object: "ObjectNode"
            case .number(let number): number.jacksonClass
            }
        return "com.fasterxml.jackson.databind.node.\(name)"
    }
}

extension JSONNumber {
    fileprivate var jacksonClass: String {
        guard isIntegerText else { return "DoubleNode" }
        if Int32(text) != nil { return "IntNode" }
        return Int64(text) != nil ? "LongNode" : "BigIntegerNode"
    }
}
