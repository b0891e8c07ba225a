// The configuration: what is read, what overrides what, and what each mistake is told.

import API
import Core
import Engine
import Foundation
import Functions
import TestSupport
import Testing

@testable import newel

@Suite("Configuration")
struct ConfigurationTests {
    private func read(
        _ text: String, flags: [String: String] = [:], environment: [String: String] = [:]
    ) async throws -> newel.Configuration {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("newel-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("newel.yaml")
        try Data(text.utf8).write(to: file)
        return try await newel.Configuration.read(file: file.path, flags: flags, environment: environment)
    }

    /// The findings, with `newel.yaml` for the file's path.
    private func findings(
        _ text: String, flags: [String: String] = [:], environment: [String: String] = [:]
    ) async throws -> [String] {
        do {
            _ = try await read(text, flags: flags, environment: environment)
            return []
        } catch let findings as Findings {
            return findings.list.map { finding in
                var finding = finding
                if finding.file.hasSuffix("newel.yaml") { finding.file = "newel.yaml" }
                return finding.description
            }
        }
    }

    @Test("Without a file every setting has a default.")
    func defaults() async throws {
        let configuration = try await newel.Configuration.read(file: nil, environment: [:])
        #expect(configuration.listen.api.description == "127.0.0.1:8083")
        #expect(configuration.listen.gateway?.description == "127.0.0.1:8080")
        #expect(configuration.listen.admin.description == "127.0.0.1:8084")
        #expect(configuration.stateFolder.hasSuffix("/newel-data"))
        #expect(configuration.engine.scope.account == "000000000000")
        #expect(configuration.machines.isEmpty)
    }

    @Test("The shipped file says the defaults, and names every setting.")
    func shipped() async throws {
        let path = Conformance.root.appendingPathComponent("config/newel.yaml")
        let shipped = try await newel.Configuration.read(file: path.path, environment: [:])
        let bare = try await newel.Configuration.read(file: nil, environment: [:])
        #expect(shipped.listen.api == bare.listen.api)
        #expect(shipped.stateFolder == bare.stateFolder)
        #expect(shipped.engine.limits == bare.engine.limits)
        #expect(shipped.engine.shards == bare.engine.shards)
        #expect("\(shipped.connections)" == "\(bare.connections)")
        #expect("\(shipped.functions)" == "\(bare.functions)")
        #expect("\(shipped.log)" == "\(bare.log)")
        #expect(shipped.machines.map(\.name) == ["move-recipe"])
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        for key in Setting.keys {
            let name = key.split(separator: ".").last { $0 != "*" } ?? ""
            let isThere = lines.contains { line in
                line.drop { " #".contains($0) }.hasPrefix("\(name):")
            }
            #expect(isThere, "\(key) is not in config/newel.yaml")
        }
    }

    @Test("Flags override the environment, the environment overrides the file.")
    func precedence() async throws {
        let file = "listen:\n  api: 127.0.0.1:1\n  gateway: 127.0.0.1:2\n  admin: 127.0.0.1:3\n"
        let configuration = try await read(
            file, flags: ["listen.api": "127.0.0.1:31"],
            environment: ["NEWEL_LISTEN_API": "127.0.0.1:21", "NEWEL_LISTEN_GATEWAY": "127.0.0.1:22"])
        #expect(configuration.listen.api.port == 31)
        #expect(configuration.listen.gateway?.port == 22)
        #expect(configuration.listen.admin.port == 3)
    }

    @Test("The state folder is store.url, else STATE_DIRECTORY, else newel-data.")
    func stateFolder() async throws {
        #expect(try await read("", environment: ["STATE_DIRECTORY": "/var/lib/newel"]).stateFolder == "/var/lib/newel")
        let both = ["STATE_DIRECTORY": "/var/lib/newel", "NEWEL_STORE_URL": "sqlite:/srv/state"]
        #expect(try await read("", environment: both).stateFolder == "/srv/state")
        #expect(try await read("store: { url: 'sqlite:/srv/newel.db' }").stateFolder == "/srv")
    }

    @Test("Paths of the file begin at its folder, those of state at the folder of state.")
    func paths() async throws {
        let configuration = try await read(
            "store: { url: 'sqlite:/srv' }\ngateway: { openapi: routes/api.yaml }\nidentity: { folder: /etc/iam }\n")
        #expect(configuration.gateway?.openAPI.hasSuffix("/routes/api.yaml") == true)
        #expect(configuration.gateway?.openAPI.hasPrefix("/") == true)
        #expect(configuration.identityFolder == "/etc/iam")
        #expect(configuration.recipeMove?.database == "/srv/recipes.db")
    }

    @Test("Functions, their limits and machines keep the names they were given.")
    func names() async throws {
        let configuration = try await read(
            """
            functions:
              map:
                bill: http://127.0.0.1:3001
                arn:aws:lambda:us-east-1:000000000000:function:old: in-process:update-recipe
              limits: { bill: 3 }
            gateway:
              openapi: a.yaml
              stageVariables: { machine: move, empty: "" }
            machines:
              move: { definition: move.json }
            """)
        #expect(configuration.functions.map["bill"] == .endpoint("http://127.0.0.1:3001"))
        #expect(
            configuration.functions.map["arn:aws:lambda:us-east-1:000000000000:function:old"]
                == .inProcess("update-recipe"))
        #expect(configuration.functions.limits == ["bill": 3])
        #expect(configuration.gateway?.stageVariables == ["machine": "move", "empty": ""])
        #expect(configuration.machines.first?.roleARN == "arn:aws:iam::000000000000:role/move")
    }

