// `newel execution redrive`.

import ArgumentParser
import JSON

struct ExecutionRedrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Let an execution that did not succeed go on from where it failed.",
        discussion: "newel execution redrive move-recipe:NAME --watch")

    @Argument(help: "The execution's ARN, or MACHINE:NAME.", completion: Suggestions.execution)
    var execution: String

    @Flag(help: "Watch the execution until it has ended.")
    var watch = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn = try await client.executionARN(execution)
        let redriven = try await client.call("RedriveExecution", ["executionArn": .string(arn)])
        if watch { return try await Watcher(client: client, arn: arn, json: options.json).run() }
        print(options.json ? redriven.text : "Redriven at \(Moment.text(redriven["redriveDate"])).")
    }
}
