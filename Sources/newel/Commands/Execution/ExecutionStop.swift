// `newel execution stop`.

import ArgumentParser
import Core
import JSON

struct ExecutionStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop executions; one that has ended stays as it is.",
        discussion: """
            newel execution stop move-recipe:NAME --cause 'wrong order'
            newel execution stop move-recipe --status RUNNING --since 2h --dry-run

            One execution by its ARN or as MACHINE:NAME; or all running ones that --status and --since select, of one \
            machine or, without one, of all.
            """)

    @Argument(help: "An execution (ARN or MACHINE:NAME), or a machine.", completion: Suggestions.execution)
    var execution: String?

    @Option(name: [.customLong("with-error"), .customLong("error")], help: "The error that the execution shows.")
    var error: String?

    @Option(help: "The cause that the execution shows.")
    var cause: String?

    @Option(help: "RUNNING: all running executions of the machine.")
    var status: ExecutionSelection.Status?

    @Option(
        help: ArgumentHelp(
            "Running executions that started then or later: a span before now (30m, 2h, 7d) or a time.",
            valueName: "when"))
    var since: String?

    @Flag(help: "Print which executions would be stopped, and stop none.")
    var dryRun = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if let status, status != .running {
            throw ValidationError("--status takes RUNNING here: others have ended.")
        }
        if let since, ExecutionSelection.moment(since) == nil {
            throw ValidationError("--since \(since): write a span such as 30m, 2h or 7d, or 2026-11-30T08:00.")
        }
    }

    func run() async throws {
        let client = try await options.client()
        var request: JSONObject = [:]
        if let error { request["error"] = .string(error) }
        if let cause { request["cause"] = .string(cause) }
        var selection = ExecutionSelection()
        selection.status = status.map { [$0] } ?? []
        selection.since = since
        selection.error = nil
        guard
            let one = try ExecutionOperand.one(
                execution, selection, dryRun: dryRun, options: "--status or --since")
        else {
            let executions = try await selection.executions(of: execution, client, statuses: [.running])
            return try await BulkOperation(
                client: client, operation: "StopExecution", done: "Stopped", input: request, json: options.json
            ).run(executions, dryRun: dryRun)
        }
        let arn = JSONValue.string(try await client.executionARN(one))
        request["executionArn"] = arn
        let before = try await client.call("DescribeExecution", ["executionArn": arn])["status"]?.plain
        let stopped = try await client.call("StopExecution", request)
        let time = Moment.text(stopped["stopDate"])
        let said = before == "RUNNING" ? "Stopped at \(time)." : "It had ended before, at \(time): \(before ?? "")."
        print(options.json ? stopped.text : said)
    }
}
