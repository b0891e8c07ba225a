// AWS::Serverless-2016-10-31: SAM's state machines as CloudFormation has them.

import JSON

/// Collects the resources of a template. State machines of SAM become `AWS::StepFunctions::StateMachine` with the
/// role, version and alias that SAM makes; other resources keep their type, because only references to them count.
struct ServerlessTransform {
    let file: String
    let globals: JSONObject
    private(set) var resources: [StackTemplate.Resource] = []
    private(set) var findings: [Finding] = []
    private(set) var notLoaded: [String] = []

    init(file: String, globals: JSONObject) {
        self.file = file
        self.globals = globals
    }

    mutating func add(_ resource: StackTemplate.Resource) {
        var resource = resource
        guard resource.type.hasPrefix("AWS::Serverless::") else { return resources.append(resource) }
        let section = globals[String(resource.type.dropFirst("AWS::Serverless::".count))]
        if let section = section?.objectValue {
            resource.properties = Self.merge(section, under: resource.properties)
        }
        if resource.type == "AWS::Serverless::StateMachine" { return addMachine(resource) }
        resources.append(resource)
        if resource.type == "AWS::Serverless::Function", resource.properties["Role"] == nil {
            resources.append(role(of: resource))
        }
        if resource.type == "AWS::Serverless::Application" {
            notLoaded.append("\(resource.logicalID) is a nested application: load its own template.")
        }
    }

    /// Global values below those of a resource: mappings are merged, lists appended, anything else overridden.
    private static func merge(_ global: JSONObject, under own: JSONObject) -> JSONObject {
        var merged = global
        for (name, value) in own {
            switch (merged[name], value) {
            case (.object(let below)?, .object(let above)) where !isFunction(below) && !isFunction(above):
                merged[name] = .object(merge(below, under: above))
            case (.array(let below)?, .array(let above)): merged[name] = .array(below + above)
            default: merged[name] = value
            }
        }
        return merged
    }

    private static func isFunction(_ object: JSONObject) -> Bool {
        object.count == 1 && (object.keys[0] == "Ref" || object.keys[0].hasPrefix("Fn::"))
    }

    // MARK: - State machines

    private static let properties: Set<String> = [
        "AutoPublishAlias", "Definition", "DefinitionSubstitutions", "DefinitionUri", "DeploymentPreference", "Events",
        "Logging", "Name", "PermissionsBoundary", "Policies", "PropagateTags", "Role", "RolePath", "Tags", "Tracing",
        "Type", "UseAliasAsEventTarget",
    ]

    /// Types of the events that start a state machine (SAM, `EventSource` of AWS::Serverless::StateMachine).
    private static let eventTypes = ["Api", "CloudWatchEvent", "EventBridgeRule", "Schedule", "ScheduleV2"]

    /// Properties that CloudFormation has under another name.
    private static let renamed = [
        "Name": "StateMachineName", "Type": "StateMachineType", "Role": "RoleArn", "Logging": "LoggingConfiguration",
        "Tracing": "TracingConfiguration", "Definition": "Definition", "DefinitionUri": "DefinitionUri",
        "DefinitionSubstitutions": "DefinitionSubstitutions",
    ]

    private mutating func addMachine(_ machine: StackTemplate.Resource) {
        let given = machine.properties
        for name in given.keys where !Self.properties.contains(name) {
            report(
                machine, "There is no property \(name) of AWS::Serverless::StateMachine",
                nearest(to: name, among: Self.properties).map { "Did you mean \($0)?" } ?? "Leave it out.")
        }
        var made = machine
        made.type = "AWS::StepFunctions::StateMachine"
        made.properties = [:]
        for (old, new) in Self.renamed { made.properties[new] = given[old] }
        if let tags = given["Tags"]?.objectValue {
            made.properties["Tags"] = .array(tags.map { ["Key": .string($0.key), "Value": $0.value] })
        }
        if given["Role"] == nil {
            let role = role(of: machine)
            made.properties["RoleArn"] = ["Fn::GetAtt": [.string(role.logicalID), "Arn"]]
            resources.append(role)
        }
        resources.append(made)
        addAlias(of: machine)
        for (name, event) in given["Events"]?.objectValue ?? [:] where !Self.isDisabled(event) {
            if let type = event["Type"]?.stringValue, !Self.eventTypes.contains(type) {
                report(
                    machine, "Events.\(name): a state machine has no events of type \(type)",
                    "Write one of \(Self.eventTypes.joined(separator: ", ")).")
                continue
            }
            notLoaded.append(
                "The event \(name) (\(event["Type"]?.plain ?? "no type")) of \(machine.logicalID) is not set up: "
                    + "start the machine by an API call, a route of the gateway or a timer of the system.")
        }
    }

    /// Whether a schedule or rule is written and switched off: it starts nothing on AWS either.
    private static func isDisabled(_ event: JSONValue) -> Bool {
        let properties = event["Properties"]
        return properties?["Enabled"]?.boolValue == false || properties?["State"]?.stringValue == "DISABLED"
    }

    private mutating func addAlias(of machine: StackTemplate.Resource) {
        guard let alias = machine.properties["AutoPublishAlias"] else { return }
        let version = StackTemplate.Resource(
            logicalID: machine.logicalID + "Version", type: "AWS::StepFunctions::StateMachineVersion",
            properties: ["StateMachineArn": ["Ref": .string(machine.logicalID)]], condition: machine.condition)
        resources.append(version)
        resources.append(
            StackTemplate.Resource(
                logicalID: machine.logicalID + "Alias" + (alias.stringValue ?? ""),
                type: "AWS::StepFunctions::StateMachineAlias",
                properties: [
                    "Name": alias,
                    "RoutingConfiguration": [
                        ["StateMachineVersionArn": ["Ref": .string(version.logicalID)], "Weight": 100]
                    ],
                ], condition: machine.condition))
    }

    private func role(of resource: StackTemplate.Resource) -> StackTemplate.Resource {
        var properties: JSONObject = [:]
        properties["Path"] = resource.properties["RolePath"]
        return StackTemplate.Resource(
            logicalID: resource.logicalID + "Role", type: "AWS::IAM::Role", properties: properties,
            condition: resource.condition)
    }

    private mutating func report(_ resource: StackTemplate.Resource, _ cause: String, _ fix: String) {
        findings.append(Finding(file: file, place: resource.logicalID, cause: cause, fix: fix))
    }
}
