// `newel execution list`.

import ArgumentParser
import JSON

struct ExecutionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the executions of a machine, the newest start first.",
        discussion: "newel execution list move-recipe --status RUNNING --limit 20")

    enum Status: String, ExpressibleByArgument, CaseIterable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case timedOut = "TIMED_OUT"
        case aborted = "ABORTED"
    }

    @Argument(help: "The machine's name, NAME:VERSION or ARN.", completion: Suggestions.machine)
    var machine: String

    @Option(help: "Only executions of that status.")
    var status: Status?

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0.") }
    }

    func run() async throws {
        let client = try await options.client()
        var input: JSONObject = ["stateMachineArn": .string(try await client.machineARN(machine))]
        if let status { input["statusFilter"] = .string(status.rawValue) }
        let executions = try await client.list("ListExecutions", "executions", input, limit: limit)
        if options.json { return print(JSONValue.array(executions).text) }
        let rows = executions.map { execution in
            [
                execution["name"]?.plain ?? "-", execution["status"]?.plain ?? "-",
                Moment.text(execution["startDate"]),
                Moment.duration(from: execution["startDate"], to: execution["stopDate"]),
            ]
        }
        print(Table(head: ["NAME", "STATUS", "STARTED", "TOOK"], rows: rows).text)
    }
}
