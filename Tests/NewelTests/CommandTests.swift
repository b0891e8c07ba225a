// The command line from outside: what it prints, and the codes it ends with.

import Foundation
import JSON
import TestSupport
import Testing

@testable import newel

@Suite("Commands")
struct CommandTests {
    private func newel(_ arguments: [String], in folder: URL? = nil) throws -> (
        code: Int32, output: String, errors: String
    ) {
        try Program.run(Program.newel, arguments, in: folder)
    }

    private func inFolder<T>(_ files: [String: String], _ body: (URL) throws -> T) throws -> T {
        let folder = try Program.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        return try body(folder)
    }

    @Test("An unknown command is told the nearest one.")
    func unknown() throws {
        let end = try newel(["serv"])
        #expect(end.code == 64)
        #expect(end.errors.contains("Did you mean `newel serve`?"))
    }

    @Test("Help shows examples.")
    func help() throws {
        let end = try newel(["--help"])
        #expect(end.code == 0)
        #expect(end.output.contains("newel serve --config newel.yaml"))
    }

    @Test("A definition that is right ends with 0, one that is not with 1, its place and what is wrong.")
    func check() throws {
        let files = [
            "good.asl.json": #"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#,
            "bad.asl.json": "{\"StartAt\":\"A\",\n \"States\":{\"A\":{\"Type\":\"Pass\",\n  \"Next\":\"B\"}}}",
            "text.asl.json": "{\"StartAt\":\n oops}",
            "template.yaml": "Resources:\n  A: { Type: AWS::Serverless::StateMachine }\n",
        ]
        try inFolder(files) { folder in
            let good = try newel(["check", "good.asl.json"], in: folder)
            #expect(good.code == 0 && good.output.isEmpty)
            let bad = try newel(["check", "good.asl.json", "bad.asl.json"], in: folder)
            #expect(bad.code == 1)
            #expect(bad.output.contains("bad.asl.json:3:3: error: MISSING_TRANSITION_TARGET: "), "\(bad.output)")
            let text = try newel(["check", "text.asl.json"], in: folder)
            #expect(text.code == 1 && text.output.hasPrefix("text.asl.json:2:"), "\(text.output)")
            #expect(try newel(["check", "none.asl.json"], in: folder).code == 1)
            let template = try newel(["check", "template.yaml"], in: folder)
            #expect(
                template.code == 1 && template.output.contains("newel machine load template.yaml"), "\(template.output)"
            )
        }
    }

    @Test("Findings come as JSON when asked for.")
    func json() throws {
        try inFolder(["bad.asl.json": #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}"#]) { folder in
            let end = try newel(["check", "--json", "bad.asl.json"], in: folder)
            let findings = try JSONValue.parse(end.output).arrayValue ?? []
            #expect(
                findings.contains {
                    $0["severity"]?.stringValue == "error" && $0["file"]?.stringValue == "bad.asl.json"
                })
            #expect(end.code == 1)
        }
    }

    @Test("The shipped configuration is right as a whole.")
    func shipped() throws {
        let end = try newel(["check"], in: Conformance.root)
        #expect(end.code == 0, "\(end.output)")
    }

    @Test("A wrong definition, policy or setting of the configuration is found with its file.")
    func wholeConfiguration() throws {
        let files = [
            "newel.yaml": "identity: { folder: . }\nmachines: { move: { definition: move.json } }\n",
            "move.json": #"{"StartAt":"A","States":{}}"#,
        ]
        try inFolder(files) { folder in
            let end = try newel(["check", "--config", "newel.yaml"], in: folder)
            #expect(end.code == 1)
            #expect(end.output.contains("move.json:1:"), "\(end.output)")
            #expect(end.output.contains("Neither a role nor a user nor a policy"), "\(end.output)")
        }
    }

    static let refusals: [(arguments: [String], code: Int32, text: String)] = [
        (["serve", "--config", "none.yaml"], 78, "none.yaml: error: There is no such file"),
        (["serve", "--config", "unknown.yaml"], 78, "unknown.yaml:2: error: There is no setting listen.apo"),
        (["serve", "--config", "tab.yaml"], 78, "tab.yaml:2:1: error: This is no YAML"),
        (["serve", "--config", "wrong.yaml"], 78, "wrong.json:1:"),
        (["serve", "--set", "engine.shard=2"], 78, "Did you mean engine.shards?"),
        (["machine", "list", "--endpoint", "http://127.0.0.1:99999"], 64, "is no endpoint: write http://HOST:PORT"),
        (["eval", "1", "--input", "/dev/zero"], 64, "/dev/zero cannot be read"),
        (["eval", "1", "--input", "/proc/self/mem"], 64, "/proc/self/mem cannot be read"),
        (["machine", "load", "/dev/zero"], 66, "/dev/zero cannot be read, or has more than 64 MiB"),
        (["serve", "--set", "nonsense"], 64, "--set takes KEY=VALUE"),
        (["serve", "--store-url", "sqlite:/proc/newel"], 73, "state folder /proc/newel"),
    ]

    @Test("What cannot be served ends with the code of its cause and names the place.", arguments: refusals)
    func refuses(arguments: [String], code: Int32, text: String) throws {
        let files = [
            "unknown.yaml": "listen:\n  apo: 127.0.0.1:1\n", "tab.yaml": "listen:\n\tapi: 127.0.0.1:1\n",
            "wrong.yaml": "machines: { a: { definition: wrong.json } }\n", "wrong.json": "{}",
        ]
        try inFolder(files) { folder in
            let end = try newel(arguments, in: folder)
            #expect(end.code == code, "\(end.errors)")
            #expect(end.errors.contains(text), "\(end.errors)")
        }
    }

    @Test("With too few files to open nothing is started.", arguments: [32, 63])
    func fewFiles(limit: Int) throws {
        try inFolder([:]) { folder in
            let command = #"ulimit -n \#(limit); exec "$0" serve --store-url sqlite:state"#
            let end = try Program.run("/bin/sh", ["-c", command, Program.newel], in: folder)
            #expect(end.code == 78, "\(end.errors)")
            #expect(end.errors.contains("may open \(limit) files"), "\(end.errors)")
        }
    }

    /// The template that is found all over the web: values put into a JSON string inside of JSON.
    static let unsafe = """
        openapi: 3.0.1
        info: { title: recipes, version: "1" }
        paths:
          /recipes/{id}/move:
            post:
              responses: {}
              x-amazon-apigateway-integration:
                type: aws
                httpMethod: POST
                uri: arn:aws:apigateway:us-east-1:states:action/StartExecution
                credentials: arn:aws:iam::000000000000:role/ApiToSfn
                passthroughBehavior: when_no_templates
                requestTemplates:
                  application/json: |
                    {"input": "{\\"id\\": \\"$input.params('id')\\", \\"user\\": \\"$input.path('$.user_id')\\"}",
                     "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:move-recipe"}
                responses:
                  default: { statusCode: 200 }
        """

    @Test("A template that lets values break out of their quotes is warned of, which is no failure.")
    func unsafeTemplate() throws {
        let files = ["newel.yaml": "gateway: { openapi: routes.yaml }\n", "routes.yaml": Self.unsafe]
        try inFolder(files) { folder in
            let end = try newel(["check", "--config", "newel.yaml"], in: folder)
            #expect(end.output.contains("routes.yaml:") && end.output.contains(": warning: "), "\(end.output)")
            #expect(end.code == 0, "\(end.output)")
        }
    }
}
