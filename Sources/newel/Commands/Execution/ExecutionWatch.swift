// `newel execution watch`: a running execution, live.

import ArgumentParser
import Core
import Foundation
import JSON

struct ExecutionWatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow an execution until it has ended.",
        discussion: """
            newel execution watch move-recipe:NAME
            newel execution watch ARN --timeout 600 && deploy

            On a terminal: the states, redrawn as they change. Elsewhere: a line for each change. With --json: a line
            for each event of the history, then DescribeExecution.

            \(ExitCodes.text)
            """)

    @Argument(help: "The execution's ARN, or MACHINE:NAME.", completion: Suggestions.execution)
    var execution: String

    @Option(help: "Give up, with exit code 124, after so many seconds.")
    var timeout: Double?

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let client = try await options.client()
        let arn = try await client.executionARN(execution)
        try await Watcher(client: client, arn: arn, json: options.json, timeout: timeout).run()
    }
}

/// Reads what is new in the history again and again, and shows it.
struct Watcher {
    let client: APIClient
    let arn: String
    let json: Bool
    /// In seconds.
    var timeout: Double?

    /// Between two looks, while something happens and when nothing does.
    private static let shortest = Duration.milliseconds(100)
    private static let longest = Duration.seconds(2)

    /// Returns when the execution has succeeded; throws the exit code of any other end.
    func run() async throws {
        let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
        var screen = Screen(isTerminal: !json && isatty(STDOUT_FILENO) == 1)
        var progress = ExecutionProgress()
        var pause = Self.shortest
        while true {
            let described = try await client.call("DescribeExecution", ["executionArn": .string(arn)])
            let events = try await news(after: progress.lastID)
            for event in events {
                let line = progress.take(event)
                if json { printNow(event.text) } else if let line { screen.line(line) }
            }
            if !json { screen.redraw(progress.lines(described, inColour: Colour.isOn(STDOUT_FILENO))) }
            let status = described["status"]?.stringValue ?? ""
            if status != "RUNNING", progress.isOver { return try end(described, status) }
            if let deadline, ContinuousClock.now >= deadline {
                remark("newel: It is still \(status); the time of --timeout is over.")
                throw ExitCode(ExitCodes.timeIsOver)
            }
            pause = events.isEmpty ? min(pause * 2, Self.longest) : Self.shortest
            try await Task.sleep(for: deadline.map { min(pause, max(.zero, $0 - .now)) } ?? pause)
        }
    }

    /// The events behind the one with that id. From the end backwards, so that a look costs what is new and not the
    /// whole history; the first look reads it from the start.
    private func news(after last: Int) async throws -> [JSONValue] {
        var input: JSONObject = ["executionArn": .string(arn)]
        guard last > 0 else {
            return try await client.list("GetExecutionHistory", "events", input, limit: .max)
        }
        input["reverseOrder"] = true
        input["maxResults"] = 100
        var news: [JSONValue] = []
        while true {
            let page = try await client.call("GetExecutionHistory", input)
            let events = page["events"]?.arrayValue ?? []
            let fresh = events.prefix { $0["id"]?.intValue ?? 0 > last }
            news += fresh
            guard fresh.count == events.count, let token = page["nextToken"], !token.isNull else { break }
            input["nextToken"] = token
            input["maxResults"] = 1000
        }
        return news.reversed()
    }

    private func end(_ described: JSONValue, _ status: String) throws {
        if json {
            printNow(described.text)
        } else {
            for member in ["error", "cause", "output"] {
                if let value = described[member], !value.isNull { printNow("\(member): \(value.plain)") }
            }
            if let hint = described["error"]?.stringValue.flatMap(FailureHint.of) { remark(hint) }
        }
        let code = ExitCodes.ofExecution(status)
        if code != 0 { throw ExitCode(code) }
    }
}
