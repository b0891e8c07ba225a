// Details of the command line: help, checks of a whole configuration, pipes, ports, and the demo without a checkout.

import ArgumentParser
import Foundation
import JSON
import TestSupport
import Testing

@testable import newel

@Suite("Details of the command line")
struct CommandDetailTests {
    private func newel(_ arguments: [String], in folder: URL? = nil, program: String = Program.newel) throws -> (
        code: Int32, output: String, errors: String
    ) { try Program.run(program, arguments, in: folder) }

    private func inFolder<T>(_ files: [String: String] = [:], _ body: (URL) throws -> T) throws -> T {
        let folder = try Program.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try body(folder)
    }

    /// Copies the program. Another process does it: a file that this one writes is busy for children of other tests.
    private func copy(to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        #expect(try Program.run("/bin/cp", [Program.newel, file.path]).code == 0)
    }

    /// All commands with the words that call them.
    private static func commands(
        _ command: any ParsableCommand.Type = Newel.self, _ words: [String] = []
    ) -> [(words: [String], type: any ParsableCommand.Type)] {
        [(words, command)]
            + command.configuration.subcommands.flatMap { commands($0, words + [$0._commandName]) }
    }

    @Test("No example of a help text is wrapped at 80 columns.")
    func examples() {
        for (words, type) in Self.commands() {
            for line in type.configuration.discussion.split(separator: "\n") where line.hasPrefix("newel ") {
                #expect(line.count <= 80, "\(words): \(line)")
            }
        }
        #expect(Newel.helpMessage(columns: 80).contains("newel machine load template.yaml"))
    }

    @Test("The version says what was built.")
    func version() throws {
        #expect(try newel(["--version"]).output.hasPrefix("newel 0.1 ("))
    }

    @Test("A check in an empty folder says that there was nothing to check.")
    func empty() throws {
        try inFolder { folder in
            // A program outside of a checkout, so that no configuration is beside it.
            let copy = folder.appendingPathComponent("bin/newel")
            try self.copy(to: copy)
            guard !FileManager.default.fileExists(atPath: ConfigurationSearch.installed) else { return }
            let end = try newel(["check"], in: folder, program: copy.path)
            #expect(end.code == 0 && end.errors.contains("There is no configuration file here"), "\(end)")
        }
    }

    @Test("The demo runs where there is no checkout.")
    func demo() throws {
        try inFolder { folder in
            let copy = folder.appendingPathComponent("bin/newel")
            try self.copy(to: copy)
            let flags = [
                "--listen-api", "127.0.0.1:0", "--listen-gateway", "127.0.0.1:0", "--listen-admin", "127.0.0.1:0",
            ]
            let end = try newel(["demo", "--once"] + flags, in: folder, program: copy.path)
            #expect(end.code == 0, "\(end.errors)")
            #expect(end.output.contains("ExecutionSucceeded"), "\(end.output)")
        }
    }

    @Test("The configuration inside the program is that of config/.")
    func shipped() throws {
        for (path, bytes) in ShippedConfiguration.files {
            let file = Conformance.root.appendingPathComponent("config/\(path)")
            #expect(try Array(Data(contentsOf: file)) == bytes, "\(path)")
        }
        let links = FileManager.default.enumerator(atPath: Conformance.root.appendingPathComponent("config").path)
        let files = links?.compactMap { $0 as? String }.filter { $0.contains(".") } ?? []
        #expect(Set(files) == Set(ShippedConfiguration.files.map(\.path)))
    }

    @Test("A summary counts errors, one in the singular.")
    func summary() throws {
        let bad =
            "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\n\"Next\":\"C\"},\"B\":{\"Type\":\"Succeed\"}}}"
        try inFolder(["bad.json": bad]) { folder in
            let end = try newel(["check", "bad.json"], in: folder)
            #expect(end.code == 1 && end.errors.contains("2 errors, 0 warnings."), "\(end)")
            let text = try newel(["check", "none.json"], in: folder)
            #expect(text.errors.contains("1 error, 0 warnings."), "\(text)")
        }
    }

