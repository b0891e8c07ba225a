// What a template asks of the daemon: activities, machines, versions and aliases with every value in its place.

import Core
import Engine
import Foundation
import JSON

/// Everything that `newel machine load` will create, in the order of dependencies. Made without the daemon.
struct TemplatePlan: Sendable {
    struct Machine: Sendable {
        var logicalID: String
        var name: String
        var arn: String
        var type: String
        var roleARN: String
        var definition: DefinitionFile
        /// `loggingConfiguration`, `tracingConfiguration` and `encryptionConfiguration`, as far as the template has
        /// them, by their names in the API.
        var settings: JSONObject
        /// With the tag `newel:stack`, which says whose machine it is.
        var tags: JSONValue
        var stack: String
        /// Logical ids that the machine refers to.
        var needs: Set<String>
    }

    struct Activity: Sendable {
        var name: String
        var tags: JSONValue
    }

    struct Version: Sendable {
        var logicalID: String
        var machineARN: String
        var description: String?
    }

    struct Alias: Sendable {
        struct Route: Sendable {
            /// The ARN of a version, or the logical id of one that is published by the same load.
            var version: String
            var weight: Int
        }

        var name: String
        var routes: [Route]
        var description: String?
    }

    var activities: [Activity] = []
    var machines: [Machine] = []
    var versions: [Version] = []
    var aliases: [Alias] = []
    /// Sentences about what the templates ask for and no load can do.
    var notLoaded: [String] = []

    var isEmpty: Bool { machines.isEmpty && activities.isEmpty }
}

/// Makes a plan of templates that are loaded together.
struct TemplatePlanner {
    let evaluator: TemplateEvaluator
    private(set) var plan = TemplatePlan()
    private var findings: [Finding] = []

    init(_ evaluator: TemplateEvaluator) { self.evaluator = evaluator }

    /// Returns the plan. Throws `Findings` with everything that is wrong, `MissingValues` with every value that is
    /// missing.
    static func plan(_ evaluator: TemplateEvaluator) throws -> TemplatePlan {
        var planner = TemplatePlanner(evaluator)
        for template in evaluator.templates { planner.add(template) }
        if !planner.findings.isEmpty { throw Findings(list: planner.findings) }
        if !evaluator.missing.isEmpty { throw MissingValues(list: evaluator.missing) }
        try planner.checkGiven()
        planner.plan.machines = planner.ordered()
        return planner.plan
    }

    private mutating func add(_ template: StackTemplate) {
        plan.notLoaded += template.notLoaded
        for resource in template.resources {
            do { try add(resource, template) } catch let finding as Finding {
                var finding = finding
                if finding.place.isEmpty, finding.file == template.file { finding.place = resource.logicalID }
                findings.append(finding)
            } catch let exit as Exit {
                findings.append(
                    Finding(file: template.file, place: resource.logicalID, cause: exit.description, fix: ""))
            } catch {
                findings.append(Finding(file: template.file, place: resource.logicalID, cause: "\(error)", fix: ""))
            }
        }
    }

    private mutating func add(_ resource: StackTemplate.Resource, _ template: StackTemplate) throws {
        let types = [
            "AWS::StepFunctions::StateMachine", "AWS::StepFunctions::Activity",
            "AWS::StepFunctions::StateMachineVersion", "AWS::StepFunctions::StateMachineAlias",
        ]
        guard types.contains(resource.type) else { return }
        if let name = resource.condition, try !evaluator.condition(named: name, template) { return }
        let properties = resource.properties
        switch resource.type {
        case "AWS::StepFunctions::StateMachine": plan.machines.append(try machine(resource, template))
        case "AWS::StepFunctions::Activity":
            plan.activities.append(
                TemplatePlan.Activity(
                    name: try evaluator.name(of: resource, template), tags: try tags(properties, template)))
        case "AWS::StepFunctions::StateMachineVersion":
            plan.versions.append(
                TemplatePlan.Version(
                    logicalID: resource.logicalID,
                    machineARN: try evaluator.text(properties["StateMachineArn"], in: template) ?? "",
                    description: try evaluator.text(properties["Description"], in: template)))
        default: plan.aliases.append(try alias(resource, template))
        }
    }

    // MARK: - Machines

    /// The tag of a machine with the name of the stack that it was loaded from.
    static let stackTag = "newel:stack"

