// The intrinsic functions of CloudFormation.

import Core
import Foundation
import JSON

extension TemplateEvaluator {
    /// Evaluates `Ref` or `Fn::…`; `nil` for `AWS::NoValue`.
    func call(_ function: String, _ argument: JSONValue, _ template: StackTemplate) throws -> JSONValue? {
        switch function {
        case "Ref": return try reference(argument.plain, template)
        case "Fn::GetAtt": return try attribute(attributePath(argument, template), template)
        case "Fn::Sub": return .string(try substitution(argument, template))
        case "Fn::Join": return .string(try join(argument, template))
        case "Fn::If":
            let branches = try elements(argument, 3, function, template)
            return try resolve(branches[condition(named: branches[0].plain, template) ? 1 : 2], in: template)
        case "Fn::FindInMap": return try find(argument, template)
        case "Fn::Select": return try select(argument, template)
        case "Fn::Split":
            let parts = try elements(argument, 2, function, template)
            let text = try resolve(parts[1], in: template)?.plain ?? ""
            return .array(Self.split(text, by: parts[0].plain).map { .string($0) })
        case "Fn::ImportValue": return try importedValue(argument, template)
        case "Fn::Base64":
            return .string(Data((try resolve(argument, in: template)?.plain ?? "").utf8).base64EncodedString())
        case "Fn::ToJsonString": return .string(try resolve(argument, in: template)?.text ?? "")
        case "Fn::Length": return .int(try resolve(argument, in: template)?.arrayValue?.count ?? 0)
        case "Fn::GetAZs":
            let zone = try resolve(argument, in: template)?.plain ?? ""
            return .array(["a", "b", "c"].map { .string((zone.isEmpty || zone == "-" ? region : zone) + $0) })
        case "Fn::Cidr": return try cidr(argument, template)
        case "Fn::Transform": return try transform(argument, template)
        case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals":
            return .bool(try condition(.object(JSONObject([(function, argument)])), template))
        default:
            throw problem(
                "\(function) is not evaluated by Newel", template, fix: "Write its value into the template.")
        }
    }

    private func elements(
        _ argument: JSONValue, _ count: Int, _ function: String, _ template: StackTemplate
    ) throws -> [JSONValue] {
        guard let elements = argument.arrayValue, elements.count == count else {
            throw problem("\(function) takes a list of \(count) values", template)
        }
        return elements
    }

    /// The name of an attribute may be a `Ref`; `!GetAtt A.B` is one text.
    private func attributePath(_ argument: JSONValue, _ template: StackTemplate) throws -> String {
        guard let parts = argument.arrayValue else { return argument.plain }
        return try parts.map { try resolve($0, in: template)?.plain ?? "" }.joined(separator: ".")
    }

    // MARK: - Texts

