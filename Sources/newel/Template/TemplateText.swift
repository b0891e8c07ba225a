// YAML and JSON of CloudFormation templates, with the short forms of intrinsic functions.

import Foundation
import JSON
import Yams

/// Reads the text of a template, or of a file that a template includes.
enum TemplateText {
    /// How deep values may nest.
    private static let depth = 128
    /// How many values a text may have. Aliases of aliases would make any number of a short one.
    private static let mostValues = 1_000_000

    /// Returns the value of a text in JSON or YAML; `!Sub x` becomes `{"Fn::Sub": "x"}`.
    ///
    /// Throws `Finding` with line and column for a text that is neither.
    static func parse(_ text: String, file: String) throws -> JSONValue {
        let isJSON = text.first { !$0.isWhitespace } == "{"
        do throws(JSONError) {
            if isJSON { return try JSONValue.parse(text) }
        } catch  where file.hasSuffix(".json") {
            throw Finding(
                file: file, place: "\(error.line):\(error.column)", cause: error.message, fix: "Write valid JSON.")
        } catch {
            // A flow mapping of YAML begins like JSON.
        }
        let node: Node?
        do { node = try Yams.compose(yaml: text) } catch { throw finding(error, file) }
        guard let node else { throw Finding(file: file, place: "1", cause: "The file is empty", fix: "") }
        var left = mostValues
        return try value(node, file, &left, depth: depth)
    }

    private static func finding(_ error: any Error, _ file: String) -> Finding {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Finding(
                file: file, place: "\(mark.line):\(mark.column)", cause: "This is not valid YAML: \(problem)",
                fix: "Indent with spaces, and write `key: value`.")
        case .duplicatedKeysInMapping(let duplicates, let context):
            Finding(
                file: file, place: "\(context.mark.line)",
                cause: "A key is given twice: \(duplicates.map { "\($0)" }.joined(separator: ", "))",
                fix: "Keep one of them.")
        default: Finding(file: file, place: "", cause: "\(error)", fix: "")
        }
    }

    private static func value(_ node: Node, _ file: String, _ left: inout Int, depth: Int) throws -> JSONValue {
        left -= 1
        guard left > 0 else {
            throw Finding(
                file: file, place: "\(node.mark?.line ?? 1)",
                cause: "The file has too many values, its aliases expanded", fix: "")
        }
        guard depth > 0 else {
            throw Finding(file: file, place: "\(node.mark?.line ?? 1)", cause: "The values nest too deep", fix: "")
        }
        let plain: JSONValue
        switch node {
        case .scalar(let scalar): plain = Self.scalar(scalar)
        case .sequence(let sequence):
            plain = .array(try sequence.map { try value($0, file, &left, depth: depth - 1) })
        case .mapping(let mapping): plain = .object(try members(mapping, file, &left, depth: depth))
        case .alias:
            throw Finding(file: file, place: "\(node.mark?.line ?? 1)", cause: "An alias leads nowhere", fix: "")
        }
        guard let name = function(node.tag.rawValue) else { return plain }
        return .object(JSONObject([(name, plain)]))
    }

    private static func members(
        _ mapping: Node.Mapping, _ file: String, _ left: inout Int, depth: Int
    ) throws -> JSONObject {
        var members = JSONObject()
        for (key, element) in mapping {
            let name = key.scalar?.string ?? ""
            let value = try value(element, file, &left, depth: depth - 1)
            // A merge key of YAML 1.1: members that are written out take precedence.
            if name == "<<", let merged = value.objectValue {
                for (name, value) in merged where members[name] == nil { members[name] = value }
            } else {
                members[name] = value
            }
        }
        return members
    }

    /// The long name of a short form, `nil` for YAML's own tags.
    private static func function(_ tag: String) -> String? {
        guard tag.hasPrefix("!"), tag.count > 1 else { return nil }
        let name = String(tag.dropFirst())
        return name == "Ref" || name == "Condition" ? name : "Fn::" + name
    }

    /// A quoted scalar is a string; a plain one may be null, a boolean or a number.
    private static func scalar(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .any || scalar.style == .plain, function(scalar.tag.rawValue) == nil else {
            return .string(scalar.string)
        }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return JSONNumber(text: scalar.string).map(JSONValue.number) ?? .string(scalar.string)
        }
    }
}
