// `newel execution`: executions of a running daemon.

import ArgumentParser
import Core

struct ExecutionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "execution",
        abstract: "List, show, watch, start, stop and redrive executions.",
        discussion: """
            newel execution start move-recipe --input '{"id": 1, "user_id": 2}' --watch
            newel execution list --status FAILED --since 2h
            newel execution watch move-recipe:NAME

            An execution is named by its ARN or as MACHINE:NAME, a machine by its name or its ARN.

            \(ExitCodes.text)
            """,
        subcommands: [
            ExecutionList.self, ExecutionShow.self, ExecutionWatch.self, ExecutionStart.self, ExecutionStop.self,
            ExecutionRedrive.self, ExecutionQuarantine.self,
        ])
}

/// What the operator's commands end with.
enum ExitCodes {
    static let text = """
        Exit codes: 0 done, and what was watched has succeeded; 1 it has failed, or what was compared differs; 2 it has
        timed out; 3 it was aborted; 64 wrong usage; 65 the API refused the request; 66 there is no such thing; 69
        nobody answers at the endpoint; 70 the server failed; 75 throttled or starting, try again; 77 access denied; 78
        wrong configuration; 124 the time of --timeout is over.
        """

    /// The code of an execution that has ended.
    static func ofExecution(_ status: String) -> Int32 {
        switch status {
        case "SUCCEEDED": 0
        case "TIMED_OUT": 2
        case "ABORTED": 3
        default: 1
        }
    }

    /// As timeout(1) has it.
    static let timeIsOver: Int32 = 124
}
