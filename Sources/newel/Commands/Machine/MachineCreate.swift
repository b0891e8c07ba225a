// `newel machine create`.

import ArgumentParser
import JSON

struct MachineCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a state machine from a file, or bring it up to date.",
        discussion: """
            newel machine create hello hello.asl.json
            newel machine create hello hello.asl.json --role arn:aws:iam::000000000000:role/Hello --update
            """)

    enum MachineType: String, ExpressibleByArgument, CaseIterable {
        case standard, express
    }

    @Argument(help: "The machine's name.")
    var name: String

    @Argument(help: "The definition, a file of Amazon States Language; `-` for standard input.", completion: .file())
    var file: String

    @Option(help: "The ARN of the machine's role. Default: role/NAME of account 000000000000.")
    var role: String?

    @Option(help: "standard or express.")
    var type = MachineType.standard

    @Flag(help: "Give a machine that is there already this definition, and the role where one is named.")
    var update = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let definition = try TextFile.read(file)
        let request: JSONObject = [
            "name": .string(name), "definition": .string(definition), "type": .string(type.rawValue.uppercased()),
            "roleArn": .string(role ?? "arn:aws:iam::000000000000:role/\(name)"),
        ]
        do {
            let created = try await client.call("CreateStateMachine", request)
            print(options.json ? created.text : created["stateMachineArn"]?.plain ?? "")
        } catch let refusal as APIRefusal where refusal.type == "StateMachineAlreadyExists" && update {
            let arn = try await client.machineARN(name)
            var request: JSONObject = ["stateMachineArn": .string(arn), "definition": .string(definition)]
            if let role { request["roleArn"] = .string(role) }
            let updated = try await client.call("UpdateStateMachine", request)
            print(options.json ? updated.text : arn)
        }
    }
}
