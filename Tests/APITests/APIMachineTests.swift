// State machines through the API: create, describe, update, list, delete.

import APISupport
import Core
import Engine
import JSON
import Testing

@testable import API

@Suite("State machines through the API")
struct APIMachineTests {
    @Test(
        "Names that begin with a combining character are names as any other: a colon before one is still a colon.",
        arguments: ["\u{301}x", "\u{200D}y", "\u{FE0F}z"])
    func combining(_ name: String) async throws {
        let world = try await APIWorld.open()
        let arn = try await world.machine(name, APIWorld.pass)
        #expect(arn == "arn:aws:states:us-east-1:000000000000:stateMachine:\(name)")
        let execution = try await world.start(arn, name: "\u{301}e")
        #expect(execution == "arn:aws:states:us-east-1:000000000000:execution:\(name):\u{301}e")
        #expect(try await world.closed(execution)["status"] == "SUCCEEDED")
        let listed = try await world.ok("ListExecutions", ["stateMachineArn": .string(arn)])
        #expect(listed["executions"]?.arrayValue?.count == 1)
    }

    @Test("Names are compared and listed by their bytes.", arguments: [1, 100])
    func byBytes(pageSize: Int) async throws {
        let world = try await APIWorld.open()
        let names = ["a", "caf\u{e9}", "cafe\u{301}", "z", "\u{301}x", "\u{200D}y"]
        for name in names {
            _ = try await world.machine(name, APIWorld.pass)
            _ = try await world.ok("CreateActivity", ["name": .string(name)])
        }
        let inOrder = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        for (operation, list) in [("ListStateMachines", "stateMachines"), ("ListActivities", "activities")] {
            var listed: [[UInt8]] = []
            var request: JSONObject = JSONObject([("maxResults", .number(JSONNumber(pageSize)))])
            repeat {
                let page = try await world.ok(operation, .object(request))
                listed += page[list]?.arrayValue?.compactMap { $0["name"]?.stringValue.map { Array($0.utf8) } } ?? []
                request["nextToken"] = page["nextToken"]
            } while request["nextToken"] != nil
            #expect(listed == inOrder)
        }
        let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:cafe\u{301}"
        _ = try await world.ok("DeleteStateMachine", ["stateMachineArn": .string(arn)])
        #expect(world.engine.catalog.entry(arn: arn) == nil)
        #expect(world.engine.catalog.entry(arn: "arn:aws:states:us-east-1:000000000000:stateMachine:caf\u{e9}") != nil)
    }

    private static func creation(_ name: String, _ extra: JSONObject = JSONObject()) -> JSONValue {
        var request = JSONObject([
            ("name", .string(name)), ("definition", .string(APIWorld.pass.text)), ("roleArn", .string(APIWorld.role)),
        ])
        for (key, value) in extra { request[key] = value }
        return .object(request)
    }

