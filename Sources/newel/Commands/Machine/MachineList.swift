// `newel machine list`.

import ArgumentParser
import JSON

struct MachineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the state machines.", discussion: "newel machine list --json")

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let machines = try await options.client().list("ListStateMachines", "stateMachines", limit: .max)
        if options.json { return print(JSONValue.array(machines).text) }
        let rows = machines.map { machine in
            [
                machine["name"]?.plain ?? "-", machine["type"]?.plain ?? "-", Moment.text(machine["creationDate"]),
                machine["stateMachineArn"]?.plain ?? "-",
            ]
        }
        print(Table(head: ["NAME", "TYPE", "CREATED", "ARN"], rows: rows).text)
    }
}
