// Which executions a command is about: of one machine or of all, by status, time of start and error.

import ArgumentParser
import Foundation
import JSON

struct ExecutionSelection: ParsableArguments {
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case timedOut = "TIMED_OUT"
        case aborted = "ABORTED"
    }

    @Option(help: "Only executions of that status; may be repeated.")
    var status: [Status] = []

    @Option(
        help: ArgumentHelp(
            "Only executions that started then or later: a span before now (30m, 2h, 7d) or a time (2026-11-30T08:00).",
            valueName: "when"))
    var since: String?

    @Option(help: "Only executions that ended with that error, such as States.TaskFailed.")
    var error: String?

    /// Whether anything is asked for.
    var isEmpty: Bool { status.isEmpty && since == nil && error == nil }

    mutating func validate() throws {
        if let since, Self.moment(since) == nil {
            throw ValidationError("--since \(since): write a span such as 30m, 2h or 7d, or 2026-11-30T08:00.")
        }
    }

    /// Seconds since 1970; `nil` for a text that is neither a span nor a time.
    static func moment(_ text: String, now: Date = Date()) -> Double? {
        if let milliseconds = Period.milliseconds(text) {
            return now.timeIntervalSince1970 - Double(milliseconds) / 1000
        }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        let formats = [
            "yyyy-MM-dd'T'HH:mm:ssXXXXX", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm:ss",
            "yyyy-MM-dd HH:mm", "yyyy-MM-dd",
        ]
        for format in formats {
            formatter.dateFormat = format
            if let date = formatter.date(from: text) { return date.timeIntervalSince1970 }
        }
        return nil
    }

    // MARK: - The executions

    /// Returns the executions, the newest start first.
    ///
    /// - Parameters:
    ///   - machine: a name or an ARN; `nil` for all machines whose executions are recorded, the Standard ones.
    ///   - statuses: what counts where `--status` is not given.
    func executions(
        of machine: String?, _ client: APIClient, statuses: [Status] = [], limit: Int = .max
    ) async throws -> [JSONValue] {
        var arns: [String]
        if let machine {
            arns = [try await client.machineARN(machine)]
        } else {
            arns = try await client.list("ListStateMachines", "stateMachines", limit: .max).compactMap { machine in
                machine["type"]?.plain == "EXPRESS" ? nil : machine["stateMachineArn"]?.stringValue
            }
        }
        let since = since.flatMap { Self.moment($0) }
        let wanted: [Status?] = !status.isEmpty ? status : !statuses.isEmpty ? statuses : [nil]
        // Errors are not in lists: with --error any number of executions may be asked for before enough have it.
        let most = error == nil ? limit : .max
        var found: [JSONValue] = []
        for arn in arns {
            for status in wanted { found += try await list(arn, status, since, client, most) }
        }
        found.sort { ($0["startDate"]?.doubleValue ?? 0) > ($1["startDate"]?.doubleValue ?? 0) }
        if let error { found = try await failed(found, with: error, client, limit: limit) }
        return Array(found.prefix(limit))
    }

    /// Executions of one machine and status. The list is in the order of starts, so it is read no further than needed.
    private func list(
        _ arn: String, _ status: Status?, _ since: Double?, _ client: APIClient, _ limit: Int
    ) async throws -> [JSONValue] {
        var input: JSONObject = ["stateMachineArn": .string(arn)]
        if let status { input["statusFilter"] = .string(status.rawValue) }
        var found: [JSONValue] = []
        while found.count < limit {
            input["maxResults"] = .int(min(1000, limit - found.count))
            let page = try await client.call("ListExecutions", input)
            let executions = page["executions"]?.arrayValue ?? []
            let recent = executions.prefix { $0["startDate"]?.doubleValue ?? 0 >= since ?? 0 }
            found += recent
            guard recent.count == executions.count, let token = page["nextToken"], !token.isNull else { break }
            input["nextToken"] = token
        }
        return found
    }

    private func failed(
        _ executions: [JSONValue], with error: String, _ client: APIClient, limit: Int
    ) async throws -> [JSONValue] {
        let ended = executions.filter { !["RUNNING", "SUCCEEDED"].contains($0["status"]?.plain ?? "") }
        var found: [JSONValue] = []
        for start in stride(from: 0, to: ended.count, by: 64) where found.count < limit {
            let batch = ended[start..<min(start + 64, ended.count)]
            let described = try await Concurrently.map(Array(batch)) { execution in
                try await client.call("DescribeExecution", ["executionArn": execution["executionArn"] ?? ""])
            }
            for (execution, described) in zip(batch, described) where described["error"]?.stringValue == error {
                var members = execution.objectValue ?? [:]
                members["error"] = .string(error)
                found.append(.object(members))
            }
        }
        return found
    }
}

/// Several requests at once.
enum Concurrently {
    private static let width = 8

    /// Returns the results in the order of the elements.
    static func map<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Result
    ) async throws -> [Result] {
        var results: [Int: Result] = [:]
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (index, element) in elements.enumerated() {
                if index >= width, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await body(element)) }
            }
            for try await (index, result) in group { results[index] = result }
        }
        return elements.indices.compactMap { results[$0] }
    }
}

/// Does the same to each of several executions.
struct BulkOperation {
    let client: APIClient
    /// `RedriveExecution`
    let operation: String
    /// `Redriven`
    let done: String
    var input: JSONObject = [:]
    let json: Bool

    /// Prints a line for each execution. Throws exit code 1 where one was refused.
    func run(_ executions: [JSONValue], dryRun: Bool) async throws {
        let arns = executions.compactMap { $0["executionArn"]?.stringValue }
        if dryRun {
            print(
                json ? JSONValue.array(executions).text : arns.joined(separator: "\n"),
                terminator: arns.isEmpty ? "" : "\n")
            return remark("\(count(arns.count)) would be \(done.lowercased()).")
        }
        let (client, operation, input) = (client, operation, input)
        let refusals = try await Concurrently.map(arns) { arn -> String? in
            var input = input
            input["executionArn"] = .string(arn)
            do {
                _ = try await client.call(operation, input)
                return nil
            } catch let refusal as APIRefusal {
                return refusal.exit.description
            }
        }
        let results = zip(arns, refusals).map { arn, refusal -> JSONValue in
            var members: JSONObject = ["executionArn": .string(arn)]
            members["refused"] = refusal.map { .string($0) }
            return .object(members)
        }
        if json { print(JSONValue.array(results).text) }
        for (arn, refusal) in zip(arns, refusals) where !json {
            if let refusal { remark("\(arn): \(refusal)") } else { print("\(done) \(arn)") }
        }
        let refused = refusals.count { $0 != nil }
        remark("\(count(arns.count - refused)) \(done.lowercased())" + (refused > 0 ? ", \(refused) refused." : "."))
        if refused > 0 { throw ExitCode(1) }
    }

    private func count(_ number: Int) -> String { "\(number) execution\(number == 1 ? "" : "s")" }
}
