// The functions that a path may end in: `.length()`, `.sum()`, `.concat("x")`, …

import JSON

struct PathFunction: Sendable {
    enum Argument: Sendable {
        case value(JSONValue)
        case path(InnerPath)
    }

    /// As written: an unknown function is an error when it is called, as with Jayway.
    var name: String
    var arguments: [Argument]

    init(name: String, arguments: [Argument]) {
        self.name = name
        self.arguments = arguments
        // Of a path as its argument, `length` counts the children: `$.length($.a)` is as many as `$.a[*]` has.
        if name == "length" || name == "size", case .path(var path)? = arguments.first, !path.endsInFunction {
            path.segments.append(.wildcard)
            path.isDefinite = false
            self.arguments[0] = .path(path)
        }
    }
}

extension InnerPath {
    var endsInFunction: Bool { if case .function? = segments.last { true } else { false } }
}

extension PathParser {
    /// Reads the arguments of a function, at its opening parenthesis.
    mutating func function(_ name: String) throws(JSONPathError) -> PathSegment {
        let start = at
        at += 1
        var arguments: [PathFunction.Argument] = []
        skipBlanks()
        while peek != UInt8(ascii: ")") {
            guard peek != nil else {
                throw error("Arguments to function: '\(name)' are not closed properly.", offset: start)
            }
            let isPath = peek == UInt8(ascii: "$") || peek == UInt8(ascii: "@")
            arguments.append(
                isPath
                    ? .path(try innerPath())
                    : .value(try nest { parser throws(JSONPathError) in try parser.literal() }))
            skipBlanks()
            guard peek != nil, peek != UInt8(ascii: ")") else { continue }
            try expect(",")
            skipBlanks()
        }
        at += 1
        return .function(PathFunction(name: name, arguments: arguments))
    }
}

extension PathEvaluation {
    /// What the function gives for `node`. Jayway's quirks are kept but for two slips of its own: `max()` of negative
    /// numbers is their maximum here, and `last()` of one element is that element.
    mutating func call(_ function: PathFunction, on node: JSONValue) throws(JSONPathError) -> JSONValue {
        let arguments = try values(of: function.arguments, calledOn: node)
        switch function.name {
        case "length", "size": return length(of: node, arguments)
        case "min", "max", "sum", "avg", "stddev":
            return try aggregate(function.name, try numbers(in: [node].filter { $0.arrayValue != nil } + arguments))
        case "keys": return node.objectValue.map { .array($0.keys.map { .string($0) }) } ?? .null
        case "first": return try element(0, of: node)
        case "last": return try element(-1, of: node)
        case "index": return try element(arguments.first?.intValue ?? 0, of: node)
        case "concat": return try concatenation(of: node, arguments)
        case "append":
            guard case .array(let elements) = node else { return node }
            return .array(elements + arguments)
        default: throw failure("Function with name: \(function.name) does not exist.")
        }
    }

    private mutating func values(
        of arguments: [PathFunction.Argument], calledOn node: JSONValue
    ) throws(JSONPathError) -> [JSONValue] {
        var values: [JSONValue] = []
        for argument in arguments {
            switch argument {
            case .value(let value): values.append(value)
            case .path(let path):
                if case .callee = path.start {
                    values.append(try value(of: path, at: node))
                } else {
                    values.append(try value(of: path, at: document))
                }
            }
        }
        return values
    }

    private func length(of node: JSONValue, _ arguments: [JSONValue]) -> JSONValue {
        if case .array(let elements)? = arguments.first { return .int(elements.count) }
        switch node {
        case .array(let elements): return .int(elements.count)
        case .object(let members): return .int(members.count)
        default: return .null
        }
    }

    private mutating func numbers(in values: [JSONValue]) throws(JSONPathError) -> [Double] {
        var numbers: [Double] = []
        for value in values {
            let elements = value.arrayValue ?? [value]
            try visit(elements.count)
            numbers += elements.compactMap(\.doubleValue)
        }
        return numbers
    }

    private func aggregate(_ name: String, _ numbers: [Double]) throws(JSONPathError) -> JSONValue {
        guard let least = numbers.min(), let most = numbers.max() else { throw emptyAggregate }
        let count = Double(numbers.count)
        let sum = numbers.reduce(0, +)
        let result =
            switch name {
            case "min": least
            case "max": most
            case "sum": sum
            case "avg": sum / count
            default: (numbers.reduce(0) { $0 + $1 * $1 } / count - sum * sum / count / count).squareRoot()
            }
        // A double of Java's, so that the sum of 1 and 2 prints as 3.0.
        guard let number = JSONNumber(text: result.description) else {
            throw failure("The result of \(name)() is not a JSON number: \(result)")
        }
        return .number(number)
    }

    private func element(_ index: Int, of node: JSONValue) throws(JSONPathError) -> JSONValue {
        guard case .array(let elements) = node else { throw emptyAggregate }
        let place = index < 0 ? elements.count + index : index
        guard elements.indices.contains(place) else {
            throw failure("Target index:\(index) larger than object count:\(elements.count)")
        }
        return elements[place]
    }

    private mutating func concatenation(of node: JSONValue, _ arguments: [JSONValue]) throws(JSONPathError) -> JSONValue
    {
        var text = ""
        if case .array(let elements) = node {
            try visit(elements.count)
            for case .string(let part) in elements { text += part }
        }
        for argument in arguments {
            for part in argument.arrayValue ?? [argument] where !part.isNull { text += part.stringValue ?? part.text }
        }
        return .string(text)
    }

    private var emptyAggregate: JSONPathError {
        failure("Aggregation function attempted to calculate value using empty array")
    }

    private func failure(_ message: String) -> JSONPathError { JSONPathError(code: .function, message: message) }
}
