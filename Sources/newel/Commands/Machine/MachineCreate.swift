// `newel machine create`.

import ArgumentParser
import Core
import JSON

struct MachineCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a state machine from a file, or bring it up to date.",
        discussion: """
            newel machine create hello hello.asl.json
            newel machine create orders orders.yaml --type express --substitution Table=o
            newel machine create hello hello.asl.json --update

            The definition is JSON or YAML. What this daemon cannot run yet is printed on standard error.
            """)

    enum MachineType: String, ExpressibleByArgument, CaseIterable {
        case standard, express
    }

    @Argument(help: "The machine's name.")
    var name: String

    @Argument(
        help: "The definition, a file of Amazon States Language in JSON or YAML; `-` for standard input.",
        completion: .file())
    var file: String

    @Option(help: "The ARN of the machine's role. Default: role/NAME of account 000000000000.")
    var role: String?

    @Option(help: "standard or express.")
    var type = MachineType.standard

    @Option(help: "NAME=VALUE: the value of ${NAME} in the definition.")
    var substitution: [String] = []

    @Flag(help: "Give a machine that is there already this definition, and the role where one is named.")
    var update = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let definition = try Self.definition(file, substitution)
        let type = type.rawValue.uppercased()
        try await client.findings(in: definition, type: type).requireNoError(definition)
        for name in definition.placeholders {
            remark("The placeholder ${\(name)} stays as it is. --substitution \(name)=VALUE fills it.")
        }
        let text = JSONValue.string(definition.text)
        let request: JSONObject = [
            "name": .string(name), "definition": text, "type": .string(type),
            "roleArn": .string(role ?? "arn:aws:iam::\(client.account ?? "000000000000"):role/\(name)"),
        ]
        do {
            let created = try await client.call("CreateStateMachine", request)
            print(options.json ? created.text : created["stateMachineArn"]?.plain ?? "")
        } catch let refusal as APIRefusal where refusal.type == "StateMachineAlreadyExists" && update {
            let arn = try await client.machineARN(name)
            let before = try await client.call("DescribeStateMachine", ["stateMachineArn": .string(arn)])["type"]?.plain
            guard before == type else {
                throw Exit(
                    .dataError,
                    "\(name) exists as \(before ?? ""), and a type cannot change. Delete it first: newel machine delete "
                        + "\(name); or give --type \(before?.lowercased() ?? "").")
            }
            var request: JSONObject = ["stateMachineArn": .string(arn), "definition": text]
            if let role { request["roleArn"] = .string(role) }
            let updated = try await client.call("UpdateStateMachine", request)
            print(options.json ? updated.text : arn)
        }
    }

    /// The definition of a file, JSON or YAML, with its substitutions.
    static func definition(_ file: String, _ pairs: [String] = []) throws -> DefinitionFile {
        var substitutions: [String: String] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Exit(.usage, "--substitution \(pair): write NAME=VALUE.")
            }
            substitutions[String(parts[0])] = String(parts[1])
        }
        do { return try DefinitionFile(TextFile.read(file), file: file, substitutions: substitutions) } catch let
            finding
            as Finding
        {
            throw Exit(.dataError, "\(finding)")
        }
    }
}