    @Test("A new machine is described with AWS's defaults.")
    func defaults() async throws {
        let world = try await APIWorld.open()
        let made = try await world.ok("CreateStateMachine", Self.creation("m"))
        let arn = try #require(made["stateMachineArn"])
        var machine = try #require(try await world.ok("DescribeStateMachine", ["stateMachineArn": arn]).objectValue)
        #expect(machine.removeValue(forKey: "creationDate") == made["creationDate"])
        #expect(
            .object(machine) == [
                "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m", "name": "m",
                "status": "ACTIVE", "type": "STANDARD", "definition": .string(APIWorld.pass.text),
                "roleArn": .string(APIWorld.role),
                "loggingConfiguration": ["includeExecutionData": false, "level": "OFF"],
                "tracingConfiguration": ["enabled": false], "encryptionConfiguration": ["type": "AWS_OWNED_KEY"],
            ] as JSONValue)
    }

    @Test("METADATA_ONLY shows an empty definition.")
    func metadataOnly() async throws {
        let world = try await APIWorld.open()
        let arn = try await world.machine("m", APIWorld.pass)
        let machine = try await world.ok(
            "DescribeStateMachine", ["stateMachineArn": .string(arn), "includedData": "METADATA_ONLY"])
        #expect(machine["definition"] == "{}")
    }

    @Test(
        "Creating the same machine again gives the first one; a different role or tags change nothing.",
        arguments: [
            JSONObject(), ["roleArn": "arn:aws:iam::000000000000:role/other"], ["tags": [["key": "a", "value": "b"]]],
            ["type": "STANDARD"], ["loggingConfiguration": ["level": "OFF"]], ["tracingConfiguration": [:]],
            ["encryptionConfiguration": ["type": "AWS_OWNED_KEY"]], ["publish": false], ["unknown": 1],
        ] as [JSONObject])
    func idempotent(_ extra: JSONObject) async throws {
        let world = try await APIWorld.open()
        let first = try await world.ok("CreateStateMachine", Self.creation("m"))
        #expect(try await world.ok("CreateStateMachine", Self.creation("m", extra)) == first)
        let machine = try await world.ok("DescribeStateMachine", ["stateMachineArn": first["stateMachineArn"] ?? .null])
        #expect(machine["roleArn"]?.stringValue == APIWorld.role)
    }

    @Test(
        "A machine that differs in what counts already exists.",
        arguments: [
            ["definition": .string(APIWorld.pass.prettyText)], ["tracingConfiguration": ["enabled": true]],
            ["loggingConfiguration": ["includeExecutionData": true]],
        ] as [JSONObject])
    func alreadyExists(_ extra: JSONObject) async throws {
        let world = try await APIWorld.open()
        _ = try await world.ok("CreateStateMachine", Self.creation("m"))
        let (status, body) = try await world.call("CreateStateMachine", Self.creation("m", extra))
        #expect(status == 400)
        #expect(body["__type"] == "StateMachineAlreadyExists")
    }

    @Test(
        "A roleArn that is no role's ARN is refused, on creation and update.",
        arguments: [
            "arn:aws:iam::1234:role/x", "arn:aws:iam::000000000000:role/", "arn:aws:s3:::b", "role/x", "arn:",
            "arn:aws:iam::000000000000:user/x", "arn:aws:iam:us-east-1:000000000000:role/x",
            "arn:aws:iam::000000000000:role/a/", "arn:aws:iam::00000000000a:role/x",
            "arn:aws:iam::000000000000:role/a b",
        ])
    func badRole(_ role: String) async throws {
        let world = try await APIWorld.open()
        let arn = try await world.machine("known", APIWorld.pass)
        for (operation, request) in [
            ("CreateStateMachine", Self.creation("m", ["roleArn": .string(role)])),
            ("UpdateStateMachine", ["stateMachineArn": .string(arn), "roleArn": .string(role)]),
        ] {
            let (status, body) = try await world.call(operation, request)
            #expect(status == 400 && body["__type"] == "InvalidArn", "\(operation): \(body)")
            #expect(body["message"]?.stringValue == "Invalid Role Arn: '\(role)'")
        }
    }

    @Test("A role may have a path and be of any partition.")
    func roles() async throws {
        let world = try await APIWorld.open()
        for (number, role) in [
            "arn:aws:iam::000000000000:role/service-role/StepFunctions-x-role-1a2b",
            "arn:aws-cn:iam::123456789012:role/x",
            "arn:aws:iam::000000000000:role/a/b/c=d,e.f@g_h+i-j",
        ].enumerated() {
            _ = try await world.ok("CreateStateMachine", Self.creation("m\(number)", ["roleArn": .string(role)]))
        }
    }

    @Test("A new versionDescription publishes an unchanged revision again; none, an empty or the same one does not.")
    func versionDescriptions() async throws {
        let world = try await APIWorld.open()
        let made = try await world.ok(
            "CreateStateMachine", Self.creation("m", ["publish": true, "versionDescription": "first"]))
        let arn = try #require(made["stateMachineArn"]?.stringValue)
        func publish(_ description: JSONValue?) async throws -> String? {
            var request = JSONObject([
                ("stateMachineArn", .string(arn)), ("definition", .string(APIWorld.pass.text)), ("publish", true),
            ])
            if let description { request["versionDescription"] = description }
            return try await world.ok("UpdateStateMachine", .object(request))["stateMachineVersionArn"]?.stringValue
        }
        #expect(try await publish("first") == arn + ":1")
        #expect(try await publish(nil) == arn + ":1")
        #expect(try await publish("") == arn + ":1")
        #expect(try await publish("second") == arn + ":2")
        #expect(try await publish("second") == arn + ":2")
        let version = try await world.ok("DescribeStateMachine", ["stateMachineArn": .string(arn + ":2")])
        #expect(version["description"] == "second")
        let first = try await world.ok("DescribeStateMachine", ["stateMachineArn": .string(arn + ":1")])
        #expect(first["description"] == "first")
        let published = try await world.ok(
            "PublishStateMachineVersion", ["stateMachineArn": .string(arn), "description": "third"])
        #expect(published["stateMachineVersionArn"]?.stringValue == arn + ":2")
    }

    @Test("An update makes a revision; the same values again make none.")
    func update() async throws {
        let world = try await APIWorld.open()
        let arn = JSONValue.string(try await world.machine("m", APIWorld.pass))
        let same = try await world.ok(
            "UpdateStateMachine", ["stateMachineArn": arn, "definition": .string(APIWorld.pass.text)])
        #expect(same["updateDate"] != nil)
        #expect(same["revisionId"] == nil)
        let changed = try await world.ok(
            "UpdateStateMachine", ["stateMachineArn": arn, "definition": .string(APIWorld.fail.text)])
        #expect(changed["revisionId"]?.stringValue?.count == 36)
        let again = try await world.ok(
            "UpdateStateMachine", ["stateMachineArn": arn, "definition": .string(APIWorld.fail.text)])
        #expect(again["revisionId"] == changed["revisionId"])
        let machine = try await world.ok("DescribeStateMachine", ["stateMachineArn": arn])
        #expect(machine["revisionId"] == changed["revisionId"])
        #expect(machine["definition"]?.stringValue == APIWorld.fail.text)
    }

    @Test("An execution keeps the revision that it began with.")
    func revisionOfExecution() async throws {
        let world = try await APIWorld.open()
        let arn = try await world.machine("m", APIWorld.wait)
        let execution = try await world.start(arn)
        _ = try await world.ok(
            "UpdateStateMachine", ["stateMachineArn": .string(arn), "definition": .string(APIWorld.pass.text)])
        let machine = try await world.ok(
            "DescribeStateMachineForExecution", ["executionArn": .string(execution)])
        #expect(machine["definition"]?.stringValue == APIWorld.wait.text)
        #expect(machine["stateMachineArn"]?.stringValue == arn)
        #expect(machine["revisionId"] == nil)
        #expect(machine["updateDate"] != nil)
        #expect(machine["status"] == nil)
    }

    @Test("Deleting a machine is idempotent, and its name is free again.")
    func delete() async throws {
        let world = try await APIWorld.open()
        let arn = JSONValue.string(try await world.machine("m", APIWorld.pass))
        #expect(try await world.ok("DeleteStateMachine", ["stateMachineArn": arn]) == [:])
        #expect(try await world.ok("DeleteStateMachine", ["stateMachineArn": arn]) == [:])
        let (_, gone) = try await world.call("DescribeStateMachine", ["stateMachineArn": arn])
        #expect(gone["__type"] == "StateMachineDoesNotExist")
        #expect(try await world.ok("ListStateMachines", [:])["stateMachines"] == [])
        #expect(try await world.machine("m", APIWorld.fail) == arn.stringValue)
    }

    @Test("Machines are listed in the order of their ARNs, page by page, each once.")
    func pages() async throws {
        let world = try await APIWorld.open()
        for name in ["e", "b", "d", "a", "c"] { _ = try await world.machine(name, APIWorld.pass) }
        var names: [String] = []
        var sizes: [Int] = []
        var request: JSONObject = ["maxResults": 2]
        repeat {
            let page = try await world.ok("ListStateMachines", .object(request))
            let machines = page["stateMachines"]?.arrayValue ?? []
            names += machines.compactMap { $0["name"]?.stringValue }
            sizes.append(machines.count)
            request["nextToken"] = page["nextToken"]
        } while request["nextToken"] != nil
        #expect(names == ["a", "b", "c", "d", "e"])
        #expect(sizes == [2, 2, 1])
        let all = try await world.ok("ListStateMachines", ["maxResults": 0])
        #expect(all["stateMachines"]?.arrayValue?.count == 5)
        #expect(all["nextToken"] == nil)
    }

    @Test("A log destination is kept and shown.")
    func logging() async throws {
        let world = try await APIWorld.open()
        let destination: JSONValue = [
            "cloudWatchLogsLogGroup": ["logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"]
        ]
        let made = try await world.ok(
            "CreateStateMachine",
            Self.creation("m", ["loggingConfiguration": ["level": "ALL", "destinations": [destination]]]))
        let machine = try await world.ok("DescribeStateMachine", ["stateMachineArn": made["stateMachineArn"] ?? .null])
        #expect(
            machine["loggingConfiguration"]
                == ["destinations": [destination], "includeExecutionData": false, "level": "ALL"])
    }

    private static func logging(_ level: String, _ group: String) -> JSONValue {
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:\(group):*"
        return [
            "level": .string(level), "destinations": [["cloudWatchLogsLogGroup": ["logGroupArn": .string(arn)]]],
        ]
    }

    @Test(
        "A machine that logs is refused where its log group is known to be missing or closed.",
        arguments: [
            ("ALL", "there", nil), ("ALL", "silent", nil), ("OFF", "gone", nil),
            ("ERROR", "gone", "Log Destination not found."),
            ("ALL", "closed", "The state machine IAM Role is not authorized to access the Log Destination"),
        ] as [(String, String, String?)])
    func logGroups(level: String, group: String, refusal: String?) async throws {
        let world = try await APIWorld.open(logGroups: { name in
            switch name {
            case "there": .present
            case "gone": .absent
            case "closed": .forbidden
            default: .unknown
            }
        })
        let arn = try await world.machine("old", APIWorld.pass)
        let logging = Self.logging(level, group)
        for (operation, input) in [
            ("CreateStateMachine", Self.creation("m", ["loggingConfiguration": logging])),
            ("UpdateStateMachine", ["stateMachineArn": .string(arn), "loggingConfiguration": logging]),
        ] {
            let (status, body) = try await world.call(operation, input)
            if let refusal {
                #expect(body["__type"]?.stringValue?.hasSuffix("InvalidLoggingConfiguration") == true)
                #expect(body["message"]?.stringValue == "Invalid Logging Configuration: \(refusal)")
            } else {
                #expect(status == 200, "\(operation): \(body)")
            }
        }
    }
}
