// Executions through the API: start, describe, history, stop, list.

import APISupport
import Core
import Identity
import JSON
import NIOCore
import Testing

@testable import API

@Suite("Executions through the API")
struct APIExecutionTests {
    @Test("An execution is started, runs, is described and has its history.")
    func startToEnd() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("pass", APIWorld.pass)
        let execution = try await world.start(machine, name: "one", input: #"{ "a": 1 }"#)
        #expect(execution == "arn:aws:states:us-east-1:000000000000:execution:pass:one")
        var description = try #require(try await world.closed(execution).objectValue)
        #expect(description.removeValue(forKey: "startDate")?.numberValue?.text.hasSuffix(".") == false)
        #expect(description.removeValue(forKey: "stopDate")?.doubleValue ?? 0 > 1_700_000_000)
        #expect(
            .object(description) == [
                "executionArn": .string(execution), "stateMachineArn": .string(machine), "name": "one",
                "status": "SUCCEEDED", "input": #"{ "a": 1 }"#, "inputDetails": ["included": true],
                "output": #"{"a":1}"#, "outputDetails": ["included": true], "redriveCount": 0,
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            ] as JSONValue)
        let history = try await world.ok("GetExecutionHistory", ["executionArn": .string(execution)])
        let types = history["events"]?.arrayValue?.compactMap { $0["type"]?.stringValue }
        #expect(types == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"])
        #expect(history["nextToken"] == nil)
    }

    @Test("A failed execution shows error and cause and could be redriven.")
    func failed() async throws {
        let world = try await APIWorld.open()
        let execution = try await world.start(try await world.machine("fail", APIWorld.fail))
        let description = try await world.closed(execution)
        #expect(description["status"] == "FAILED")
        #expect(description["error"] == "No")
        #expect(description["cause"] == "because")
        #expect(description["output"] == nil)
        #expect(description["outputDetails"] == nil)
        #expect(description["redriveStatus"] == "REDRIVABLE")
        #expect(description["redriveStatusReason"] == nil)
    }

    @Test("After fourteen days an execution can no longer be redriven.")
    func redrivePeriod() async throws {
        let world = try await APIWorld.open()
        let execution = try await world.start(try await world.machine("fail", APIWorld.fail))
        _ = try await world.closed(execution)
        world.clock.advance(hours: 15 * 24)
        let description = try await world.closed(execution)
        #expect(description["redriveStatusReason"] == "Execution redrivable period exceeded")
    }

    @Test("METADATA_ONLY leaves payloads out and says so.")
    func metadataOnly() async throws {
        let world = try await APIWorld.open()
        let execution = JSONValue.string(try await world.start(try await world.machine("pass", APIWorld.pass)))
        _ = try await world.closed(execution.stringValue ?? "")
        let description = try await world.ok(
            "DescribeExecution", ["executionArn": execution, "includedData": "METADATA_ONLY"])
        #expect(description["input"] == nil)
        #expect(description["output"] == nil)
        #expect(description["inputDetails"] == ["included": false])
        #expect(description["outputDetails"] == ["included": false])
    }

    @Test("Starting again under a running execution's name and input gives that execution.")
    func idempotentStart() async throws {
        let world = try await APIWorld.open()
        let machine = JSONValue.string(try await world.machine("wait", APIWorld.wait))
        let request: JSONValue = ["stateMachineArn": machine, "name": "w", "input": "[1]"]
        let first = try await world.ok("StartExecution", request)
        #expect(try await world.ok("StartExecution", request) == first)
        let (_, other) = try await world.call(
            "StartExecution", ["stateMachineArn": machine, "name": "w", "input": "[2]"])
        #expect(other["__type"] == "ExecutionAlreadyExists")
    }

    @Test("A stop ends a running execution with its error and cause; a second one gives the same date.")
    func stop() async throws {
        let world = try await APIWorld.open()
        let execution = JSONValue.string(try await world.start(try await world.machine("wait", APIWorld.wait)))
        let running = try await world.ok("DescribeExecution", ["executionArn": execution])
        #expect(running["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven")
        #expect(running["stopDate"] == nil)
        let stopped = try await world.ok(
            "StopExecution", ["executionArn": execution, "error": "Enough", "cause": "by hand"])
        #expect(try await world.ok("StopExecution", ["executionArn": execution]) == stopped)
        let description = try await world.ok("DescribeExecution", ["executionArn": execution])
        #expect(description["status"] == "ABORTED")
        #expect(description["error"] == "Enough")
        #expect(description["cause"] == "by hand")
        #expect(description["stopDate"] == stopped["stopDate"])
    }

    @Test("Executions are listed newest first, page by page and by status.")
    func list() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("pass", APIWorld.pass)
        for name in ["1", "2", "3"] { _ = try await world.closed(try await world.start(machine, name: name)) }
        let first = try await world.ok("ListExecutions", ["stateMachineArn": .string(machine), "maxResults": 2])
        let token = try #require(first["nextToken"])
        let second = try await world.ok(
            "ListExecutions", ["stateMachineArn": .string(machine), "maxResults": 1, "nextToken": token])
        let items = (first["executions"]?.arrayValue ?? []) + (second["executions"]?.arrayValue ?? [])
        #expect(items.map { $0["name"]?.stringValue } == ["3", "2", "1"])
        #expect(second["nextToken"] == nil)
        #expect(
            Set(items.first?.objectValue?.keys ?? []) == [
                "executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "redriveCount",
            ])
        for (status, count) in [("SUCCEEDED", 3), ("RUNNING", 0), ("FAILED", 0)] {
            let page = try await world.ok(
                "ListExecutions", ["stateMachineArn": .string(machine), "statusFilter": .string(status)])
            #expect(page["executions"]?.arrayValue?.count == count)
        }
    }

    @Test("A history is read in pages, forwards and backwards, each event once.", arguments: [false, true])
    func historyPages(_ reverse: Bool) async throws {
        let world = try await APIWorld.open()
        let execution = try await world.start(try await world.machine("pass", APIWorld.pass))
        _ = try await world.closed(execution)
        var request: JSONObject = [
            "executionArn": .string(execution), "maxResults": 3, "reverseOrder": .bool(reverse),
        ]
        var ids: [Int] = []
        repeat {
            let page = try await world.ok("GetExecutionHistory", .object(request))
            ids += page["events"]?.arrayValue?.compactMap { $0["id"]?.intValue } ?? []
            request["nextToken"] = page["nextToken"]
        } while request["nextToken"] != nil
        #expect(ids == (reverse ? [4, 3, 2, 1] : [1, 2, 3, 4]))
    }

    @Test("Without execution data a history keeps names and drops payloads.")
    func withoutData() async throws {
        let world = try await APIWorld.open()
        let execution = try await world.start(try await world.machine("pass", APIWorld.pass))
        _ = try await world.closed(execution)
        let history = try await world.ok(
            "GetExecutionHistory", ["executionArn": .string(execution), "includeExecutionData": false])
        let events = try #require(history["events"]?.arrayValue)
        #expect(events[0]["executionStartedEventDetails"] == ["roleArn": .string(APIWorld.role)])
        #expect(events[1]["stateEnteredEventDetails"] == ["name": "A"])
        #expect(events[3]["executionSucceededEventDetails"] == [:])
    }

    @Test("A page token holds for its query alone and for 24 hours.")
    func pageTokens() async throws {
        let world = try await APIWorld.open()
        for name in ["a", "b"] { _ = try await world.machine(name, APIWorld.pass) }
        let machine = JSONValue.string(try await world.machine("c", APIWorld.pass))
        for _ in 0..<2 { _ = try await world.closed(try await world.start(machine.stringValue ?? "")) }
        let executions = try await world.ok("ListExecutions", ["stateMachineArn": machine, "maxResults": 1])
        let token = try #require(executions["nextToken"])
        let invalid: JSONValue = ["__type": "InvalidToken", "message": "Invalid Token: 'Invalid token'"]
        #expect(try await world.call("ListStateMachines", ["nextToken": token]).1 == invalid)
        let filtered: JSONValue = ["stateMachineArn": machine, "nextToken": token, "statusFilter": "FAILED"]
        #expect(try await world.call("ListExecutions", filtered).1 == invalid)
        _ = try await world.ok("ListExecutions", ["stateMachineArn": machine, "nextToken": token])
        world.clock.advance(hours: 25)
        #expect(try await world.call("ListExecutions", ["stateMachineArn": machine, "nextToken": token]).1 == invalid)
    }

    @Test("The trace header is kept: the HTTP header's before the body's.")
    func traceHeader() async throws {
        let world = try await APIWorld.open()
        let machine = try await world.machine("wait", APIWorld.wait)
        let body: JSONValue = ["stateMachineArn": .string(machine), "name": "t", "traceHeader": "body"]
        let answer = await world.dispatcher.call(
            operation: "StartExecution", body: .init(bytes: body.bytes), scope: Scope(), caller: .daemon,
            traceHeader: "header")
        #expect(answer.status == 200)
        let execution = "arn:aws:states:us-east-1:000000000000:execution:wait:t"
        let description = try await world.ok("DescribeExecution", ["executionArn": .string(execution)])
        #expect(description["traceHeader"] == "header")
    }
}