    private func substitution(_ argument: JSONValue, _ template: StackTemplate) throws -> String {
        let own = argument.arrayValue?.last?.objectValue ?? [:]
        var rest = (argument.arrayValue?.first?.plain ?? argument.plain)[...]
        var result = ""
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            let name = String(rest[start.upperBound..<end]).trimmingCharacters(in: .whitespaces)
            result += rest[..<start.lowerBound]
            if name.hasPrefix("!") {
                result += "${\(name.dropFirst())}"
            } else if let value = own[name] {
                result += try resolve(value, in: template)?.plain ?? ""
            } else {
                result += try variable(name, template)
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func variable(_ name: String, _ template: StackTemplate) throws -> String {
        let isReference =
            !name.contains(".") || template.parameters[name] != nil || name.hasSuffix(".Alias")
            || name.hasSuffix(".Version")
        return try isReference ? reference(name, template)?.plain ?? "" : attribute(name, template).plain
    }

    private func join(_ argument: JSONValue, _ template: StackTemplate) throws -> String {
        let parts = try elements(argument, 2, "Fn::Join", template)
        let list = try resolve(parts[1], in: template)?.arrayValue ?? []
        return list.map(\.plain).joined(separator: parts[0].stringValue ?? "")
    }

    private static func split(_ text: String, by separator: String) -> [String] {
        separator.isEmpty ? [text] : text.components(separatedBy: separator)
    }

    // MARK: - Lists and maps

    private func select(_ argument: JSONValue, _ template: StackTemplate) throws -> JSONValue {
        let parts = try elements(argument, 2, "Fn::Select", template)
        let index = Int(try resolve(parts[0], in: template)?.plain ?? "") ?? -1
        let before = missing.count
        let list = try resolve(parts[1], in: template)?.arrayValue ?? []
        if list.indices.contains(index) { return list[index] }
        // The list is built of a value that is missing, and named as such.
        if missing.count > before || !missing.isEmpty { return .string(Self.missingText) }
        throw problem("Fn::Select asks for element \(index) of a list of \(list.count)", template)
    }

    private func find(_ argument: JSONValue, _ template: StackTemplate) throws -> JSONValue? {
        guard let parts = argument.arrayValue, parts.count == 3 || parts.count == 4 else {
            throw problem("Fn::FindInMap takes a map, a top-level key and a second-level key", template)
        }
        let before = missing.count
        let keys = try parts.prefix(3).map { try resolve($0, in: template)?.plain ?? "" }
        // A key is missing, and is named as such.
        if missing.count > before || keys.contains(Self.missingText) { return .string(Self.missingText) }
        if let value = template.mappings[keys[0]]?[keys[1]]?[keys[2]] { return value }
        if let standard = parts.last?["DefaultValue"] { return try resolve(standard, in: template) }
        let name = keys.joined(separator: ".")
        if let value = value(of: name) { return .string(value) }
        guard template.mappings[keys[0]] != nil else {
            return absent(name, "there is no mapping \(keys[0])" + hint(keys[0], Array(template.mappings.keys)))
        }
        return absent(name, "the mapping \(keys[0]) has no \(keys[1]) with \(keys[2])")
    }

    private func importedValue(_ argument: JSONValue, _ template: StackTemplate) throws -> JSONValue? {
        let name = try resolve(argument, in: template)?.plain ?? ""
        if let value = value(of: name) { return .string(value) }
        for other in templates {
            for output in other.outputs.values {
                guard let export = output["Export"]?["Name"], let value = output["Value"],
                    try text(export, in: other) == name
                else { continue }
                return try resolve(value, in: other)
            }
        }
        return absent(name, "Fn::ImportValue: an export of another stack")
    }

    /// `AWS::Include` of a local file; other macros run on AWS only.
    private func transform(_ argument: JSONValue, _ template: StackTemplate) throws -> JSONValue? {
        let location = try text(argument["Parameters"]?["Location"], in: template) ?? ""
        guard argument["Name"]?.plain == "AWS::Include", !location.isEmpty, !location.hasPrefix("s3://") else {
            throw problem(
                "The macro \(argument["Name"]?.plain ?? "") of Fn::Transform runs on AWS only", template,
                fix: "Write what it makes into the template.")
        }
        let file = TemplatePath.join(location, in: template.folder)
        return try resolve(TemplateText.parse(try TextFile.read(file), file: file), in: template)
    }

    /// Blocks of IPv4 addresses: `[block, count, bits]`.
    private func cidr(_ argument: JSONValue, _ template: StackTemplate) throws -> JSONValue {
        let parts = try (argument.arrayValue ?? []).map { try resolve($0, in: template)?.plain ?? "" }
        let block = parts.first?.split(separator: "/") ?? []
        let octets = (block.first ?? "").split(separator: ".").compactMap { UInt8($0) }
        guard parts.count >= 2, let count = Int(parts[1]), (1...256).contains(count), octets.count == 4,
            let bits = Int(parts.count > 2 ? parts[2] : "8"), (1...31).contains(bits)
        else { throw problem("Fn::Cidr takes a block of IPv4 addresses, a count from 1 to 256 and bits", template) }
        let start = octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let blocks = (0..<count).map { index in
            let address = start + UInt64(index) << UInt64(bits)
            let text = stride(from: 24, through: 0, by: -8).map { "\(address >> UInt64($0) & 255)" }
            return JSONValue.string(text.joined(separator: ".") + "/\(32 - bits)")
        }
        return .array(blocks)
    }

    // MARK: - Conditions

    /// Whether a condition of the template holds; one that is not there does not.
    func condition(named name: String, _ template: StackTemplate) throws -> Bool {
        guard let written = template.conditions[name] else {
            throw problem("There is no condition \(name)", template, fix: "Add it to Conditions.")
        }
        return try condition(written, template)
    }

    private func condition(_ value: JSONValue, _ template: StackTemplate) throws -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw problem("A condition refers to itself", template) }
        guard let object = value.objectValue, object.count == 1, let name = object.keys.first else {
            return try resolve(value, in: template)?.plain == "true"
        }
        let argument = object.values[0]
        switch name {
        case "Condition": return try condition(named: argument.plain, template)
        case "Fn::Not": return try !condition(argument.arrayValue?.first ?? .null, template)
        case "Fn::And":
            return try (argument.arrayValue ?? []).allSatisfy { try condition($0, template) }
        case "Fn::Or": return try (argument.arrayValue ?? []).contains { try condition($0, template) }
        case "Fn::Equals":
            let sides = try elements(argument, 2, name, template).map { try resolve($0, in: template)?.plain }
            return sides[0] == sides[1]
        default: return try resolve(value, in: template)?.plain == "true"
        }
    }
}

/// Paths that a template names.
enum TemplatePath {
    /// Returns a relative path as seen from the folder.
    static func join(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : URL(fileURLWithPath: folder).appendingPathComponent(path).standardizedFileURL.path
    }
}
