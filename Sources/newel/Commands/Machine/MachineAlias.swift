// `newel machine alias`: names that lead to versions of a machine.

import ArgumentParser
import Core
import JSON

struct MachineAlias: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias", abstract: "Create, update, list and delete aliases of a state machine.",
        discussion: """
            newel machine alias create orders live --to 1
            newel machine alias update orders live --to 1=80 --to 2=20
            newel execution start orders:live
            """,
        subcommands: [AliasCreate.self, AliasUpdate.self, AliasList.self, AliasDelete.self])
}

/// Where an alias leads.
struct AliasRoutes: ParsableArguments {
    @Option(help: "VERSION, or VERSION=PERCENT; two at most, which share 100 percent.")
    var to: [String] = []

    /// The routing configuration of a machine's alias. Throws `Exit` for what is not a version or a weight.
    func configuration(_ machineARN: String) throws -> JSONValue {
        let routes = try to.map { text -> JSONValue in
            let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            let version = parts[0].split(separator: ":").last.map(String.init) ?? ""
            let weight = parts.count == 2 ? Int(parts[1]) : parts.count == 1 ? 100 : nil
            guard Int(version) != nil, let weight, (0...100).contains(weight) else {
                throw Exit(.usage, "--to \(text): write VERSION or VERSION=PERCENT, such as 2=20.")
            }
            return ["stateMachineVersionArn": .string("\(machineARN):\(version)"), "weight": .int(weight)]
        }
        return .array(routes)
    }
}

struct AliasCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an alias and print its ARN.",
        discussion: "newel machine alias create orders live --to 1")

    @Argument(help: "The machine's name or ARN.", completion: Suggestions.machine)
    var machine: String

    @Argument(help: "The alias's name.")
    var alias: String

    @OptionGroup var routes: AliasRoutes

    @Option(help: "What the alias is for.")
    var description: String?

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if routes.to.isEmpty { throw ValidationError("Give --to VERSION.") }
    }

    func run() async throws {
        let client = try await options.client()
        let arn = try await client.machineARN(machine)
        var request: JSONObject = [
            "name": .string(alias), "routingConfiguration": try routes.configuration(arn),
        ]
        if let description { request["description"] = .string(description) }
        let created = try await client.call("CreateStateMachineAlias", request)
        print(options.json ? created.text : created["stateMachineAliasArn"]?.plain ?? "")
    }
}

struct AliasUpdate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Let an alias lead to other versions.",
        discussion: "newel machine alias update orders live --to 1=80 --to 2=20")

    @Argument(help: "The machine's name or ARN.", completion: Suggestions.machine)
    var machine: String

    @Argument(help: "The alias's name.")
    var alias: String

    @OptionGroup var routes: AliasRoutes

    @Option(help: "What the alias is for.")
    var description: String?

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if routes.to.isEmpty, description == nil { throw ValidationError("Give --to VERSION or --description.") }
    }

    func run() async throws {
        let client = try await options.client()
        let machineARN = try await client.machineARN(machine)
        var request: JSONObject = ["stateMachineAliasArn": .string("\(machineARN):\(alias)")]
        if !routes.to.isEmpty { request["routingConfiguration"] = try routes.configuration(machineARN) }
        if let description { request["description"] = .string(description) }
        let updated = try await client.call("UpdateStateMachineAlias", request)
        print(options.json ? updated.text : "\(machineARN):\(alias)")
    }
}

struct AliasList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the aliases of a machine and where they lead.",
        discussion: "newel machine alias list orders")

    @Argument(help: "The machine's name or ARN.", completion: Suggestions.machine)
    var machine: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn = JSONValue.string(try await client.machineARN(machine))
        let aliases = try await client.list(
            "ListStateMachineAliases", "stateMachineAliases", ["stateMachineArn": arn], limit: .max)
        let described = try await Concurrently.map(aliases) { alias in
            try await client.call(
                "DescribeStateMachineAlias", ["stateMachineAliasArn": alias["stateMachineAliasArn"] ?? ""])
        }
        if options.json { return print(JSONValue.array(described).text) }
        guard !described.isEmpty else { return remark("\(machine) has no alias.") }
        let rows = described.map { alias in
            let routes = (alias["routingConfiguration"]?.arrayValue ?? []).map { route in
                let version = route["stateMachineVersionArn"]?.plain.split(separator: ":").last.map(String.init)
                return "\(version ?? "-") (\(route["weight"]?.plain ?? "-") %)"
            }
            return [
                alias["name"]?.plain ?? "-", routes.joined(separator: ", "), Moment.text(alias["updateDate"]),
                alias["description"]?.plain ?? "-",
            ]
        }
        print(Table(head: ["NAME", "VERSIONS", "UPDATED", "DESCRIPTION"], rows: rows).text)
    }
}

struct AliasDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete an alias; its versions stay.",
        discussion: "newel machine alias delete orders live")

    @Argument(help: "The machine's name or ARN.", completion: Suggestions.machine)
    var machine: String

    @Argument(help: "The alias's name.")
    var alias: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn = "\(try await client.machineARN(machine)):\(alias)"
        _ = try await client.call("DeleteStateMachineAlias", ["stateMachineAliasArn": .string(arn)])
        print(options.json ? JSONValue.object(["deleted": .string(arn)]).text : "Deleted \(arn)")
    }
}
