// YAML and JSON files as JSON values that know where their parts were written.

package import JSON
import Yams

/// A file of configuration, read whole. JSON is YAML, so one reader serves both; a number keeps its text.
package struct YAMLDocument: Sendable {
    package let root: JSONValue
    private let places: [String: Place]

    /// The line of a value, from 1.
    package struct Place: Sendable, Equatable {
        package var line: Int
        package var column: Int
        /// Whether it is a block (`|`), whose text begins on the next line.
        package var isBlock = false
    }

    /// Why a text is no YAML.
    package struct Failure: Error, Sendable, Equatable {
        package var message: String
        package var line: Int
        package var column: Int
    }

    package init(_ text: String) throws(Failure) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: Self.withoutSurrogates(text))
        } catch {
            throw Self.failure(error)
        }
        guard let node else { throw Failure(message: "The file is empty", line: 1, column: 1) }
        var reading = Reading()
        root = try Self.value(node, "", &reading, depth: 64)
        places = reading.places
    }

    /// JSON escapes a character beyond 16 bits as two halves, which YAML does not know: such pairs become the
    /// character.
    private static func withoutSurrogates(_ text: String) -> String {
        guard text.contains("\\ud") || text.contains("\\uD"), text.first(where: { !$0.isWhitespace }) == "{" else {
            return text
        }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            if let high = codeUnit(bytes, index), UTF16.isLeadSurrogate(high), let low = codeUnit(bytes, index + 6),
                UTF16.isTrailSurrogate(low)
            {
                result += String(decoding: [high, low], as: UTF16.self).utf8
                index += 12
            } else {
                // The escaped character may be a backslash.
                result += bytes[index..<min(index + 2, bytes.count)]
                index += 2
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The value of `\uXXXX` at that place.
    private static func codeUnit(_ bytes: [UInt8], _ index: Int) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt16(String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }

    private struct Reading {
        var places: [String: Place] = [:]
        /// Values that may still be read. Aliases of aliases would make any number of a short text.
        var left = 300_000
    }

    /// The place of the value at that path: the names and indices to it, each after a tab.
    package func place(_ path: [String]) -> Place? {
        var path = path
        while true {
            if let place = places[path.joined(separator: "\t")] { return place }
            guard path.popLast() != nil else { return nil }
        }
    }

    private static func failure(_ error: any Error) -> Failure {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Failure(message: problem, line: mark.line, column: mark.column)
        default: Failure(message: "\(error)", line: 1, column: 1)
        }
    }

    private static func value(
        _ node: Node, _ path: String, _ reading: inout Reading, depth: Int
    ) throws(Failure) -> JSONValue {
        guard depth > 0 else { throw failure("Nested too deep", node) }
        reading.left -= 1
        guard reading.left > 0 else { throw failure("The file has too many values, its aliases expanded", node) }
        if let mark = node.mark { reading.places[path] = Place(line: mark.line, column: mark.column) }
        switch node {
        case .scalar(let scalar):
            if scalar.style == .literal || scalar.style == .folded { reading.places[path]?.isBlock = true }
            guard scalar.tag.rawValue != binaryTag else { throw failure("!!binary is not supported", node) }
            return self.scalar(scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(element, below("\(index)", path), &reading, depth: depth - 1))
            }
            return .array(elements)
        case .mapping(let mapping): return .object(try members(mapping, path, &reading, depth: depth))
        case .alias: throw failure("An alias leads nowhere", node)
        }
    }

    private static func members(
        _ mapping: Node.Mapping, _ path: String, _ reading: inout Reading, depth: Int
    ) throws(Failure) -> JSONObject {
        var members = JSONObject()
        var merged: [(object: JSONObject, path: String)] = []
        for (key, element) in mapping {
            guard let scalar = key.scalar, scalar.tag.rawValue != binaryTag else {
                throw failure("A key must be a text", key)
            }
            let isMerge = scalar.string == "<<" && (scalar.style == .any || scalar.style == .plain)
            let value = try value(element, below(scalar.string, path), &reading, depth: depth - 1)
            guard isMerge else {
                members[scalar.string] = value
                continue
            }
            // Members that are written out take precedence, then those that are merged first.
            let here = below(scalar.string, path)
            let all = value.arrayValue?.enumerated().map { ($1, below("\($0)", here)) } ?? [(value, here)]
            for (value, path) in all {
                guard let object = value.objectValue else {
                    throw failure("A merge key (<<) takes a mapping or a list of mappings", element)
                }
                merged.append((object, path))
            }
        }
        for (object, from) in merged {
            for (name, value) in object where members[name] == nil {
                members[name] = value
                reading.places[below(name, path)] = reading.places[below(name, from)]
            }
        }
        return members
    }

    private static let binaryTag = "tag:yaml.org,2002:binary"

    private static func below(_ name: String, _ path: String) -> String { path.isEmpty ? name : "\(path)\t\(name)" }

    private static func failure(_ message: String, _ node: Node) -> Failure {
        Failure(message: message, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// A plain scalar may be null, a boolean or a number; a quoted one is always a text.
    private static func scalar(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .any || scalar.style == .plain else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return JSONNumber(text: scalar.string).map(JSONValue.number) ?? .string(scalar.string)
        }
    }
}
