// `newel execution show`.

import ArgumentParser
import Core
import Foundation
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
        let isColoured = Colour.isOn(STDOUT_FILENO)
        print(Self.facts(described, isColoured))
        var progress = ExecutionProgress()
        for event in events { progress.take(event) }
        print("\n" + progress.table(inColour: isColoured).text)
        if let hint = described["error"]?.stringValue.flatMap(FailureHint.of) { remark(hint) }
    }

    /// A line for each fact.
    private static func facts(_ described: JSONValue, _ isColoured: Bool) -> String {
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
        // On a terminal a long cause is broken into lines beside its name.
        let room = isatty(STDOUT_FILENO) == 1 ? max(20, Screen.size.columns - width - 2) : .max
        let indent = "\n" + String(repeating: " ", count: width + 2)
        return facts.map { name, value in
            let text = Self.wrapped(value, room).joined(separator: indent)
            let colour = name == "status" ? Colour.of(status: value) : nil
            return name + String(repeating: " ", count: width - name.count) + "  "
                + Colour.text(text, colour, isColoured)
        }.joined(separator: "\n")
    }

    /// The text in lines of that many characters at most, broken at spaces where there are some.
    private static func wrapped(_ text: String, _ columns: Int) -> [String] {
        var lines: [String] = []
        var rest = text[...]
        while rest.count > columns {
            let line = rest.prefix(columns)
            let end = line.lastIndex(of: " ").map { line.index(after: $0) } ?? line.endIndex
            lines.append(String(rest[..<end]))
            rest = rest[end...]
        }
        return lines + [String(rest)]
    }
}
