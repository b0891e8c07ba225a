// `newel check`: everything that can be known to be wrong before anything runs.

import ArgumentParser
import Foundation
import JSON

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check definitions, or the whole configuration.",
        discussion: """
            newel check flow.asl.json other.asl.json
            newel check --config /etc/newel/newel.yaml --json

            Without files: the configuration and the definitions, routes and policies that it names. Exit code 0 when
            there is no error, 1 when there is one; warnings alone are no error.
            """)

    @Argument(help: "Files of Amazon States Language.")
    var files: [String] = []

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print the findings as a JSON array on standard output.")
    var json = false

    func run() async throws {
        let findings = files.isEmpty ? await wholeConfiguration() : files.flatMap { Inspection.definition($0) }
        if json {
            print(JSONValue.array(findings.map(\.json)).text)
        } else {
            for finding in findings { print(finding) }
            let errors = findings.count { $0.severity == .error }
            let warnings = findings.count - errors
            let summary = findings.isEmpty ? "All is well." : "\(errors) errors, \(warnings) warnings."
            FileHandle.standardError.write(Data((summary + "\n").utf8))
        }
        if findings.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    private func wholeConfiguration() async -> [Finding] {
        do {
            return Inspection.everything(try await options.read())
        } catch let findings as Findings {
            return findings.list
        } catch {
            return [Finding(file: options.config ?? "the configuration", place: "", cause: "\(error)", fix: "")]
        }
    }
}

extension Finding {
    var json: JSONValue {
        [
            "severity": .string(severity.rawValue), "file": .string(file), "place": .string(place),
            "cause": .string(cause), "fix": .string(fix),
        ]
    }
}