    private func machine(
        _ resource: StackTemplate.Resource, _ template: StackTemplate
    ) throws -> TemplatePlan.Machine {
        let properties = resource.properties
        evaluator.touched = []
        let definition = try definition(resource, template)
        guard let role = try evaluator.text(properties["RoleArn"], in: template), !role.isEmpty else {
            throw Finding(
                file: template.file, place: resource.logicalID, cause: "The machine has no RoleArn",
                fix: "Add the ARN of a role, such as arn:aws:iam::\(evaluator.account):role/\(resource.logicalID).")
        }
        var settings = JSONObject()
        for (property, name) in [
            ("LoggingConfiguration", "loggingConfiguration"), ("TracingConfiguration", "tracingConfiguration"),
            ("EncryptionConfiguration", "encryptionConfiguration"),
        ] {
            guard let written = properties[property], let value = try evaluator.resolve(written, in: template) else {
                continue
            }
            settings[name] = Self.lowered(value)
        }
        let type = try evaluator.text(properties["StateMachineType"], in: template) ?? "STANDARD"
        let name = try evaluator.name(of: resource, template)
        if evaluator.missing.isEmpty { try check(name: name, type: type, role: role, resource, template) }
        let stack: JSONValue = ["key": .string(Self.stackTag), "value": .string(template.stackName)]
        let tags = JSONValue.array((try tags(properties, template).arrayValue ?? []) + [stack])
        return TemplatePlan.Machine(
            logicalID: resource.logicalID, name: name, arn: try evaluator.arn(of: resource, template) ?? "", type: type,
            roleARN: role,
            definition: definition, settings: settings, tags: tags, stack: template.stackName,
            needs: evaluator.touched.union(resource.dependsOn))
    }

    /// Throws what the API would refuse, so that it is known before anything is created.
    private func check(
        name: String, type: String, role: String, _ resource: StackTemplate.Resource, _ template: StackTemplate
    ) throws {
        func finding(_ cause: String, _ fix: String) -> Finding {
            Finding(file: template.file, place: resource.logicalID, cause: cause, fix: fix)
        }
        guard ["STANDARD", "EXPRESS"].contains(type) else {
            throw finding("The type is \"\(type)\"", "Write STANDARD or EXPRESS.")
        }
        do throws(ServiceError) {
            try ResourceName.check(name)
            try RoleARN.check(role)
        } catch {
            throw finding(
                error.message,
                error.code == .invalidArn
                    ? "Write the ARN of a role, such as arn:aws:iam::\(evaluator.account):role/\(resource.logicalID)."
                    : "A name has 1 to 80 characters, without spaces.")
        }
    }

    /// The definition with `DefinitionSubstitutions` in their places; a placeholder without one may have a value of
    /// `--parameter`, else it stays, as on AWS.
    private func definition(
        _ resource: StackTemplate.Resource, _ template: StackTemplate
    ) throws -> DefinitionFile {
        let written = resource.properties["DefinitionSubstitutions"]?.objectValue ?? [:]
        var substitutions: [String: String] = [:]
        for (name, value) in written { substitutions[name] = try evaluator.text(value, in: template) ?? "" }
        let (text, file, isPart) = try definitionText(resource, template)
        for name in Placeholders.names(in: text) where substitutions[name] == nil {
            substitutions[name] = evaluator.value(of: name)
        }
        return try DefinitionFile(text, file: file, isPart: isPart, substitutions: substitutions)
    }

    private func definitionText(
        _ resource: StackTemplate.Resource, _ template: StackTemplate
    ) throws -> (text: String, file: String, isPart: Bool) {
        let properties = resource.properties
        let here = "\(template.file):\(resource.logicalID)"
        if let written = properties["DefinitionString"] {
            // The text may be a JSON object, as `Fn::Sub` and `Fn::Join` never make one.
            let value = try evaluator.resolve(written, in: template) ?? ""
            return (value.stringValue ?? value.text, here, true)
        }
        if let object = properties["Definition"] {
            return (try evaluator.resolve(object, in: template)?.prettyText ?? "", here, true)
        }
        for name in ["DefinitionUri", "DefinitionS3Location"] {
            guard let written = properties[name] else { continue }
            let location = try evaluator.resolve(written, in: template) ?? ""
            let file = try DefinitionLocation(template: template, resource: resource).file(location, property: name)
            return (try TextFile.read(file), file, false)
        }
        throw Finding(
            file: template.file, place: resource.logicalID, cause: "The machine has no definition",
            fix: "Add DefinitionUri with a file, Definition or DefinitionString.")
    }

