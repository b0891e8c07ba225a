// Executions over all machines, in bulk and synchronously; versions, aliases and ends of machines.

import Foundation
import JSON
import Testing

@testable import newel

@Suite("Executions and versions by command")
struct ExecutionCommandTests {
    // Unsafe, because Foundation's Process is not Sendable; after its start it is only asked, and ended at the exit.
    nonisolated(unsafe) private static let shared: Result<SharedDaemon, any Error> = Result {
        let daemon = try SharedDaemon()
        atexit { try? ExecutionCommandTests.shared.get().daemon.remove() }
        return daemon
    }

    private let daemon: SharedDaemon

    init() throws { daemon = try Self.shared.get() }

    private func newel(_ arguments: [String], _ variables: [String: String] = [:]) throws -> (
        code: Int32, output: String, errors: String
    ) { try daemon.newel(arguments, variables) }

    private func start(_ machine: String, _ names: String...) throws {
        for name in names { _ = try newel(["execution", "start", machine, "--name", name, "--watch"]) }
    }

    private func names(_ arguments: [String]) throws -> [String] {
        let listed = try newel(["execution", "list", "--json"] + arguments)
        #expect(listed.code == 0, "\(listed.errors)")
        return try JSONValue.parse(listed.output).arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
    }

    @Test("Executions are listed over all machines, by status, time and error.")
    func list() throws {
        try daemon.create("list-fails", OperatorTests.fail)
        try daemon.create("list-passes", OperatorTests.pass)
        try start("list-fails", "f1", "f2")
        try start("list-passes", "p1")
        let all = try names([])
        #expect(Set(["f1", "f2", "p1"]).isSubset(of: all))
        #expect(try names(["--status", "FAILED", "--error", "No"]).filter { $0.hasPrefix("f") } == ["f2", "f1"])
        #expect(try names(["list-fails", "--error", "Other"]).isEmpty)
        #expect(try names(["list-fails", "--since", "1h"]) == ["f2", "f1"])
        #expect(try names(["list-fails", "--since", "2099-01-01"]).isEmpty)
        #expect(try names(["list-fails", "--status", "FAILED", "--status", "RUNNING", "--limit", "1"]) == ["f2"])
        let table = try newel(["execution", "list", "--status", "FAILED", "--error", "No"])
        #expect(table.output.hasPrefix("MACHINE") && table.output.contains("list-fails"), "\(table.output)")
        #expect(!table.output.contains("\u{1B}"))
        let wrong = try newel(["execution", "list", "--since", "yesterday"])
        #expect(wrong.code == 64 && wrong.errors.contains("30m, 2h or 7d"), "\(wrong.errors)")
    }

    @Test("An empty list says why: nothing is there, or the machines are in another region.")
    func empty() throws {
        try daemon.create("regional", OperatorTests.pass)
        let other = ["AWS_REGION": "eu-west-1"]
        for arguments in [["execution", "list"], ["machine", "list"]] {
            let end = try newel(arguments, other)
            #expect(end.code == 0 && end.output.isEmpty)
            #expect(end.errors.contains("There are no state machines in eu-west-1."), "\(end.errors)")
            #expect(end.errors.contains("--region us-east-1"), "\(end.errors)")
        }
        let named = try newel(["execution", "list", "regional"], other)
        #expect(named.code == 66 && named.errors.contains("--region us-east-1"), "\(named.errors)")
        let none = try newel(["execution", "list", "regional"])
        #expect(none.code == 0 && none.errors == "There are no executions.\n")
    }

