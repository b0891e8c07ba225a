// `newel machine diff`.

import ArgumentParser
import Core
import Foundation
import JSON

struct MachineDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two definitions.",
        discussion: """
            newel machine diff move-recipe move-recipe.asl.json
            newel machine diff move-recipe:1 move-recipe:2

            Each is a machine or a file; what is there as a file is one. Both are laid out alike before they are
            compared, so that white space is no difference. Exit code 0 when they are the same, 1 when they differ.
            With --json: an object with `differs`, `sameText` (byte for byte) and `difference`.
            """)

    @Argument(help: "A machine (name, NAME:VERSION or ARN) or a file.", completion: Suggestions.machine)
    var left: String

    @Argument(help: "A machine (name, NAME:VERSION or ARN) or a file.", completion: .file())
    var right: String

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let texts = (try await text(left), try await text(right))
        let difference = LineDifference.text(try Self.laidOut(texts.0, left), try Self.laidOut(texts.1, right))
        if options.json {
            let found: JSONValue = [
                "differs": .bool(!difference.isEmpty), "sameText": .bool(texts.0.utf8.elementsEqual(texts.1.utf8)),
                "difference": .string(difference),
            ]
            print(found.text)
        } else if !difference.isEmpty {
            print("--- \(left)\n+++ \(right)\n\(difference)")
        }
        if !difference.isEmpty { throw ExitCode(1) }
    }

    private func text(_ operand: String) async throws -> String {
        if operand == "-" || FileManager.default.fileExists(atPath: operand) {
            return try MachineCreate.definition(operand).text
        }
        let client = try await options.client()
        let arn = try await client.machineARN(operand)
        return try await client.call("DescribeStateMachine", ["stateMachineArn": .string(arn)])["definition"]?.plain
            ?? ""
    }

    private static func laidOut(_ text: String, _ operand: String) throws -> String {
        do throws(JSONError) { return try JSONValue.parse(text).prettyText } catch {
            throw Exit(.dataError, "\(operand):\(error.line):\(error.column): \(error.message)")
        }
    }
}
