// `newel machine load`: the state machines of a rendered SAM or CloudFormation template.

import ArgumentParser
import Foundation
import JSON

struct MachineLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Create the state machines and activities of a CloudFormation template.",
        discussion: """
            The template is JSON, a SAM template as aws-sam-translator renders it. What is there already is brought up \
            to date. References to functions, roles, queues, topics and tables become ARNs of this account and region; \
            others are named with --parameter.

            newel machine load template.json
            newel machine load template.json --parameter Currency=EUR --parameter Orders.Arn=arn:aws:…
            """)

    @Argument(help: "The template; `-` for standard input.", completion: .file())
    var file: String

    @Option(help: "NAME=VALUE: a parameter, a resource's Ref (NAME) or an attribute of it (NAME.ATTRIBUTE).")
    var parameter: [String] = []

    @Option(help: "The account that ARNs are made for.")
    var account = "000000000000"

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        var given: [String: String] = [:]
        for text in parameter {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw Exit(.usage, "--parameter \(text): write NAME=VALUE.") }
            given[String(parts[0])] = String(parts[1])
        }
        let template = try CloudFormationTemplate(
            try TextFile.read(file), given: given, region: client.region, account: account)
        let loader = TemplateLoader(client: client, template: template)
        let arns = try await loader.load()
        guard !arns.isEmpty else {
            throw Exit(.dataError, "The template has no AWS::StepFunctions::StateMachine and no Activity.")
        }
        print(options.json ? JSONValue.array(arns.map { .string($0) }).text : arns.joined(separator: "\n"))
    }
}

/// Makes a template's resources through the API, in the order of what they need.
struct TemplateLoader {
    let client: APIClient
    let template: CloudFormationTemplate

    /// The ARNs of what has been made or brought up to date.
    func load() async throws -> [String] {
        var arns: [String] = []
        for activity in template.resources(of: "AWS::StepFunctions::Activity") {
            let created = try await client.call(
                "CreateActivity", ["name": .string(template.name(of: activity)), "tags": try tags(activity)])
            arns.append(created["activityArn"]?.plain ?? "")
        }
        let versions = template.resources(of: "AWS::StepFunctions::StateMachineVersion")
        var published: [String: String] = [:]
        for machine in template.resources(of: "AWS::StepFunctions::StateMachine") {
            let arn = try await load(machine)
            arns.append(arn)
            for version in versions where try template.text(version.properties["StateMachineArn"]) == arn {
                var request: JSONObject = ["stateMachineArn": .string(arn)]
                if let text = try template.text(version.properties["Description"]) {
                    request["description"] = .string(text)
                }
                let made = try await client.call("PublishStateMachineVersion", request)
                published[version.logicalID] = made["stateMachineVersionArn"]?.plain
            }
        }
        for alias in template.resources(of: "AWS::StepFunctions::StateMachineAlias") {
            arns.append(try await load(alias: alias, published))
        }
        return arns
    }

    private func load(_ machine: CloudFormationTemplate.Resource) async throws -> String {
        let properties = machine.properties
        var request: JSONObject = [
            "definition": .string(try definition(machine)),
            "roleArn": .string(try template.text(properties["RoleArn"]) ?? ""),
        ]
        if let logging = properties["LoggingConfiguration"] {
            request["loggingConfiguration"] = Self.lowered(try template.resolve(logging))
        }
        if let tracing = properties["TracingConfiguration"] {
            request["tracingConfiguration"] = Self.lowered(try template.resolve(tracing))
        }
        var creation = request
        creation["name"] = .string(template.name(of: machine))
        creation["type"] = .string(try template.text(properties["StateMachineType"]) ?? "STANDARD")
        creation["tags"] = try tags(machine)
        do {
            return try await client.call("CreateStateMachine", creation)["stateMachineArn"]?.plain ?? ""
        } catch let refusal as APIRefusal where refusal.type == "StateMachineAlreadyExists" {
            let arn = template.arn(of: machine) ?? ""
            request["stateMachineArn"] = .string(arn)
            _ = try await client.call("UpdateStateMachine", request)
            _ = try await client.call(
                "TagResource", ["resourceArn": .string(arn), "tags": creation["tags"] ?? []])
            return arn
        }
    }

    /// `Definition` or `DefinitionString`, with `DefinitionSubstitutions` in their places.
    private func definition(_ machine: CloudFormationTemplate.Resource) throws -> String {
        let properties = machine.properties
        let text: String
        if let string = try template.text(properties["DefinitionString"]) {
            text = string
        } else if let object = properties["Definition"] {
            text = try template.resolve(object).text
        } else {
            throw Exit(
                .dataError,
                "\(machine.logicalID) has no DefinitionString. Write the definition into the template."
            )
        }
        let substitutions = properties["DefinitionSubstitutions"]?.objectValue ?? [:]
        return try CloudFormationTemplate.substitute(text) { name in
            try substitutions[name].flatMap { try template.text($0) }
        }
    }

    private func load(
        alias: CloudFormationTemplate.Resource, _ published: [String: String]
    ) async throws -> String {
        let name = template.name(of: alias)
        var routes: [JSONValue] = []
        func version(_ value: JSONValue?) throws -> JSONValue {
            if let id = value?["Ref"]?.stringValue, let arn = published[id] { return .string(arn) }
            return .string(try template.text(value) ?? "")
        }
        for route in alias.properties["RoutingConfiguration"]?.arrayValue ?? [] {
            routes.append([
                "stateMachineVersionArn": try version(route["StateMachineVersionArn"]),
                "weight": .int(Int(try template.text(route["Weight"]) ?? "") ?? 100),
            ])
        }
        if let preference = alias.properties["DeploymentPreference"] {
            routes = [["stateMachineVersionArn": try version(preference["StateMachineVersionArn"]), "weight": 100]]
        }
        let request: JSONObject = ["name": .string(name), "routingConfiguration": .array(routes)]
        do {
            return try await client.call("CreateStateMachineAlias", request)["stateMachineAliasArn"]?.plain ?? ""
        } catch let refusal as APIRefusal where refusal.type == "ConflictException" {
            let machine = routes[0]["stateMachineVersionArn"]?.plain.split(separator: ":").dropLast() ?? []
            let arn = machine.joined(separator: ":") + ":\(name)"
            _ = try await client.call(
                "UpdateStateMachineAlias",
                ["stateMachineAliasArn": .string(arn), "routingConfiguration": .array(routes)])
            return arn
        }
    }

    private func tags(_ resource: CloudFormationTemplate.Resource) throws -> JSONValue {
        .array(
            try (resource.properties["Tags"]?.arrayValue ?? []).map { tag in
                [
                    "key": .string(try template.text(tag["Key"]) ?? ""),
                    "value": .string(try template.text(tag["Value"]) ?? ""),
                ]
            })
    }

    /// CloudFormation's names as the API has them: `Level` is `level`.
    private static func lowered(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            .object(JSONObject(object.map { ($0.key.prefix(1).lowercased() + $0.key.dropFirst(), lowered($0.value)) }))
        case .array(let elements): .array(elements.map { lowered($0) })
        default: value
        }
    }
}
