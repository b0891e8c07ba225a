// `newel execution show`.

import ArgumentParser
import JSON

struct ExecutionShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an execution and what its states did.",
        discussion: """
            newel execution show move-recipe:NAME
            newel execution show ARN --json | jq .output

            With --json: the answer of DescribeExecution, and the history under `events`.
            """)

    @Argument(help: "The execution's ARN, or MACHINE:NAME.", completion: Suggestions.execution)
    var execution: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn: JSONObject = ["executionArn": .string(try await client.executionARN(execution))]
        let described = try await client.call("DescribeExecution", arn)
        let events = try await client.list("GetExecutionHistory", "events", arn, limit: .max)
        if options.json {
            var all = described.objectValue ?? [:]
            all["events"] = .array(events)
            return print(JSONValue.object(all).text)
        }
        print(Self.facts(described))
        var progress = ExecutionProgress()
        for event in events { progress.take(event) }
        print("\n" + progress.table.text)
    }

    /// A line for each fact.
    private static func facts(_ described: JSONValue) -> String {
        let took = Moment.duration(from: described["startDate"], to: described["stopDate"])
        var facts: [(String, String)] = [
            ("execution", described["executionArn"]?.plain ?? "-"), ("status", described["status"]?.plain ?? "-"),
            ("started", Moment.text(described["startDate"])), ("took", took),
        ]
        for member in ["stateMachineVersionArn", "stateMachineAliasArn", "error", "cause", "input", "output"] {
            if let value = described[member], !value.isNull { facts.append((member, value.plain)) }
        }
        if let count = described["redriveCount"]?.intValue, count > 0 { facts.append(("redrives", "\(count)")) }
        let width = facts.map(\.0.count).max() ?? 0
        return facts.map { $0 + String(repeating: " ", count: width - $0.count) + "  " + $1 }.joined(separator: "\n")
    }
}
