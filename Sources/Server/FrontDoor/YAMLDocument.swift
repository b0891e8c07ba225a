// YAML and JSON files as JSON values that know where their parts were written.

package import JSON
import Yams

/// A file of configuration, read whole. JSON is YAML, so one reader serves both; a number keeps its text.
package struct YAMLDocument: Sendable {
    package let root: JSONValue
    private let places: [String: Place]

    /// Where a value stands, from 1.
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
            node = try Yams.compose(yaml: text)
        } catch {
            throw Self.failure(error)
        }
        guard let node else { throw Failure(message: "The file is empty", line: 1, column: 1) }
        var places: [String: Place] = [:]
        root = try Self.value(node, "", &places, depth: 64)
        self.places = places
    }

    /// Where the value at that path stands: the names and indices to it, each behind a tab.
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
        _ node: Node, _ path: String, _ places: inout [String: Place], depth: Int
    ) throws(Failure) -> JSONValue {
        let mark = node.mark
        guard depth > 0 else {
            throw Failure(message: "Nested too deep", line: mark?.line ?? 1, column: mark?.column ?? 1)
        }
        if let mark { places[path] = Place(line: mark.line, column: mark.column) }
        func below(_ name: String) -> String { path.isEmpty ? name : "\(path)\t\(name)" }
        switch node {
        case .scalar(let scalar):
            if scalar.style == .literal || scalar.style == .folded { places[path]?.isBlock = true }
            return self.scalar(scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(element, below("\(index)"), &places, depth: depth - 1))
            }
            return .array(elements)
        case .mapping(let mapping):
            var members = JSONObject()
            for (key, element) in mapping {
                let name = key.scalar?.string ?? ""
                members[name] = try value(element, below(name), &places, depth: depth - 1)
            }
            return .object(members)
        case .alias:
            throw Failure(message: "Aliases are not supported", line: mark?.line ?? 1, column: mark?.column ?? 1)
        }
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
