// Carries out the plan of a template through the API: all of it or nothing.

import JSON

/// Creates, updates and publishes what a plan has. Every step notes how it is taken back.
struct TemplateLoader {
    let client: APIClient
    let plan: TemplatePlan
    private var undo: [(operation: String, input: JSONObject)] = []
    private var published: [String: String] = [:]
    private var arns: [String] = []
    /// What is being loaded, for an error.
    private var current = ""

    init(client: APIClient, plan: TemplatePlan) {
        self.client = client
        self.plan = plan
    }

    /// What the daemon says of the plan's definitions, before anything is created. Throws `Findings` for a machine that
    /// exists with another type.
    func check() async throws -> [(machine: TemplatePlan.Machine, findings: [Finding])] {
        var checked: [(machine: TemplatePlan.Machine, findings: [Finding])] = []
        for machine in plan.machines {
            var findings = try await client.findings(in: machine.definition, type: machine.type)
            if let existing = try await described(machine) { findings += try await conflicts(machine, existing) }
            checked.append((machine, findings))
        }
        return checked
    }

    /// Why a machine that exists cannot be brought up to date: its type, or that another stack has made it. On AWS two
    /// stacks never have one machine; here an unnamed machine has its logical id as its name.
    private func conflicts(_ machine: TemplatePlan.Machine, _ existing: JSONValue) async throws -> [Finding] {
        var findings: [Finding] = []
        if existing["type"]?.plain != machine.type {
            findings.append(
                Finding(
                    file: machine.logicalID, place: "",
                    cause: "\(machine.name) exists as \(existing["type"]?.plain ?? ""), and a type cannot change",
                    fix: "Delete it first: newel machine delete \(machine.name)."))
        }
        let tags = try await client.call("ListTagsForResource", ["resourceArn": .string(machine.arn)])["tags"]
        let owner = tags?.arrayValue?.first { $0["key"]?.stringValue == TemplatePlanner.stackTag }?["value"]?.plain
        if let owner, owner != machine.stack {
            findings.append(
                Finding(
                    file: machine.logicalID, place: "", cause: "\(machine.name) belongs to the stack \(owner)",
                    fix: "Give the machine another name, or load the template with --stack-name \(owner)."))
        }
        return findings
    }

    /// Returns the ARNs of what was created or brought up to date. Throws what the API refused, after everything that
    /// had been changed is as it was.
    mutating func load() async throws -> [String] {
        do {
            for activity in plan.activities {
                current = activity.name
                try await load(activity)
            }
            for machine in plan.machines {
                current = machine.logicalID
                try await load(machine)
            }
            for version in plan.versions {
                current = version.logicalID
                try await publish(version)
            }
            for alias in plan.aliases {
                current = alias.name
                try await load(alias)
            }
            return arns
        } catch {
            let left = await takeBack()
            guard left.isEmpty else {
                throw Exit(
                    .failure,
                    "\(current): \(Self.text(error))\nThis could not be taken back:\n  "
                        + left.joined(separator: "\n  "))
            }
            guard let refusal = error as? APIRefusal else { throw error }
            throw Exit(refusal.exit.code, "\(current): \(refusal.exit.description)\nNothing was created or changed.")
        }
    }

    /// Undoes the steps, the last one first. Returns a line for each that failed.
    private func takeBack() async -> [String] {
        var left: [String] = []
        for step in undo.reversed() {
            do { _ = try await client.call(step.operation, step.input) } catch {
                left.append("\(step.operation) \(JSONValue.object(step.input).text(upTo: 200)): \(Self.text(error))")
            }
        }
        return left
    }

    private static func text(_ error: any Error) -> String {
        (error as? APIRefusal)?.exit.description ?? "\(error)"
    }

    // MARK: - Activities and machines

    private mutating func load(_ activity: TemplatePlan.Activity) async throws {
        let before = try await client.list("ListActivities", "activities", limit: .max)
        let created = try await client.call(
            "CreateActivity", ["name": .string(activity.name), "tags": activity.tags])
        let arn = created["activityArn"] ?? ""
        if !before.contains(where: { $0["activityArn"] == arn }) {
            undo.append(("DeleteActivity", ["activityArn": arn]))
        }
        arns.append(arn.plain)
    }

