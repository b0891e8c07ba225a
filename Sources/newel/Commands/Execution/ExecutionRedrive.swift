// `newel execution redrive`.

import ArgumentParser
import Core
import JSON

struct ExecutionRedrive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Continue executions that did not succeed from where they failed.",
        discussion: """
            newel execution redrive move-recipe:NAME --watch
            newel execution redrive orders --status FAILED --since 2h --error Full --dry-run

            One execution by its ARN or as MACHINE:NAME; or all that --status, --since and --error select, of one \
            machine or, without one, of all.
            """)

    @Argument(help: "An execution (ARN or MACHINE:NAME), or a machine.", completion: Suggestions.execution)
    var execution: String?

    @Flag(help: "Watch the execution until it has ended.")
    var watch = false

    @Flag(help: "Print which executions would be redriven, and redrive none.")
    var dryRun = false

    @OptionGroup var selection: ExecutionSelection

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if watch, !selection.isEmpty { throw ValidationError("--watch follows one execution, not a selection.") }
        if selection.status.contains(where: { $0 == .running || $0 == .succeeded }) {
            throw ValidationError("--status takes FAILED, TIMED_OUT or ABORTED here: others cannot be redriven.")
        }
    }

    func run() async throws {
        let client = try await options.client()
        guard let one = try ExecutionOperand.one(execution, selection, dryRun: dryRun) else {
            let executions = try await selection.executions(
                of: execution, client, statuses: [.failed, .timedOut, .aborted])
            return try await BulkOperation(
                client: client, operation: "RedriveExecution", done: "Redriven", json: options.json
            ).run(executions, dryRun: dryRun)
        }
        let arn = try await client.executionARN(one)
        let redriven = try await client.call("RedriveExecution", ["executionArn": .string(arn)])
        if watch { return try await Watcher(client: client, arn: arn, json: options.json).run() }
        print(options.json ? redriven.text : "Redriven at \(Moment.text(redriven["redriveDate"])).")
    }
}

/// What an operand of `redrive` and `stop` names.
enum ExecutionOperand {
    /// Returns the operand where it is one execution, `nil` where a selection is meant. Throws `Exit` for a machine
    /// without a selection, and for an execution with one.
    static func one(
        _ operand: String?, _ selection: ExecutionSelection, dryRun: Bool,
        options: String = "--status, --since or --error"
    ) throws -> String? {
        let isExecution = operand.map { operand in
            operand.hasPrefix("arn:") ? !operand.contains(":stateMachine:") : operand.contains(":")
        }
        if isExecution == true {
            guard selection.isEmpty, !dryRun else {
                throw Exit(
                    .usage, "--status, --since, --error and --dry-run are for a machine's executions, not for one.")
            }
            return operand
        }
        guard !selection.isEmpty || dryRun else {
            let what = operand.map { "\($0) is a machine" } ?? "No execution is named"
            throw Exit(
                .usage, "\(what): give MACHINE:NAME, or select executions with \(options).")
        }
        return nil
    }
}
