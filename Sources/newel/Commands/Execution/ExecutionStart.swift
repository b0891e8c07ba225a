// `newel execution start`.

import ArgumentParser
import Foundation
import JSON

struct ExecutionStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start an execution and print its ARN.",
        discussion: """
            newel execution start move-recipe --input '{"id": 1, "user_id": 2}'
            newel execution start move-recipe --input-file order.json --name order-17 --watch
            """)

    @Argument(help: "The machine's name, NAME:VERSION, NAME:ALIAS or ARN.", completion: Suggestions.machine)
    var machine: String

    @Option(help: "The execution's name. Default: a random one.")
    var name: String?

    @Option(help: "The input, a text of JSON.")
    var input: String?

    @Option(
        help: ArgumentHelp("The input, a file of JSON; `-` for standard input.", valueName: "file"),
        completion: .file())
    var inputFile: String?

    @Flag(help: "Watch the execution until it has ended.")
    var watch = false

    @OptionGroup var options: ClientOptions

    func validate() throws {
        if input != nil, inputFile != nil { throw ValidationError("Give --input or --input-file, not both.") }
    }

    func run() async throws {
        let client = try await options.client()
        var request: JSONObject = ["stateMachineArn": .string(try await client.machineARN(machine))]
        if let name { request["name"] = .string(name) }
        if let text = try input ?? inputFile.map(TextFile.read) { request["input"] = .string(text) }
        let started = try await client.call("StartExecution", request)
        let arn = started["executionArn"]?.stringValue ?? ""
        if watch {
            if !options.json { printNow(arn) }
            try await Watcher(client: client, arn: arn, json: options.json).run()
        } else {
            print(options.json ? started.text : arn)
        }
    }
}

enum TextFile {
    /// The text of a file, of standard input for `-`.
    static func read(_ file: String) throws -> String {
        let data =
            file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
        guard let data else { throw Exit(.noInput, "\(file) cannot be read.") }
        return String(decoding: data, as: UTF8.self)
    }
}