    private func described(_ machine: TemplatePlan.Machine) async throws -> JSONValue? {
        do {
            return try await client.call("DescribeStateMachine", ["stateMachineArn": .string(machine.arn)])
        } catch let refusal as APIRefusal where refusal.type == "StateMachineDoesNotExist" {
            return nil
        }
    }

    private mutating func load(_ machine: TemplatePlan.Machine) async throws {
        var request = machine.settings
        request["definition"] = .string(machine.definition.text)
        request["roleArn"] = .string(machine.roleARN)
        guard let before = try await described(machine) else {
            request["name"] = .string(machine.name)
            request["type"] = .string(machine.type)
            request["tags"] = machine.tags
            let arn = try await client.call("CreateStateMachine", request)["stateMachineArn"] ?? ""
            undo.append(("DeleteStateMachine", ["stateMachineArn": arn]))
            return arns.append(arn.plain)
        }
        let arn = JSONValue.string(machine.arn)
        request["stateMachineArn"] = arn
        _ = try await client.call("UpdateStateMachine", request)
        var restore: JSONObject = ["stateMachineArn": arn]
        for name in ["definition", "roleArn", "loggingConfiguration", "tracingConfiguration"] {
            restore[name] = before[name]
        }
        undo.append(("UpdateStateMachine", restore))
        try await tag(arn, machine.tags)
        arns.append(machine.arn)
    }

    /// Adds tags to a machine that exists.
    private mutating func tag(_ arn: JSONValue, _ tags: JSONValue) async throws {
        guard let new = tags.arrayValue, !new.isEmpty else { return }
        let before = try await client.call("ListTagsForResource", ["resourceArn": arn])["tags"]?.arrayValue ?? []
        _ = try await client.call("TagResource", ["resourceArn": arn, "tags": tags])
        let had = before.compactMap { $0["key"]?.stringValue }
        let added = new.compactMap { $0["key"]?.stringValue }.filter { !had.contains($0) }
        if !before.isEmpty { undo.append(("TagResource", ["resourceArn": arn, "tags": .array(before)])) }
        if !added.isEmpty {
            undo.append(("UntagResource", ["resourceArn": arn, "tagKeys": .array(added.map { .string($0) })]))
        }
    }

    // MARK: - Versions and aliases

    private mutating func publish(_ version: TemplatePlan.Version) async throws {
        let arn = JSONValue.string(version.machineARN)
        let before = try await client.list(
            "ListStateMachineVersions", "stateMachineVersions", ["stateMachineArn": arn], limit: .max)
        var request: JSONObject = ["stateMachineArn": arn]
        if let text = version.description { request["description"] = .string(text) }
        let made = try await client.call("PublishStateMachineVersion", request)["stateMachineVersionArn"] ?? ""
        if !before.contains(where: { $0["stateMachineVersionArn"] == made }) {
            undo.append(("DeleteStateMachineVersion", ["stateMachineVersionArn": made]))
        }
        published[version.logicalID] = made.plain
    }

    private mutating func load(_ alias: TemplatePlan.Alias) async throws {
        let routes = alias.routes.map { route -> JSONValue in
            [
                "stateMachineVersionArn": .string(published[route.version] ?? route.version),
                "weight": .int(route.weight),
            ]
        }
        let machine = (routes.first?["stateMachineVersionArn"]?.plain ?? "").split(separator: ":").dropLast()
        let arn = JSONValue.string(machine.joined(separator: ":") + ":\(alias.name)")
        var request: JSONObject = ["routingConfiguration": .array(routes)]
        if let text = alias.description { request["description"] = .string(text) }
        if let before = try await existing(alias: arn) {
            request["stateMachineAliasArn"] = arn
            _ = try await client.call("UpdateStateMachineAlias", request)
            var restore: JSONObject = ["stateMachineAliasArn": arn]
            restore["routingConfiguration"] = before["routingConfiguration"]
            undo.append(("UpdateStateMachineAlias", restore))
        } else {
            request["name"] = .string(alias.name)
            _ = try await client.call("CreateStateMachineAlias", request)
            undo.append(("DeleteStateMachineAlias", ["stateMachineAliasArn": arn]))
        }
        arns.append(arn.plain)
    }

    private func existing(alias arn: JSONValue) async throws -> JSONValue? {
        do {
            return try await client.call("DescribeStateMachineAlias", ["stateMachineAliasArn": arn])
        } catch let refusal as APIRefusal where refusal.type == "ResourceNotFound" {
            return nil
        }
    }
}
