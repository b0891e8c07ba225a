// `newel machine list`.

import ArgumentParser
import Core
import JSON

struct MachineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the state machines.",
        discussion: """
            newel machine list
            newel machine list --json
            """)

    @Flag(help: "Print the ARNs too.")
    var arns = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let machines = try await client.list("ListStateMachines", "stateMachines", limit: .max)
        if options.json { return print(JSONValue.array(machines).text) }
        guard !machines.isEmpty else {
            let elsewhere = try await client.machinesElsewhere()
            return remark(elsewhere ?? "There are no state machines. Create one: newel machine create NAME FILE.")
        }
        let rows = machines.map { machine in
            let row = [
                machine["name"]?.plain ?? "-", machine["type"]?.plain ?? "-", Moment.text(machine["creationDate"]),
            ]
            return arns ? row + [machine["stateMachineArn"]?.plain ?? "-"] : row
        }
        print(Table(head: ["NAME", "TYPE", "CREATED"] + (arns ? ["ARN"] : []), rows: rows).text)
    }
}
