// `newel check`: everything that can be known to be wrong before anything runs.

import ArgumentParser
import Foundation
import JSON

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check definitions, or the whole configuration.",
        discussion: """
            newel check flow.asl.json other.asl.json
            newel check flow.asl.yaml
            newel check --config /etc/newel/newel.yaml --json

            A definition is JSON or YAML; ${Name} in it is a placeholder and no error. Without files: the configuration and the definitions, routes and policies that it names. Exit code 0 when
            there is no error, 1 when there is one; warnings alone are no error.
            """)

    @Argument(help: "Files of Amazon States Language.")
    var files: [String] = []

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print the findings as a JSON array on standard output.")
    var json = false

    func run() async throws {
        let findings = (files.isEmpty ? await wholeConfiguration() : files.flatMap { Inspection.definition($0) })
            .inOrderOfLines()
        if json {
            print(JSONValue.array(findings.map(\.json)).text)
        } else {
            let isTerminal = Colour.isOn(STDOUT_FILENO)
            for finding in findings { print(finding.text(inColour: isTerminal)) }
            remark(summary(findings))
        }
        if findings.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    private func summary(_ findings: [Finding]) -> String {
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count - errors
        func count(_ number: Int, _ name: String) -> String { "\(number) \(name)\(number == 1 ? "" : "s")" }
        if !findings.isEmpty { return "\(count(errors, "error")), \(count(warnings, "warning"))." }
        if files.isEmpty, ConfigurationSearch.file(asked: options.config) == nil {
            return "There is no configuration file here, so only the defaults were checked. Name a file: "
                + "newel check FLOW.asl.json, or newel check --config NEWEL.yaml."
        }
        return "All is well."
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
