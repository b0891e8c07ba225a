// `newel execution start`.

import ArgumentParser
import Core
import Foundation
import JSON

struct ExecutionStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start an execution and print its ARN.",
        discussion: """
            newel execution start move-recipe --input '{"id": 1, "user_id": 2}'
            newel execution start move-recipe --input-file order.json --watch
            newel execution start quote --input '{"item": "soup"}' --sync

            --sync runs an Express machine and prints its output; the exit code is that of its end.
            """)

    @Argument(help: "The machine's name, NAME:VERSION, NAME:ALIAS or ARN.", completion: Suggestions.machine)
    var machine: String

    @Option(help: "The execution's name. Default: a random one.")
    var name: String?

    @Option(help: "The input, a text of JSON.")
    var input: String?

    @Option(
        help: ArgumentHelp("The input, a file of JSON; `-` for standard input.", valueName: "file"),
        completion: .file())
    var inputFile: String?

    @Flag(help: "Watch the execution until it has ended.")
    var watch = false

    @Flag(help: "Run an execution of an Express machine and print its output.")
    var sync = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if sync, watch { throw ValidationError("Give --sync or --watch, not both.") }
        if input != nil, inputFile != nil { throw ValidationError("Give --input or --input-file, not both.") }
    }

    func run() async throws {
        let client = try await options.client()
        var request: JSONObject = ["stateMachineArn": .string(try await client.machineARN(machine))]
        if let name { request["name"] = .string(name) }
        if let text = try input ?? inputFile.map(TextFile.read) { request["input"] = .string(text) }
        if sync { return try await runSynchronously(client, request) }
        if watch { try await refuseExpress(client, request["stateMachineArn"]?.plain ?? "") }
        let started = try await client.call("StartExecution", request)
        let arn = started["executionArn"]?.stringValue ?? ""
        if watch {
            if !options.json { printNow(arn) }
            try await Watcher(client: client, arn: arn, json: options.json).run()
        } else {
            print(options.json ? started.text : arn)
        }
    }

    private func runSynchronously(_ client: APIClient, _ request: JSONObject) async throws {
        let ended = try await client.call("StartSyncExecution", request)
        let status = ended["status"]?.plain ?? ""
        if options.json {
            print(ended.text)
        } else if let output = ended["output"], !output.isNull {
            print(output.plain)
        } else {
            remark("\(status) \(ended["executionArn"]?.plain ?? "")")
            for member in ["error", "cause"] {
                if let value = ended[member], !value.isNull { remark("\(member): \(value.plain)") }
            }
        }
        let code = ExitCodes.ofExecution(status)
        if code != 0 { throw ExitCode(code) }
    }

    /// An Express execution has no history to watch: it is refused before it starts.
    private func refuseExpress(_ client: APIClient, _ arn: String) async throws {
        let machine = arn.split(separator: ":", omittingEmptySubsequences: false).prefix(7).joined(separator: ":")
        let described = try await client.call("DescribeStateMachine", ["stateMachineArn": .string(machine)])
        guard described["type"]?.plain == "EXPRESS" else { return }
        throw Exit(
            .usage,
            "\(self.machine) is an Express machine, whose executions cannot be watched; nothing was started. "
                + "Use --sync instead of --watch.")
    }
}
