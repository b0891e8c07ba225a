// `newel execution stop`.

import ArgumentParser
import JSON

struct ExecutionStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop an execution; one that has ended stays as it is.",
        discussion: "newel execution stop move-recipe:NAME --error Operator --cause 'wrong order'")

    @Argument(help: "The execution's ARN, or MACHINE:NAME.", completion: Suggestions.execution)
    var execution: String

    @Option(help: "The error that the execution shows.")
    var error: String?

    @Option(help: "The cause that the execution shows.")
    var cause: String?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        var request: JSONObject = ["executionArn": .string(try await client.executionARN(execution))]
        if let error { request["error"] = .string(error) }
        if let cause { request["cause"] = .string(cause) }
        let stopped = try await client.call("StopExecution", request)
        print(options.json ? stopped.text : "Stopped at \(Moment.text(stopped["stopDate"])).")
    }
}
