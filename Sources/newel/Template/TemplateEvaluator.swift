// Intrinsic functions and references of CloudFormation templates, evaluated for this account and region.

import Core
import Foundation
import JSON

/// Evaluates values of templates that are loaded together: exports of one are imports of the others.
///
/// A value that nothing in the templates says is noted in `missing` and evaluation continues, so that all of them can
/// be named at once.
final class TemplateEvaluator {
    struct Missing: Equatable {
        /// What `--parameter NAME=VALUE` takes.
        var name: String
        var meaning: String
    }

    let templates: [StackTemplate]
    let given: [String: String]
    let region: String
    let account: String
    private(set) var missing: [Missing] = []
    /// Names of `given` that an evaluation has used.
    private(set) var used: Set<String> = []
    /// Resources that the value evaluated last refers to.
    var touched: Set<String> = []
    /// How deep the evaluation is, against templates that refer to themselves.
    var depth = 0

    init(_ templates: [StackTemplate], given: [String: String], region: String, account: String) {
        self.templates = templates
        self.given = given
        self.region = region
        self.account = account
    }

    /// Returns a property as text, `nil` where it is absent.
    func text(_ property: JSONValue?, in template: StackTemplate) throws -> String? {
        guard let property, let value = try resolve(property, in: template), !value.isNull else { return nil }
        return value.plain
    }