    @Test("Input may come from a pipe.")
    func pipe() throws {
        try inFolder(["a.json": #"{"a": 3}"#]) { folder in
            let end = try Program.run(
                "/bin/bash", ["-c", "'\(Program.newel)' eval 'a + 1' --input <(cat a.json)"], in: folder)
            #expect(end.code == 0 && end.output == "4\n", "\(end)")
        }
    }

    static let roles: [(role: String, words: String)] = [
        (
            #"{"RoleName":"Api","AssumeRolePolicyDocument":{"Statement":[]}}"#,
            "has the role arn:aws:iam::000000000000:role/Run"
        ),
        (
            #"{"Role":{"RoleName":"Run","AssumeRolePolicyDocument":{"Statement":[]}},"Policies":[]}"#,
            "Policies is beside Role, where it has no effect. Move Policies into Role."
        ),
    ]

    @Test("A role without a file and policies beside a role are found.", arguments: roles)
    func role(role: String, words: String) throws {
        let files = [
            "newel.yaml": """
            identity: { folder: iam }
            machines: { a: { definition: a.yaml, role: "arn:aws:iam::000000000000:role/Run" } }
            """,
            "a.yaml": "StartAt: A\nStates: { A: { Type: Succeed } }\n", "iam/Role.json": role,
        ]
        try inFolder(files) { folder in
            let end = try newel(["check", "--config", "newel.yaml"], in: folder)
            #expect(end.output.contains(words), "\(end.output)")
        }
    }

    @Test("A machine of the configuration has a type, substitutions and logging, and may be YAML.")
    func machines() throws {
        let files = [
            "newel.yaml": """
            machines:
              quick:
                definition: quick.asl.yaml
                type: express
                substitutions: { Word: hello }
                logging: { level: ALL, includeExecutionData: true, logGroup: /shop/quick }
            """,
            "quick.asl.yaml": "StartAt: A\nStates:\n  A: { Type: Pass, Result: '${Word} ${Other}', End: true }\n",
        ]
        try inFolder(files) { folder in
            let checked = try newel(["check", "--config", "newel.yaml"], in: folder)
            #expect(checked.code == 0, "\(checked.output)")
            #expect(checked.output.contains("The placeholder ${Other} has no value"), "\(checked.output)")
            let daemon = try SharedDaemon(["--config", folder.appendingPathComponent("newel.yaml").path])
            defer { daemon.daemon.remove() }
            let ended = try daemon.newel(["execution", "start", "quick", "--sync"])
            #expect(ended.output == "\"hello ${Other}\"\n", "\(ended)")
            let shown = try JSONValue.parse(try daemon.newel(["machine", "show", "quick", "--json"]).output)
            #expect(shown["type"] == "EXPRESS")
            let logging = shown["loggingConfiguration"]
            #expect(logging?["level"] == "ALL" && logging?["includeExecutionData"] == true)
            let arn = logging?["destinations"]?[0]?["cloudWatchLogsLogGroup"]?["logGroupArn"]
            #expect(arn == "arn:aws:logs:us-east-1:000000000000:log-group:/shop/quick:*")
        }
    }

    @Test("Why a port cannot be used is said in words.")
    func takenPort() throws {
        let daemon = try SharedDaemon()
        defer { daemon.daemon.remove() }
        let port = daemon.daemon.port("api") ?? 0
        try inFolder { folder in
            let arguments = [
                "serve", "--store-url", "sqlite:\(folder.path)", "--listen-api", "127.0.0.1:\(port)",
                "--listen-gateway", "off", "--listen-admin", "127.0.0.1:0",
            ]
            let end = try newel(arguments, in: folder)
            #expect(end.code == 73 && end.errors.contains("another program is listening there"), "\(end.errors)")
        }
    }
}
