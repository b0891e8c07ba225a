// `newel machine show`.

import ArgumentParser
import Core
import JSON

struct MachineShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a state machine.",
        discussion: """
            newel machine show move-recipe
            newel machine show move-recipe --definition > move-recipe.asl.json
            """)

    @Argument(help: "The machine's name, NAME:VERSION or ARN.", completion: Suggestions.machine)
    var machine: String

    @Flag(help: "Print the definition alone, byte for byte.")
    var definition = false

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn = try await client.machineARN(machine)
        let described = try await client.call("DescribeStateMachine", ["stateMachineArn": .string(arn)])
        if definition { return print(described["definition"]?.plain ?? "", terminator: "") }
        if options.json { return print(described.text) }
        let members = described.objectValue?.filter { $0.key != "definition" } ?? []
        let width = members.map(\.key.count).max() ?? 0
        for (name, value) in members {
            let text = name.hasSuffix("Date") ? Moment.text(value) : value.plain
            print(name + String(repeating: " ", count: width - name.count) + "  " + text)
        }
        print("\n" + (described["definition"]?.plain ?? ""))
    }
}
