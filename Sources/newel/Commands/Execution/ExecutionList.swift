// `newel execution list`.

import ArgumentParser
import Core
import Foundation
import JSON

struct ExecutionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List executions, the newest start first.",
        discussion: """
            newel execution list
            newel execution list --status RUNNING
            newel execution list orders --status FAILED --since 2h --error States.Timeout

            Without a machine: the executions of all Standard machines. Express executions are not recorded.
            """)

    @Argument(help: "The machine's name, NAME:VERSION or ARN. Default: all machines.", completion: Suggestions.machine)
    var machine: String?

    @OptionGroup var selection: ExecutionSelection

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0.") }
    }

    func run() async throws {
        let client = try await options.client()
        let executions = try await selection.executions(of: machine, client, limit: limit)
        if options.json { return print(JSONValue.array(executions).text) }
        guard !executions.isEmpty else { return remark(try await nothing(client)) }
        let isColoured = Colour.isOn(STDOUT_FILENO)
        var table = Table(head: ["NAME", "STATUS", "STARTED", "TOOK"])
        if machine == nil { table.head.insert("MACHINE", at: 0) }
        if selection.error != nil { table.head.append("ERROR") }
        for execution in executions {
            let status = execution["status"]?.plain ?? "-"
            var row = [
                execution["name"]?.plain ?? "-", status, Moment.text(execution["startDate"]),
                Moment.duration(from: execution["startDate"], to: execution["stopDate"]),
            ]
            if machine == nil { row.insert(Self.machineName(execution), at: 0) }
            if let error = execution["error"]?.plain { row.append(error) }
            table.rows.append(row)
            table.colours.append(isColoured ? Colour.of(status: status) : nil)
        }
        table.colouredColumn = machine == nil ? 2 : 1
        print(table.text)
        if executions.count == limit { remark("These are the newest \(limit). --limit shows more.") }
    }

    private static func machineName(_ execution: JSONValue) -> String {
        execution["stateMachineArn"]?.plain.split(separator: ":").last.map(String.init) ?? "-"
    }

    /// Why the list is empty.
    private func nothing(_ client: APIClient) async throws -> String {
        if let elsewhere = try await client.machinesElsewhere() { return elsewhere }
        return selection.isEmpty ? "There are no executions." : "No execution is like that."
    }
}