    @Test("Executions are redriven and stopped in bulk, after a dry run that changes nothing.")
    func bulk() throws {
        try daemon.create("bulk", OperatorTests.fail)
        try start("bulk", "a", "b")
        let select = ["bulk", "--status", "FAILED", "--since", "2h", "--error", "No"]
        let dry = try newel(["execution", "redrive"] + select + ["--dry-run"])
        #expect(dry.code == 0 && dry.output.split(separator: "\n").count == 2, "\(dry.errors)")
        #expect(dry.errors == "2 executions would be redriven.\n")
        #expect(try names(["bulk", "--status", "FAILED"]).count == 2)
        try daemon.create("bulk", OperatorTests.fail)
        let redriven = try newel(["execution", "redrive"] + select)
        #expect(redriven.code == 0 && redriven.errors.hasSuffix("2 executions redriven.\n"), "\(redriven.errors)")
        let shown = try JSONValue.parse(try newel(["execution", "show", "bulk:a", "--json"]).output)
        #expect(shown["redriveCount"] == 1)

        try daemon.create("bulk-waits", OperatorTests.wait)
        for name in ["a", "b"] { _ = try newel(["execution", "start", "bulk-waits", "--name", name]) }
        #expect(try newel(["execution", "stop", "bulk-waits", "--dry-run"]).errors.hasPrefix("2 executions would be"))
        #expect(try names(["bulk-waits", "--status", "RUNNING"]).count == 2)
        let stopped = try newel(["execution", "stop", "bulk-waits", "--status", "RUNNING", "--cause", "tidy"])
        #expect(stopped.code == 0 && stopped.errors == "2 executions stopped.\n", "\(stopped.errors)")
        #expect(try names(["bulk-waits", "--status", "ABORTED"]).count == 2)
        // Redriven, and refused the second time because they run.
        _ = try newel(["execution", "redrive", "bulk-waits", "--status", "ABORTED"])
        let bare = try newel(["execution", "redrive", "bulk"])
        #expect(bare.code == 64 && bare.errors.contains("--status"), "\(bare.errors)")
        #expect(try newel(["execution", "redrive", "bulk:a", "--since", "1h"]).code == 64)
        _ = try newel(["execution", "stop", "bulk-waits", "--status", "RUNNING"])
    }

