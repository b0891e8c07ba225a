// `newel machine publish` and `newel machine delete`.

import ArgumentParser
import Core
import JSON

struct MachinePublish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publish a version of a state machine and print its ARN.",
        discussion: """
            newel machine publish orders --description 'with refunds'

            Where nothing has changed since the last version, that version is printed.
            """)

    @Argument(help: "The machine's name or ARN.", completion: Suggestions.machine)
    var machine: String

    @Option(help: "What is new in the version.")
    var description: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        var request: JSONObject = ["stateMachineArn": .string(try await client.machineARN(machine))]
        if let description { request["description"] = .string(description) }
        let published = try await client.call("PublishStateMachineVersion", request)
        print(options.json ? published.text : published["stateMachineVersionArn"]?.plain ?? "")
    }
}

struct MachineDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a state machine, or one of its versions.",
        discussion: """
            newel machine delete orders
            newel machine delete orders:2

            Running executions of a deleted machine continue to their end. A version that an alias leads to cannot be \
            deleted. Machines of the configuration come back at the next start of the daemon.
            """)

    @Argument(help: "The machine's name, NAME:VERSION or ARN.", completion: Suggestions.machine)
    var machine: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn = try await client.machineARN(machine)
        let fields = arn.split(separator: ":", omittingEmptySubsequences: false)
        if fields.count > 7 {
            guard Int(fields[7]) != nil else {
                throw Exit(
                    .usage, "\(machine) is an alias: newel machine alias delete \(fields[6]) \(fields[7]).")
            }
            _ = try await client.call("DeleteStateMachineVersion", ["stateMachineVersionArn": .string(arn)])
        } else {
            // The API answers a name that does not exist like one that does.
            _ = try await client.call("DescribeStateMachine", ["stateMachineArn": .string(arn)])
            _ = try await client.call("DeleteStateMachine", ["stateMachineArn": .string(arn)])
        }
        print(options.json ? JSONValue.object(["deleted": .string(arn)]).text : "Deleted \(arn)")
    }
}
