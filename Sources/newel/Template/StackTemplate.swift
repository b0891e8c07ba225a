// A CloudFormation template: its resources after the SAM transform, its parameters, mappings, conditions and outputs.

import Foundation
import JSON

/// One template as written. Intrinsic functions are evaluated by `TemplateEvaluator`.
struct StackTemplate: Sendable {
    struct Resource: Sendable {
        var logicalID: String
        var type: String
        var properties: JSONObject
        var metadata: JSONObject = [:]
        /// The name of a condition.
        var condition: String?
        var dependsOn: [String] = []
    }

    let file: String
    /// The folder that relative paths of the template begin at.
    let folder: String
    let stackName: String
    let parameters: JSONObject
    let mappings: JSONObject
    let conditions: JSONObject
    let outputs: JSONObject
    private(set) var resources: [Resource]
    /// What the SAM transform would make, and this daemon does not.
    private(set) var notLoaded: [String] = []
    private let positions: [String: Int]

    /// Throws `Finding` for a text that is not a template, `Findings` for resources that SAM refuses.
    init(_ text: String, file: String, folder: String, stackName: String) throws {
        let root = try TemplateText.parse(text, file: file)
        guard let members = root.objectValue, let written = members["Resources"]?.objectValue else {
            throw Finding(
                file: file, place: "", cause: "This is not a CloudFormation or SAM template",
                fix: "A template is YAML or JSON with a section Resources.")
        }
        self.file = file
        self.folder = folder
        self.stackName = stackName
        parameters = members["Parameters"]?.objectValue ?? [:]
        mappings = members["Mappings"]?.objectValue ?? [:]
        conditions = members["Conditions"]?.objectValue ?? [:]
        outputs = members["Outputs"]?.objectValue ?? [:]
        var transform = ServerlessTransform(file: file, globals: members["Globals"]?.objectValue ?? [:])
        var loops: [String] = []
        var findings: [Finding] = []
        for (name, value) in written {
            if name.hasPrefix("Fn::") {
                loops.append("\(name) is not expanded: the resources that it would make are not loaded.")
                continue
            }
            let resource = Self.resource(name, value)
            if let finding = Self.unknownType(resource, file) { findings.append(finding) }
            transform.add(resource)
        }
        findings += transform.findings
        if !findings.isEmpty { throw Findings(list: findings) }
        resources = transform.resources
        positions = Dictionary(
            resources.enumerated().map { ($1.logicalID, $0) }, uniquingKeysWith: { first, _ in first })
        notLoaded = loops + transform.notLoaded + starters() + Self.foreignTransforms(members["Transform"])
    }

    /// The types of SAM and of Step Functions.
    private static let types: Set<String> = [
        "AWS::Serverless::Api", "AWS::Serverless::Application", "AWS::Serverless::CapacityProvider",
        "AWS::Serverless::Connector", "AWS::Serverless::Function", "AWS::Serverless::GraphQLApi",
        "AWS::Serverless::HttpApi", "AWS::Serverless::LayerVersion", "AWS::Serverless::SimpleTable",
        "AWS::Serverless::StateMachine", "AWS::Serverless::WebSocketApi", "AWS::StepFunctions::Activity",
        "AWS::StepFunctions::StateMachine", "AWS::StepFunctions::StateMachineAlias",
        "AWS::StepFunctions::StateMachineVersion",
    ]

    /// What is wrong with a type of SAM or Step Functions that does not exist: a misspelt machine would be missing.
    private static func unknownType(_ resource: Resource, _ file: String) -> Finding? {
        let services = ["AWS::Serverless::", "AWS::StepFunctions::"]
        guard !types.contains(resource.type),
            resource.type.isEmpty || services.contains(where: { resource.type.lowercased().hasPrefix($0.lowercased()) })
        else { return nil }
        guard !resource.type.isEmpty else {
            return Finding(
                file: file, place: resource.logicalID, cause: "The resource has no Type",
                fix: "Add Type, such as AWS::Serverless::StateMachine.")
        }
        return Finding(
            file: file, place: resource.logicalID, cause: "There is no type \(resource.type)",
            fix: nearest(to: resource.type, among: types).map { "Did you mean \($0)?" } ?? "")
    }

    /// Rules, schedules, pipes and routes that refer to a machine of the template: nothing starts it by them.
    private func starters() -> [String] {
        let types = [
            "AWS::ApiGateway::Method", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api",
            "AWS::ApiGatewayV2::Integration", "AWS::Events::Rule", "AWS::Pipes::Pipe", "AWS::Scheduler::Schedule",
            "AWS::Serverless::Api", "AWS::Serverless::HttpApi",
        ]
        let machines = resources.filter { $0.type == "AWS::StepFunctions::StateMachine" }.map(\.logicalID)
        return resources.filter { types.contains($0.type) }.flatMap { resource in
            let text = JSONValue.object(resource.properties).text
            // Names of a `Ref` or `Fn::GetAtt`, and variables of an `Fn::Sub`.
            func isNamed(_ machine: String) -> Bool {
                ["\"\(machine)\"", "\"\(machine).", "${\(machine)}", "${\(machine)."].contains { text.contains($0) }
            }
            return machines.filter(isNamed).map { machine in
                "\(resource.logicalID) (\(resource.type)) is not set up: it does not start \(machine)."
            }
        }
    }

    func resource(_ logicalID: String) -> Resource? { positions[logicalID].map { resources[$0] } }

    private static func resource(_ name: String, _ value: JSONValue) -> Resource {
        let depends = value["DependsOn"]
        return Resource(
            logicalID: name, type: value["Type"]?.stringValue ?? "",
            properties: value["Properties"]?.objectValue ?? [:], metadata: value["Metadata"]?.objectValue ?? [:],
            condition: value["Condition"]?.stringValue,
            dependsOn: depends?.arrayValue?.compactMap(\.stringValue) ?? depends?.stringValue.map { [$0] } ?? [])
    }

    /// Macros of an account, which only AWS can run.
    private static func foreignTransforms(_ transform: JSONValue?) -> [String] {
        let all = transform?.arrayValue ?? transform.map { [$0] } ?? []
        let known = ["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen"]
        return all.map { $0.stringValue ?? $0["Name"]?.stringValue ?? $0.text }.filter { !known.contains($0) }.map {
            "The transform \($0) runs on AWS only; the template is loaded as it is written."
        }
    }
}