    @Test("Rates are off, AWS's own, or one's own by operation.")
    func rates() async throws {
        #expect(try await read("").rates.isEmpty)
        let aws = try await read("throttling: { awsRates: true, operations: { StopExecution: off } }").rates
        #expect(aws["DescribeExecution"] == Rate(burst: 300, perSecond: 15))
        #expect(aws["StopExecution"] == nil)
        let own = try await read("throttling: { operations: { StartExecution: 5/0.5 } }").rates
        #expect(own == ["StartExecution": Rate(burst: 5, perSecond: 0.5)])
    }

    @Test("Nested starts have no bound, AWS's, or one's own.")
    func nestedStarts() async throws {
        #expect(try await read("").engine.nestedStarts == nil)
        let aws = Rate(burst: 1300, perSecond: 300)
        #expect(try await read("throttling: { awsRates: true }").engine.nestedStarts == aws)
        #expect(try await read("throttling: { awsRates: true, nestedStarts: off }").engine.nestedStarts == nil)
        #expect(
            try await read("throttling: { nestedStarts: 2/0.5 }").engine.nestedStarts == Rate(burst: 2, perSecond: 0.5))
    }

    @Test("Settings with free names are taken from flags as from the file; the flag wins.")
    func freeNames() async throws {
        let configuration = try await read(
            "functions: { map: { a: 'http://file:1', b: 'http://file:1' } }\n",
            flags: ["functions.map.b": "http://flag:2", "functions.map.c": "http://flag:2", "functions.limits.c": "3"])
        #expect(
            configuration.functions.map == [
                "a": .endpoint("http://file:1"), "b": .endpoint("http://flag:2"), "c": .endpoint("http://flag:2"),
            ])
        #expect(configuration.functions.limits == ["c": 3])
    }

    @Test(
        "The URL of a service has a host, a port that exists, and no query or fragment.",
        arguments: [
            ("http://127.0.0.1:3001", true), ("https://[::1]:65535/lambda", true), ("http://user:pw@host/", true),
            ("http://127.0.0.1:65536", false), ("http://[::1]:99999", false), ("http://host:0", false),
            ("http://host:", false), ("http://host:99999999999999999999", false), ("http://host/?q=1", false),
            ("http://host/#f", false), ("ftp://host", false), ("http://", false),
        ])
    func urls(_ url: String, _ isTaken: Bool) async throws {
        for setting in ["functions: { defaultEndpoint: '\(url)' }", "functions: { map: { f: '\(url)' } }"] {
            if isTaken {
                _ = try await read(setting)
            } else {
                await #expect(throws: (any Error).self) { _ = try await read(setting) }
            }
        }
    }

    static let mistakes: [(text: String, finding: String)] = [
        (
            "throttling:\n  operations:\n    StartExecutions: 1/1\n",
            "newel.yaml:3: error: There is no operation StartExecutions. Did you mean StartExecution?"
        ),
        (
            "throttling:\n  operations:\n    StartExecution: fast\n",
            "newel.yaml:3: error: throttling.operations.StartExecution is \"fast\". Write BUCKET/REFILL, such as 1300/300 calls a second."
        ),
        (
            "listen:\n  apo: 127.0.0.1:1\n",
            "newel.yaml:2: error: There is no setting listen.apo. Did you mean listen.api? The settings of listen: admin, allowRemote, api, gateway."
        ),
        (
            "frontDoor: { openapi: routes.yaml }\n",
            "newel.yaml:1: error: frontDoor was renamed. Write gateway instead."
        ),
        (
            "listen:\n  door: off\n",
            "newel.yaml:2: error: listen.door was renamed. Write listen.gateway instead."
        ),
        (
            "listne: {}\n",
            "newel.yaml:1: error: There is no setting listne. Did you mean listen? The sections: engine, executionLog, functions, gateway, identity, limits, listen, log, machines, recipeMove, scope, store, throttling."
        ),
        (
            "log:\n\n  level: loud\n",
            "newel.yaml:3: error: log.level is \"loud\". Write trace, debug, info, notice, warning, error, critical."
        ),
        (
            "listen:\n  api: 8083\n",
            "newel.yaml:2: error: listen.api is \"8083\". Write HOST:PORT, such as 127.0.0.1:8083 or [::1]:8083."
        ),
        (
            "listen:\n  gateway: 0.0.0.0:80\n",
            "newel.yaml:2: error: 0.0.0.0:80 can be reached from other machines, and nobody is asked who he is. Listen on 127.0.0.1 behind a proxy, or set listen.allowRemote to true."
        ),
        (
            "engine: { shards: 65 }\n",
            "newel.yaml:1: error: engine.shards is \"65\". Write a whole number from 1 to 64."
        ),
        (
            "limits: { payload: 256 kilo }\n",
            "newel.yaml:1: error: limits.payload is \"256 kilo\". Write a size from 1KiB to 64MiB, such as 256KiB."
        ),
        (
            "limits: { idleTimeout: 5 }\n",
            "newel.yaml:1: error: limits.idleTimeout is \"5\". Write a time from 100ms to 1h, such as 500ms, 30s or 5m."
        ),
        (
            "store: { url: 'postgres://a/b' }\n",
            "newel.yaml:1: error: store.url is \"postgres://a/b\". Write sqlite:FOLDER; other stores come later."
        ),
        (
            "scope: { account: 12 }\n", "newel.yaml:1: error: scope.account is \"12\". Write twelve digits."
        ),
        (
            "scope: { region: us/east }\n",
            "newel.yaml:1: error: scope.region is \"us/east\". Write a region, such as us-east-1."
        ),
        (
            "machines:\n  move:\n    role: a\n",
            "newel.yaml:2: error: The machine move has no definition. Add `definition: FILE`, a file of Amazon States Language."
        ),
        (
            "functions: { defaultEndpoint: 'localhost:3001' }\n",
            "newel.yaml:1: error: functions.defaultEndpoint is \"localhost:3001\". Write a URL such as http://HOST:PORT or https://HOST/PATH."
        ),
        (
            "listen: 8083\n",
            "newel.yaml:1: error: listen is a section, not a value. Its settings: admin, allowRemote, api, gateway."
        ),
        (
            "log:\n  level: [info]\n",
            "newel.yaml:2: error: log.level takes one value, not a list or section. Write `level: value`."
        ),
        (
            "- listen\n",
            "newel.yaml:1: error: The file is not a mapping. Write sections such as `listen:` with their settings below."
        ),
    ]

    @Test("A mistake is told with its line and what to write instead.", arguments: mistakes)
    func mistake(text: String, finding: String) async throws {
        #expect(try await findings(text) == [finding])
    }

    @Test("Bad YAML is told with its line.")
    func badYAML() async throws {
        let tabs = try await findings("listen:\n\tapi: 127.0.0.1:1\n")
        #expect(tabs.count == 1 && tabs[0].hasPrefix("newel.yaml:2:1: error: This is no YAML: "), "\(tabs)")
        let twice = try await findings("log: {}\nlisten: {}\nlog: {}\n")
        #expect(twice.count == 1 && twice[0].contains("A key stands twice: log"), "\(twice)")
    }

    @Test("Every mistake is told at once.")
    func several() async throws {
        #expect(try await findings("log: { level: loud, format: round }\nengine: { shards: 0 }\n").count == 3)
    }

    @Test("Mistakes of the environment and the command line are told as such.")
    func origins() async throws {
        #expect(
            try await findings("", environment: ["NEWEL_LISTEN_APY": "x"]) == [
                "the environment:NEWEL_LISTEN_APY: error: There is no setting of that name. Did you mean NEWEL_LISTEN_API?"
            ])
        #expect(
            try await findings("", environment: ["NEWEL_FRONT_DOOR_OPENAPI": "x"]) == [
                "the environment:NEWEL_FRONT_DOOR_OPENAPI: error: The setting was renamed. Set NEWEL_GATEWAY_OPENAPI instead."
            ])
        #expect(
            try await findings("log: { level: info }", environment: ["NEWEL_LOG_LEVEL": "x"]).first?.hasPrefix(
                "the environment:NEWEL_LOG_LEVEL: error: log.level is \"x\".") == true)
        #expect(
            try await findings("", flags: ["log.levle": "info"]) == [
                "the command line:log.levle: error: There is no setting log.levle. Did you mean log.level?"
            ])
    }

    @Test("A missing file is told with its path.")
    func missing() async throws {
        await #expect(throws: Findings.self) {
            try await newel.Configuration.read(file: "/nowhere/newel.yaml", environment: [:])
        }
    }

    @Test("A secret in a file that everyone can read is refused.")
    func secret() async throws {
        let found = try await findings("recipeMove:\n  searchPassword: x\n")
        #expect(found.count == 1 && found[0].contains("everyone on this machine can read the file"), "\(found)")
    }

    @Test(
        "Sizes are read in bytes and binary units.",
        arguments: [("1", 1), ("256KiB", 262_144), ("16MiB", 16 << 20), ("2 GiB", 2 << 30), ("10B", 10)])
    func sizes(text: String, bytes: Int) { #expect(ByteSize.parse(text) == bytes) }

    @Test("What is no size is none.", arguments: ["", "KiB", "-1", "1.5MiB", "1kb", "99999999999999GiB"])
    func notSizes(text: String) { #expect(ByteSize.parse(text) == nil) }

    @Test(
        "Times are read with their unit.",
        arguments: [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000)])
    func times(text: String, milliseconds: Int) { #expect(Period.milliseconds(text) == milliseconds) }

    @Test("What is no time is none.", arguments: ["", "5", "s", "-1s", "1.5s", "3 weeks"])
    func notTimes(text: String) { #expect(Period.milliseconds(text) == nil) }
}