    private func tags(_ properties: JSONObject, _ template: StackTemplate) throws -> JSONValue {
        .array(
            try (properties["Tags"]?.arrayValue ?? []).map { tag in
                [
                    "key": .string(try evaluator.text(tag["Key"], in: template) ?? ""),
                    "value": .string(try evaluator.text(tag["Value"], in: template) ?? ""),
                ]
            })
    }

    private static let booleans: Set<String> = ["includeExecutionData", "enabled"]

    /// CloudFormation's names as the API has them: `Level` is `level`. A `Ref` returns booleans and numbers as text.
    private static func lowered(_ value: JSONValue, _ name: String = "") -> JSONValue {
        switch value {
        case .object(let object):
            return .object(
                JSONObject(
                    object.map { member in
                        let name = member.key.prefix(1).lowercased() + member.key.dropFirst()
                        return (name, lowered(member.value, name))
                    }))
        case .array(let elements): return .array(elements.map { lowered($0) })
        case .string(let text) where booleans.contains(name) && (text == "true" || text == "false"):
            return .bool(text == "true")
        case .string(let text) where name == "kmsDataKeyReusePeriodSeconds":
            return Int(text).map { .int($0) } ?? value
        default: return value
        }
    }

    // MARK: - Aliases

    private func alias(_ resource: StackTemplate.Resource, _ template: StackTemplate) throws -> TemplatePlan.Alias {
        let properties = resource.properties
        func version(_ value: JSONValue?) throws -> String {
            if let id = value?["Ref"]?.stringValue,
                template.resource(id)?.type == "AWS::StepFunctions::StateMachineVersion"
            {
                return id
            }
            return try evaluator.text(value, in: template) ?? ""
        }
        var routes: [TemplatePlan.Alias.Route] = []
        for route in properties["RoutingConfiguration"]?.arrayValue ?? [] {
            let weight = try evaluator.text(route["Weight"], in: template)
            routes.append(
                .init(version: try version(route["StateMachineVersionArn"]), weight: Int(weight ?? "") ?? 100))
        }
        if let preference = properties["DeploymentPreference"] {
            routes = [.init(version: try version(preference["StateMachineVersionArn"]), weight: 100)]
        }
        guard !routes.isEmpty else {
            throw Finding(
                file: template.file, place: resource.logicalID, cause: "The alias leads to no version",
                fix: "Add RoutingConfiguration.")
        }
        let sum = routes.reduce(0) { $0 + $1.weight }
        if sum != 100, evaluator.missing.isEmpty {
            throw Finding(
                file: template.file, place: resource.logicalID,
                cause: "The weights of the alias are \(sum) together", fix: "They must be 100.")
        }
        return TemplatePlan.Alias(
            name: try evaluator.name(of: resource, template), routes: routes,
            description: try evaluator.text(properties["Description"], in: template))
    }

    // MARK: - The whole

    /// Machines that others refer to come first; those of a circle in the order of the template.
    private func ordered() -> [TemplatePlan.Machine] {
        var left = plan.machines
        var ordered: [TemplatePlan.Machine] = []
        while !left.isEmpty {
            let waiting = Set(left.map(\.logicalID))
            let next = left.firstIndex { $0.needs.subtracting([$0.logicalID]).isDisjoint(with: waiting) } ?? 0
            ordered.append(left.remove(at: next))
        }
        return ordered
    }

    /// Throws for a `--parameter` that nothing asks for, which is a misspelt one.
    private func checkGiven() throws {
        let declared = Set(evaluator.templates.flatMap { $0.parameters.keys })
        let ids = evaluator.templates.flatMap { $0.resources.map(\.logicalID) }
        for name in evaluator.given.keys.sorted() where !evaluator.used.contains(name) && !declared.contains(name) {
            if ids.contains(name.split(separator: ".").first.map(String.init) ?? name) { continue }
            let near = nearest(to: name, among: declared.union(ids)).map { " Did you mean \($0)?" } ?? ""
            throw Exit(.usage, "--parameter \(name): no template asks for \(name).\(near)")
        }
    }
}

/// Every value that templates need and do not say.
struct MissingValues: Error, CustomStringConvertible {
    var list: [TemplateEvaluator.Missing]

    var description: String {
        let width = list.map(\.name.count).max() ?? 0
        let lines = list.map { missing in
            let space = String(repeating: " ", count: width - missing.name.count)
            return "  --parameter \(missing.name)=VALUE\(space)  \(missing.meaning)"
        }
        return "The template does not say these values. Add:\n" + lines.joined(separator: "\n")
    }
}
