// A CloudFormation template, as aws-sam-translator renders it: its resources, and the values that refer to others.

import Foundation
import JSON

/// Resolves `Ref`, `Fn::GetAtt`, `Fn::Sub` and `Fn::Join` for the resources that Newel makes.
struct CloudFormationTemplate {
    struct Resource {
        var logicalID: String
        var type: String
        var properties: JSONObject
    }

    let resources: [Resource]
    private let byID: [String: Resource]
    private let parameters: [String: JSONValue]
    private let scope: [String: String]

    /// - Parameters:
    ///   - given: values by parameter, by logical id (for `Ref`) or by `LogicalId.Attribute` (for `Fn::GetAtt`).
    ///   - region: what ARNs are made for, with `account`.
    init(_ text: String, given: [String: String], region: String, account: String) throws {
        guard let members = (try? JSONValue.parse(text))?.objectValue, let resources = members["Resources"]?.objectValue
        else {
            throw Exit(.dataError, "This is no CloudFormation template in JSON: there is no object Resources.")
        }
        self.resources = resources.map { name, value in
            Resource(
                logicalID: name, type: value["Type"]?.stringValue ?? "",
                properties: value["Properties"]?.objectValue ?? [:])
        }
        byID = Dictionary(self.resources.map { ($0.logicalID, $0) }, uniquingKeysWith: { $1 })
        var values: [String: JSONValue] = [:]
        for (name, parameter) in members["Parameters"]?.objectValue ?? [:] {
            if let standard = parameter["Default"] { values[name] = .string(standard.plain) }
        }
        for (name, value) in given { values[name] = .string(value) }
        parameters = values
        scope = [
            "AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": "newel",
        ]
    }

    func resources(of type: String) -> [Resource] { resources.filter { $0.type == type } }

    /// A property's text, `nil` where it is not there.
    func text(_ property: JSONValue?) throws -> String? {
        guard let property, !property.isNull else { return nil }
        return try resolve(property).plain
    }

    /// A value without its intrinsic functions.
    func resolve(_ value: JSONValue) throws -> JSONValue {
        switch value {
        case .array(let elements): return .array(try elements.map { try resolve($0) })
        case .object(let object):
            if object.count == 1 {
                for (name, argument) in object {
                    if let resolved = try call(name, argument) { return resolved }
                }
            }
            return .object(JSONObject(try object.map { ($0.key, try resolve($0.value)) }))
        default: return value
        }
    }

    private func call(_ function: String, _ argument: JSONValue) throws -> JSONValue? {
        switch function {
        case "Ref": return try reference(argument.plain)
        case "Fn::GetAtt":
            let path = argument.arrayValue?.map(\.plain) ?? argument.plain.split(separator: ".").map(String.init)
            return .string(try attribute(path.joined(separator: ".")))
        case "Fn::Join":
            let separator = argument.arrayValue?.first?.plain ?? ""
            let parts = try (argument.arrayValue?.last?.arrayValue ?? []).map { try resolve($0).plain }
            return .string(parts.joined(separator: separator))
        case "Fn::Sub":
            let own = argument.arrayValue?.last?.objectValue ?? [:]
            let text = argument.arrayValue?.first?.plain ?? argument.plain
            return .string(
                try Self.substitute(text) { name in
                    if let value = own[name] { return try resolve(value).plain }
                    return try name.contains(".") ? attribute(name) : reference(name).plain
                })
        default:
            guard function.hasPrefix("Fn::") else { return nil }
            throw Exit(.dataError, "\(function) is not resolved: render the template without it.")
        }
    }

    /// Puts values in the place of `${NAME}`; `${!NAME}` stands for the text `${NAME}`.
    static func substitute(_ text: String, _ value: (String) throws -> String?) rethrows -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            result += rest[..<start.lowerBound]
            let name = String(rest[start.upperBound..<end])
            if name.hasPrefix("!") {
                result += "${\(name.dropFirst())}"
            } else {
                result += try value(name) ?? "${\(name)}"
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    // MARK: - What values refer to

    private func reference(_ name: String) throws -> JSONValue {
        if let value = parameters[name] ?? scope[name].map({ .string($0) }) { return value }
        guard let resource = byID[name], let text = identity(of: resource) else { throw missing(name) }
        return .string(text)
    }

    private func attribute(_ path: String) throws -> String {
        if let value = parameters[path] { return value.plain }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let resource = byID[parts[0]] else { throw missing(path) }
        switch parts[1] {
        case "Arn": if let arn = arn(of: resource) { return arn }
        case "Name", "FunctionName", "RoleName", "QueueName": return name(of: resource)
        default: break
        }
        throw missing(path)
    }

    private func missing(_ name: String) -> Exit {
        Exit(.dataError, "Nothing says what \(name) is. Give it with --parameter \(name)=VALUE.")
    }

    /// What `Ref` gives: an ARN for some types, a name for others.
    private func identity(of resource: Resource) -> String? {
        switch resource.type {
        case "AWS::StepFunctions::StateMachine", "AWS::StepFunctions::Activity", "AWS::SNS::Topic": arn(of: resource)
        case "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::DynamoDB::Table", "AWS::S3::Bucket": name(of: resource)
        case "AWS::SQS::Queue":
            "https://sqs.\(scope["AWS::Region"] ?? "").amazonaws.com/\(scope["AWS::AccountId"] ?? "")/\(name(of: resource))"
        default: nil
        }
    }

    /// The name that the template gives, else the logical id.
    func name(of resource: Resource) -> String {
        let names = [
            "StateMachineName", "FunctionName", "RoleName", "TableName", "BucketName", "QueueName", "TopicName", "Name",
        ]
        let given = names.lazy.compactMap { resource.properties[$0] }.first
        return (given.flatMap { try? resolve($0).plain }) ?? resource.logicalID
    }

    func arn(of resource: Resource) -> String? {
        let place = "\(scope["AWS::Region"] ?? ""):\(scope["AWS::AccountId"] ?? "")"
        let name = name(of: resource)
        switch resource.type {
        case "AWS::StepFunctions::StateMachine": return "arn:aws:states:\(place):stateMachine:\(name)"
        case "AWS::StepFunctions::Activity": return "arn:aws:states:\(place):activity:\(name)"
        case "AWS::Lambda::Function": return "arn:aws:lambda:\(place):function:\(name)"
        case "AWS::IAM::Role": return "arn:aws:iam::\(scope["AWS::AccountId"] ?? ""):role/\(name)"
        case "AWS::DynamoDB::Table": return "arn:aws:dynamodb:\(place):table/\(name)"
        case "AWS::SQS::Queue": return "arn:aws:sqs:\(place):\(name)"
        case "AWS::SNS::Topic": return "arn:aws:sns:\(place):\(name)"
        case "AWS::S3::Bucket": return "arn:aws:s3:::\(name)"
        default: return nil
        }
    }
}
