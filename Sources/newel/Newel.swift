// The command line of Newel.

import ArgumentParser
import Foundation

@main
struct Newel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "newel",
        abstract: "A self-hosted runtime for AWS Step Functions.",
        discussion: """
            newel demo                        moves a recipe and shows what happens
            newel serve --config newel.yaml   runs the daemon
            newel check flow.asl.json         checks a definition, or the configuration
            newel eval EXPRESSION             evaluates JSONata, a path or a function
            newel machine load template.yaml  loads a SAM, CloudFormation or CDK template
            newel machine list                also show, create, publish, alias, delete
            newel execution list              also show, watch, start, stop, redrive
            """,
        version: Version.line,
        subcommands: [
            Serve.self, Check.self, Eval.self, Demo.self, ExecutionCommand.self, MachineCommand.self, Completion.self,
        ])

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let hint = unknownCommand(arguments) { end(64, hint) }
        do {
            var command = try await asyncParseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as Exit {
            end(error.code.rawValue, "newel: \(error)")
        } catch let refusal as APIRefusal {
            end(refusal.exit.code.rawValue, "newel: \(refusal.exit)")
        } catch let error as Findings {
            end(Exit.Code.configuration.rawValue, error.description)
        } catch {
            exit(withError: error)
        }
    }

    /// A sentence for a first word that is no command.
    static func unknownCommand(_ arguments: [String]) -> String? {
        let commands = configuration.subcommands.map { $0._commandName }
        guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.contains(word) else {
            return nil
        }
        let near = nearest(to: word, among: commands).map { " Did you mean `newel \($0)`?" } ?? ""
        return "newel: There is no command \(word).\(near) The commands: \(commands.joined(separator: ", "))."
    }

    private static func end(_ code: Int32, _ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        Foundation.exit(code)
    }
}

enum Version {
    static let text = "0.1"

    #if DEBUG
        private static let build = "debug build"
    #else
        private static let build = "release build"
    #endif

    /// What `newel --version` prints. SwiftPM cannot put a commit into a build reliably, so there is none.
    static let line = "newel \(text) (\(build))"
}