    @Test("An Express execution is run to its end; watching one is refused before it starts.")
    func sync() throws {
        try daemon.create("quick", OperatorTests.pass, ["--type", "express"])
        try daemon.create("quick-fails", OperatorTests.fail, ["--type", "express"])
        let ended = try newel(["execution", "start", "quick", "--input", #"{"a": 1}"#, "--sync"])
        #expect(ended.code == 0 && ended.output == "{\"a\": 1}\n" || ended.output == "{\"a\":1}\n", "\(ended)")
        let json = try newel(["execution", "start", "quick", "--sync", "--json"])
        #expect(try JSONValue.parse(json.output)["status"] == "SUCCEEDED")
        let failed = try newel(["execution", "start", "quick-fails", "--sync"])
        #expect(failed.code == 1 && failed.output.isEmpty && failed.errors.contains("error: No"), "\(failed.errors)")
        let watched = try newel(["execution", "start", "quick", "--watch"])
        #expect(watched.code == 64 && watched.output.isEmpty && watched.errors.contains("--sync"), "\(watched.errors)")
        try daemon.create("slow", OperatorTests.pass)
        #expect(try newel(["execution", "start", "slow", "--sync"]).errors.contains("StateMachineTypeNotSupported"))
    }

    @Test("Versions are published, aliases lead to them, and all of it is deleted.")
    func versions() throws {
        try daemon.create("released", OperatorTests.pass)
        let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:released"
        let first = try newel(["machine", "publish", "released", "--description", "first"])
        #expect(first.output == "\(arn):1\n", "\(first.errors)")
        try daemon.create("released", OperatorTests.fail)
        #expect(try newel(["machine", "publish", "released"]).output == "\(arn):2\n")
        let made = try newel(["machine", "alias", "create", "released", "live", "--to", "1"])
        #expect(made.output == "\(arn):live\n", "\(made.errors)")
        #expect(try newel(["execution", "start", "released:live", "--watch"]).code == 0)
        let moved = try newel(["machine", "alias", "update", "released", "live", "--to", "1=80", "--to", "2=20"])
        #expect(moved.code == 0, "\(moved.errors)")
        let listed = try newel(["machine", "alias", "list", "released"]).output
        #expect(listed.contains("live") && listed.contains("1 (80 %), 2 (20 %)"), "\(listed)")
        let wrong = try newel(["machine", "alias", "create", "released", "other", "--to", "new"])
        #expect(wrong.code == 64 && wrong.errors.contains("VERSION=PERCENT"), "\(wrong.errors)")
        #expect(try newel(["machine", "delete", "released:1"]).code == 65)
        #expect(try newel(["machine", "delete", "released:live"]).errors.contains("machine alias delete"))
        #expect(try newel(["machine", "alias", "delete", "released", "live"]).code == 0)
        #expect(try newel(["machine", "delete", "released:1"]).output == "Deleted \(arn):1\n")
        #expect(try newel(["machine", "delete", "released"]).output == "Deleted \(arn)\n")
        #expect(try newel(["machine", "delete", arn]).code == 66)
    }

    @Test("Placeholders are filled, definitions may be YAML, and what is wrong has its line and advice.")
    func create() throws {
        try daemon.write(
            "filled.asl.yaml",
            "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Result: ${Table}-${Other}\n    End: true\n")
        let created = try newel(["machine", "create", "filled", "filled.asl.yaml", "--substitution", "Table=orders"])
        #expect(created.code == 0 && created.errors.contains("${Other} stays as it is"), "\(created.errors)")
        let definition = try newel(["machine", "show", "filled", "--definition"]).output
        #expect(try JSONValue.parse(definition)["States"]?["A"]?["Result"] == "orders-${Other}")
        #expect(try newel(["machine", "diff", "filled", "filled.asl.yaml"]).code == 1)
        try daemon.write("wrong.asl.yaml", "StartAt: A\nStates:\n  A:\n    Type: Pas\n    End: true\n")
        let wrong = try newel(["machine", "create", "wrong", "wrong.asl.yaml"])
        #expect(wrong.code == 65 && wrong.errors.contains("wrong.asl.yaml:4:"), "\(wrong.errors)")
        #expect(
            wrong.errors.contains("Did you mean Pass?")
                && wrong.errors.contains("InvalidDefinition: the definition has 1 error."), "\(wrong.errors)")
    }

    @Test("A state whose failure was caught and a state that ended the execution have marks of their own.")
    func marks() throws {
        let caught = """
            {"StartAt":"Try","States":{
             "Try":{"Type":"Parallel","Next":"After","Catch":[{"ErrorEquals":["States.ALL"],"Next":"After"}],
              "Branches":[{"StartAt":"In","States":{"In":{"Type":"Fail","Error":"X"}}}]},
             "After":{"Type":"Pass","InputPath":"$.nothing","End":true}}}
            """
        try daemon.create("marked", caught)
        let ended = try newel(["execution", "start", "marked", "--name", "m", "--watch"])
        #expect(ended.code == 1)
        let shown = try newel(["execution", "show", "marked:m"]).output
        #expect(shown.contains("↪  Try"), "\(shown)")
        #expect(shown.contains("✗  After"), "\(shown)")
    }

    @Test("A failed evaluation is shown beside its own state, though it points to the one before.")
    func failedEvaluation() throws {
        let failing = """
            {"QueryLanguage":"JSONata","StartAt":"Before","States":{
             "Before":{"Type":"Pass","Next":"Sum"},
             "Sum":{"Type":"Pass","Output":"{% $number('x') %}","End":true}}}
            """
        try daemon.create("evaluated", failing)
        let ended = try newel(["execution", "start", "evaluated", "--name", "e", "--watch"])
        #expect(ended.output.contains("Sum EvaluationFailed: States.QueryEvaluationError"), "\(ended.output)")
        let shown = try newel(["execution", "show", "evaluated:e"]).output.split(separator: "\n")
        let before = shown.first { $0.contains("Before") } ?? ""
        #expect(!before.contains("States.QueryEvaluationError"), "\(before)")
        let sum = shown.first { $0.hasPrefix("✗  Sum") } ?? ""
        #expect(sum.contains("States.QueryEvaluationError"), "\(shown)")
    }

    @Test("A function that no setting names is explained.")
    func unknownFunction() throws {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
        try daemon.create(
            "calls", #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"\#(function)","End":true}}}"#)
        let ended = try newel(["execution", "start", "calls", "--name", "c", "--watch"])
        #expect(ended.code == 1 && ended.errors.contains("functions.defaultEndpoint"), "\(ended)")
        #expect(try newel(["execution", "show", "calls:c"]).errors.contains("functions.map"))
        #expect(daemon.daemon.wait(for: "functions.defaultEndpoint"))
    }

    static let endpoints: [(endpoint: String, words: String)] = [
        ("http://127.0.0.1:1", "the connection was refused"), ("admin", "as the Step Functions API does not"),
        ("https", "Newel's API is plain HTTP: write http://"),
    ]

    @Test("A wrong endpoint is explained.", arguments: endpoints)
    func endpoint(endpoint: String, words: String) throws {
        var url = endpoint
        if endpoint == "admin" { url = "http://127.0.0.1:\(daemon.daemon.port("admin") ?? 0)" }
        if endpoint == "https" { url = "https://127.0.0.1:\(daemon.daemon.port("api") ?? 0)" }
        let end = try newel(["machine", "list", "--endpoint", url])
        #expect(end.code == 69 && end.errors.contains(words), "\(end.errors)")
        #expect(!end.errors.contains("BoringSSL") && !end.errors.contains("errno"), "\(end.errors)")
    }
}