    /// Returns a value without intrinsic functions, `nil` for `AWS::NoValue`.
    func resolve(_ value: JSONValue, in template: StackTemplate) throws -> JSONValue? {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw problem("The template refers to itself, or nests too deep", template) }
        switch value {
        case .array(let elements): return .array(try elements.compactMap { try resolve($0, in: template) })
        case .object(let object):
            if object.count == 1, let name = object.keys.first, name == "Ref" || name.hasPrefix("Fn::") {
                let value = try call(name, object.values[0], template)
                guard case .string(let text) = value else { return value }
                return .string(try dynamicReferences(text, template))
            }
            var members = JSONObject()
            for (name, value) in object { members[name] = try resolve(value, in: template) }
            return .object(members)
        case .string(let text): return .string(try dynamicReferences(text, template))
        default: return value
        }
    }

    func problem(_ cause: String, _ template: StackTemplate, fix: String = "") -> Finding {
        Finding(file: template.file, place: "", cause: cause, fix: fix)
    }

    /// Notes a missing value and returns what takes its place until all are known.
    func absent(_ name: String, _ meaning: String) -> JSONValue {
        let entry = Missing(name: name, meaning: meaning)
        if !missing.contains(entry) { missing.append(entry) }
        return .string(Self.missingText)
    }

    /// Takes the place of values that are missing.
    static let missingText = "missing"

    /// Returns which of the names is near to a misspelt one, as the end of a sentence.
    func hint(_ name: String, _ names: [String]) -> String {
        nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
    }

    /// Returns the value that the command line has for a name.
    func value(of name: String) -> String? {
        guard let value = given[name] else { return nil }
        used.insert(name)
        return value
    }

    // MARK: - References

    func reference(_ name: String, _ template: StackTemplate) throws -> JSONValue? {
        if let pseudo = pseudoParameter(name, template) { return pseudo }
        if name == "AWS::NoValue" { return nil }
        if let parameter = template.parameters[name] { return try value(of: parameter, name, template) }
        if let value = value(of: name) { return .string(value) }
        if let resource = template.resource(name) {
            try checkExists(resource, template)
            touched.insert(name)
            return try identity(of: resource, template)
        }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        if parts.count == 2, let function = template.resource(parts[0]), ["Alias", "Version"].contains(parts[1]) {
            touched.insert(parts[0])
            let arn = try self.arn(of: function, template) ?? ""
            let alias = try text(function.properties["AutoPublishAlias"], in: template)
            return .string(arn + ":" + (parts[1] == "Alias" ? alias ?? "live" : "1"))
        }
        return absent(
            name,
            "the template has no parameter or resource of that name"
                + hint(
                    name,
                    Array(template.parameters.keys) + template.resources.map(\.logicalID) + Self.pseudoParameters))
    }

    private static let pseudoParameters = [
        "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region", "AWS::StackId",
        "AWS::StackName", "AWS::URLSuffix",
    ]

    /// Throws where a condition keeps the resource from being created. Without the values that are still missing it
    /// cannot be known.
    private func checkExists(_ resource: StackTemplate.Resource, _ template: StackTemplate) throws {
        guard let name = resource.condition, try !condition(named: name, template), missing.isEmpty else { return }
        throw problem(
            "Unresolved resource dependencies [\(resource.logicalID)] in the Resources block of the template", template,
            fix: "Its condition \(name) is false: refer to it under the same condition, with Fn::If.")
    }

    private func pseudoParameter(_ name: String, _ template: StackTemplate) -> JSONValue? {
        switch name {
        case "AWS::Region": .string(region)
        case "AWS::AccountId": .string(account)
        case "AWS::Partition": .string(partition)
        case "AWS::URLSuffix": .string(partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com")
        case "AWS::StackName": .string(template.stackName)
        case "AWS::StackId":
            .string(
                "arn:\(partition):cloudformation:\(region):\(account):stack/\(template.stackName)/"
                    + "00000000-0000-0000-0000-000000000000")
        case "AWS::NotificationARNs": []
        default: nil
        }
    }

    private var partition: String {
        region.hasPrefix("cn-") ? "aws-cn" : region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
    }

    private func value(of parameter: JSONValue, _ name: String, _ template: StackTemplate) throws -> JSONValue {
        let type = parameter["Type"]?.plain ?? "String"
        // The default of such a parameter is the name of a parameter of Systems Manager, not the value.
        let isStored = type.hasPrefix("AWS::SSM::Parameter::Value<")
        guard let text = value(of: name) ?? (isStored ? nil : parameter["Default"]?.plain) else {
            let description = parameter["Description"]?.stringValue.map { ": \($0)" } ?? ""
            return absent(name, "parameter (\(type))\(description)")
        }
        if let allowed = parameter["AllowedValues"]?.arrayValue?.map(\.plain), !allowed.contains(text) {
            throw problem(
                "The parameter \(name) is \"\(text)\"", template,
                fix: "Write one of \(allowed.joined(separator: ", ")).")
        }
        try ParameterConstraints.check(text, parameter, type, name, template)
        guard type == "CommaDelimitedList" || type.hasPrefix("List<") else { return .string(text) }
        return .array(text.split(separator: ",").map { .string(String($0.drop { $0 == " " })) })
    }

    func attribute(_ path: String, _ template: StackTemplate) throws -> JSONValue {
        if let value = value(of: path) { return .string(value) }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let resource = template.resource(parts[0]) else {
            let name = parts.first ?? path
            return absent(
                path, "the template has no resource \(name)" + hint(name, template.resources.map(\.logicalID)))
        }
        try checkExists(resource, template)
        touched.insert(parts[0])
        if let text = try attribute(parts[1], of: resource, template) { return .string(text) }
        let row = ResourceIdentity.of(resource.type)
        let names = (row?.arn == nil ? [] : ["Arn"]) + Array(row?.attributes.keys ?? [:].keys)
        return absent(path, "attribute \(parts[1]) of \(parts[0]) (\(resource.type))" + hint(parts[1], names))
    }

    private func attribute(
        _ name: String, of resource: StackTemplate.Resource, _ template: StackTemplate
    ) throws -> String? {
        if resource.type == "AWS::SSM::Parameter", name == "Value" || name == "Type" {
            return try text(resource.properties[name], in: template)
        }
        if let arn = try derivedARN(of: resource, template), name.hasSuffix("Arn") { return arn }
        guard let row = ResourceIdentity.of(resource.type) else { return nil }
        if name == "Arn", let arn = row.arn { return try fill(arn, resource, row, template) }
        guard let format = row.attributes[name] else { return nil }
        let arn = try row.arn.map { try fill($0, resource, row, template) } ?? ""
        return try fill(format, resource, row, template).replacing("{arn}", with: arn)
    }

    /// What `Ref` returns: an ARN for some types, a name or URL for others.
    private func identity(of resource: StackTemplate.Resource, _ template: StackTemplate) throws -> JSONValue {
        if let arn = try derivedARN(of: resource, template) { return .string(arn) }
        guard let row = ResourceIdentity.of(resource.type) else {
            return absent(resource.logicalID, "Ref of \(resource.logicalID) (\(resource.type))")
        }
        switch row.reference {
        case .name: return .string(try name(of: resource, template))
        case .arn: return .string(try fill(row.arn ?? "", resource, row, template))
        case .text(let format): return .string(try fill(format, resource, row, template))
        case .unknown: return absent(resource.logicalID, "Ref of \(resource.logicalID) (\(resource.type))")
        }
    }

    /// The ARN of a version or an alias, which begins with that of what it is of.
    private func derivedARN(of resource: StackTemplate.Resource, _ template: StackTemplate) throws -> String? {
        let properties = resource.properties
        switch resource.type {
        case "AWS::StepFunctions::StateMachineVersion":
            return try text(properties["StateMachineArn"], in: template).map { $0 + ":1" }
        case "AWS::StepFunctions::StateMachineAlias":
            let route = properties["RoutingConfiguration"]?[0] ?? properties["DeploymentPreference"]
            let version = try text(route?["StateMachineVersionArn"], in: template) ?? ""
            let machine = version.split(separator: ":").prefix(7).joined(separator: ":")
            return try machine + ":" + name(of: resource, template)
        case "AWS::Lambda::Version", "AWS::Lambda::Alias":
            let function = try text(properties["FunctionName"], in: template) ?? ""
            let prefix = "arn:\(partition):lambda:\(region):\(account):function:"
            let qualifier = resource.type.hasSuffix("Alias") ? try text(properties["Name"], in: template) ?? "" : "1"
            return (function.hasPrefix("arn:") ? function : prefix + function) + ":" + qualifier
        default: return nil
        }
    }

    private func fill(
        _ format: String, _ resource: StackTemplate.Resource, _ row: ResourceIdentity, _ template: StackTemplate
    ) throws -> String {
        var name = try name(of: resource, template)
        // A name of Systems Manager may be a path, which the ARN has once.
        if resource.type == "AWS::SSM::Parameter", name.hasPrefix("/") { name.removeFirst() }
        let path = try text(resource.properties["Path"], in: template) ?? "/"
        return format.replacing("{p}", with: partition).replacing("{r}", with: region)
            .replacing("{a}", with: account).replacing("{d}", with: path).replacing("{n}", with: name)
    }

    /// The physical name that the template says, else the logical id.
    func name(of resource: StackTemplate.Resource, _ template: StackTemplate) throws -> String {
        let row = ResourceIdentity.of(resource.type)
        let property = row?.nameProperty ?? "Name"
        if let name = try text(resource.properties[property], in: template), !name.isEmpty { return name }
        return row?.isLowercase == true ? resource.logicalID.lowercased() : resource.logicalID
    }

    func arn(of resource: StackTemplate.Resource, _ template: StackTemplate) throws -> String? {
        if let arn = try derivedARN(of: resource, template) { return arn }
        guard let row = ResourceIdentity.of(resource.type), let format = row.arn else { return nil }
        return try fill(format, resource, row, template)
    }

    // MARK: - Dynamic references

    /// Replaces `{{resolve:ssm:NAME}}` by what `--parameter resolve:ssm:NAME=VALUE` says.
    private func dynamicReferences(_ text: String, _ template: StackTemplate) throws -> String {
        guard text.contains("{{resolve:") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "{{resolve:"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            let name = "resolve:" + rest[start.upperBound..<end.lowerBound]
            result += rest[..<start.lowerBound]
            result += value(of: name) ?? absent(name, "a dynamic reference, whose value AWS keeps").plain
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}
