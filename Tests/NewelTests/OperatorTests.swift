// `newel execution`, `newel machine` and `newel completion` against a daemon, from outside.

import Core
import Foundation
import JSON
import Testing

@testable import newel

@Suite("The operator's commands")
struct OperatorTests {
    /// One for all: a process each would take the machine away from the other tests.
    // Unsafe, because Foundation's Process is not Sendable; after its start it is only asked, and ended at the exit.
    nonisolated(unsafe) private static let shared: Result<RunningDaemon, any Error> = Result {
        let daemon = try RunningDaemon()
        atexit { try? OperatorTests.shared.get().remove() }
        guard daemon.wait(for: #"event="Ready""#) else { throw Exit(.unavailable, daemon.text) }
        return daemon
    }

    private let daemon: RunningDaemon

    init() throws { daemon = try Self.shared.get() }

    private func newel(_ arguments: [String], _ variables: [String: String] = [:]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        var environment = Program.plainEnvironment.filter { !$0.key.hasPrefix("AWS_") }
        environment["AWS_ENDPOINT_URL_SFN"] = "http://127.0.0.1:\(daemon.port("api") ?? 0)"
        return try Program.run(
            Program.newel, arguments, in: daemon.folder, environment: environment.merging(variables) { $1 })
    }

    /// Creates a machine, or gives one of that name this definition.
    private func create(_ name: String, _ definition: String) throws {
        let file = daemon.folder.appendingPathComponent("\(name).asl.json")
        // Tests that run at the same time write the same file.
        try Data(definition.utf8).write(to: file, options: .atomic)
        let end = try newel(["machine", "create", name, file.path, "--update"])
        try #require(end.code == 0, "\(end.errors)")
    }

    private func arn(_ name: String) -> String { "arn:aws:states:us-east-1:000000000000:stateMachine:\(name)" }

    static let pass = #"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#
    static let fail = #"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"No","Cause":"because"}}}"#
    static let wait = #"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}"#
    static let late =
        #"{"StartAt":"A","TimeoutSeconds":1,"States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}"#
    static let map = """
        {"StartAt":"Each","States":{"Each":{"Type":"Map","End":true,
        "ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}}}}}
        """

    // MARK: - Machines

    @Test("A machine is created once; with --update it takes a new definition, without it it is refused.")
    func createMachine() throws {
        try create("made", Self.pass)
        let folder = daemon.folder
        try Data(Self.fail.utf8).write(to: folder.appendingPathComponent("other.json"))
        let refused = try newel(["machine", "create", "made", "other.json"])
        #expect(refused.code == 65 && refused.output.isEmpty)
        #expect(refused.errors.contains("StateMachineAlreadyExists"), "\(refused.errors)")
        #expect(try newel(["machine", "show", "made", "--definition"]).output == Self.pass)
        let updated = try newel(["machine", "create", "made", "other.json", "--update"])
        #expect(updated.code == 0 && updated.output == arn("made") + "\n")
        #expect(try newel(["machine", "show", arn("made"), "--definition"]).output == Self.fail)
        #expect(try newel(["machine", "create", "made", "none.json"]).code == 66)
        try Data("{}".utf8).write(to: folder.appendingPathComponent("bad.json"))
        #expect(try newel(["machine", "create", "bad", "bad.json"]).errors.contains("InvalidDefinition"))
    }

    @Test("Machines are listed as a table and as JSON, and shown.")
    func listMachines() throws {
        try create("listed", Self.pass)
        let table = try newel(["machine", "list"])
        #expect(table.output.hasPrefix("NAME") && table.output.contains("listed"), "\(table.output)")
        let machines = try JSONValue.parse(try newel(["machine", "list", "--json"]).output).arrayValue ?? []
        #expect(machines.contains { $0["stateMachineArn"]?.stringValue == arn("listed") })
        #expect(try newel(["machine", "show", "listed"]).output.contains(Self.pass))
        let shown = try JSONValue.parse(try newel(["machine", "show", "listed", "--json"]).output)
        #expect(shown["definition"]?.stringValue == Self.pass)
    }

    @Test("What differs between a machine and a file is shown line by line; white space is no difference.")
    func diff() throws {
        try create("compared", Self.pass)
        let folder = daemon.folder
        let spaced = Self.pass.replacing(",", with: " ,\n ")
        for (name, text) in [("spaced.json", spaced), ("fail.json", Self.fail), ("broken.json", "{")] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        let same = try newel(["machine", "diff", "compared", "spaced.json"])
        #expect(same.code == 0 && same.output.isEmpty)
        let differs = try newel(["machine", "diff", "compared", "fail.json"])
        #expect(differs.code == 1)
        #expect(differs.output.contains("\n-      \"Type\": \"Pass\",\n"), "\(differs.output)")
        #expect(differs.output.contains("\n+      \"Type\": \"Fail\",\n"), "\(differs.output)")
        let found = try JSONValue.parse(try newel(["machine", "diff", "compared", "spaced.json", "--json"]).output)
        #expect(found == ["differs": false, "sameText": false, "difference": ""])
        #expect(try newel(["machine", "diff", "compared", "broken.json"]).code == 65)
        let misspelt = try newel(["machine", "diff", "compare", "fail.json"])
        #expect(misspelt.code == 66 && misspelt.errors.contains("Did you mean compared?"), "\(misspelt.errors)")
    }

    // MARK: - Executions

    static let ends: [(machine: String, definition: String, code: Int32, status: String)] = [
        ("succeeds", pass, 0, "SUCCEEDED"), ("fails", fail, 1, "FAILED"), ("is-late", late, 2, "TIMED_OUT"),
    ]

    @Test("Watching ends with the code of the execution's end.", arguments: ends)
    func watch(machine: String, definition: String, code: Int32, status: String) throws {
        try create(machine, definition)
        let started = try newel(["execution", "start", machine, "--name", "one", "--input", "{}", "--watch"])
        #expect(started.code == code, "\(started.errors)")
        #expect(started.output.contains("ExecutionStarted"), "\(started.output)")
        // One that has ended already is told from its history.
        let watched = try newel(["execution", "watch", "\(machine):one", "--json"])
        #expect(watched.code == code)
        let lines = try watched.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
        #expect(lines.first?["type"] == "ExecutionStarted")
        #expect(lines.last?["status"]?.stringValue == status)
        let listed = try newel(["execution", "list", machine, "--status", status, "--json"]).output
        #expect(try JSONValue.parse(listed)[0]?["name"] == "one")
        let table = try newel(["execution", "list", machine]).output
        #expect(table.contains("one   \(status)"), "\(table)")
    }

    @Test("An execution is stopped with its error and cause, and redriven.")
    func stop() throws {
        try create("waits", Self.wait)
        #expect(try newel(["execution", "start", "waits", "--name", "two"]).output.hasSuffix(":execution:waits:two\n"))
        let patient = try newel(["execution", "watch", "waits:two", "--timeout", "0.3"])
        #expect(patient.code == 124 && patient.output.contains("▶ A (Wait)"), "\(patient.output)")
        #expect(try newel(["execution", "stop", "waits:two", "--error", "E", "--cause", "C"]).code == 0)
        let stopped = try newel(["execution", "watch", "waits:two"])
        #expect(stopped.code == 3)
        #expect(stopped.output.hasSuffix("ExecutionAborted: E\nerror: E\ncause: C\n"), "\(stopped.output)")
        #expect(try newel(["execution", "redrive", "waits:two"]).code == 0)
        let shown = try JSONValue.parse(try newel(["execution", "show", "waits:two", "--json"]).output)
        #expect(shown["status"] == "RUNNING" && shown["redriveCount"] == 1)
        #expect(shown["events"]?.arrayValue?.contains { $0["type"] == "ExecutionRedriven" } == true)
        #expect(try newel(["execution", "redrive", "waits:two"]).errors.contains("ExecutionNotRedrivable"))
        #expect(try newel(["execution", "stop", "waits:two"]).code == 0)
    }

    @Test("A Map's progress is shown, and every state with its mark.")
    func map() throws {
        try create("maps", Self.map)
        let input = daemon.folder.appendingPathComponent("input.json")
        try Data("[1,2,3]".utf8).write(to: input)
        let watched = try newel(["execution", "start", "maps", "--name", "m", "--input-file", input.path, "--watch"])
        #expect(watched.code == 0)
        #expect(watched.output.contains("Each 3/3 (100 %)"), "\(watched.output)")
        let shown = try newel(["execution", "show", "maps:m"]).output
        #expect(shown.contains("✓  Each   Map "), "\(shown)")
        #expect(shown.matches(of: #/✓  One /#).count == 3, "\(shown)")
    }

    // MARK: - What goes wrong

    static let refusals: [(arguments: [String], code: Int32, text: String)] = [
        (["execution", "show", "nowhere:one"], 66, "There is no state machine nowhere"),
        (["execution", "show", "arn:aws:states:us-east-1:000000000000:execution:a:b"], 66, "ExecutionDoesNotExist"),
        (["execution", "show", "one"], 64, "give its ARN or MACHINE:NAME"),
        (["execution", "list", "nonsense", "--limit", "0"], 64, "--limit"),
        (["execution", "start", "succeeds", "--input", "{"], 65, "InvalidExecutionInput"),
        (["execution", "stop", "arn:nonsense"], 65, "InvalidArn"),
        (["machine", "list", "--endpoint", "http://127.0.0.1:1"], 69, "does not answer"),
        (["machine", "list", "--endpoint", "nonsense"], 64, "write http://HOST:PORT"),
    ]

    @Test("What cannot be done ends with the code of its cause.", arguments: refusals)
    func refuses(arguments: [String], code: Int32, text: String) throws {
        try create("succeeds", Self.pass)
        let end = try newel(arguments)
        #expect(end.code == code, "\(end.errors)")
        #expect(end.errors.contains(text), "\(end.errors)")
        #expect(end.output.isEmpty)
    }

    @Test("Region and account of the environment's key are those of the requests.")
    func scope() throws {
        try create("here", Self.pass)
        let variables = ["AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-west-1"]
        #expect(try newel(["machine", "list", "--json"], variables).output == "[]\n")
        let made = try newel(["machine", "create", "there", "here.asl.json"], variables)
        #expect(made.output == "arn:aws:states:eu-west-1:123456789012:stateMachine:there\n", "\(made.errors)")
        #expect(try newel(["machine", "list"]).output.contains("there") == false)
        #expect(try newel(["machine", "list", "--region", "us-west-2", "--json"]).output == "[]\n")
    }

    @Test("Where the configuration says so, every request is of the configured account and region.")
    func fixedScope() throws {
        let daemon = try RunningDaemon(["--set", "scope.fromCredentials=false", "--set", "scope.region=eu-north-1"])
        defer { daemon.remove() }
        try #require(daemon.wait(for: #"event="Ready""#), "\(daemon.text)")
        let options = ["--endpoint", "http://127.0.0.1:\(daemon.port("api") ?? 0)", "--region", "us-west-2"]
        try create("file", Self.pass)
        let made = try newel(["machine", "create", "fixed", "file.asl.json"] + options)
        #expect(made.output == "arn:aws:states:eu-north-1:000000000000:stateMachine:fixed\n", "\(made.errors)")
    }

    @Test("A throttled command ends with 75.")
    func throttled() throws {
        let daemon = try RunningDaemon(["--set", "throttling.operations.ListStateMachines=1/0.001"])
        defer { daemon.remove() }
        try #require(daemon.wait(for: #"event="Ready""#), "\(daemon.text)")
        let endpoint = ["--endpoint", "http://127.0.0.1:\(daemon.port("api") ?? 0)"]
        #expect(try newel(["machine", "list"] + endpoint).code == 0)
        let end = try newel(["machine", "list"] + endpoint)
        #expect(end.code == 75 && end.errors.contains("ThrottlingException (ListStateMachines): Rate exceeded"))
    }

    @Test("There is completion for each shell.", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) throws {
        let end = try newel(["completion", shell])
        #expect(end.code == 0)
        #expect(end.output.contains("execution") && end.output.contains("redrive"))
        #expect(try newel(["--generate-completion-script", shell]).output == end.output)
    }

    static let lines: [(command: String, line: [String], offered: String)] = [
        ("execution list", ["execution", "list", ""], "offered"),
        ("execution watch", ["execution", "watch", "off"], "offered:"),
        ("execution watch", ["execution", "watch", "offered:"], "offered:two\noffered:one"),
        ("execution watch", ["execution", "watch", "nothing:"], ""),
        ("machine show", ["machine", "show", "", "--endpoint", "http://127.0.0.1:1"], ""),
    ]

    @Test("Completion offers the machines and executions that there are.")
    func offers() throws {
        try create("offered", Self.pass)
        for name in ["one", "two"] {
            #expect(try newel(["execution", "start", "offered", "--name", name, "--watch"]).code == 0)
        }
        for (command, line, offered) in Self.lines {
            let asked =
                ["---completion"] + command.split(separator: " ").map(String.init) + ["--", "positional@0", "3"]
            let end = try newel(asked + ["\(line[2].count)", "newel"] + line, ["SAP_SHELL": "fish"])
            // The shell chooses among what is offered: the machines of other tests are there too.
            let fitting = end.output.split(separator: "\n").filter { $0.hasPrefix("offered") }
            #expect(fitting.joined(separator: "\n") == offered, "\(end.errors)")
        }
    }
}
