// `startExecution.sync`: the parent ends with its child, stops it, and finds it again after a restart.

import Core
import Engine
import EngineSupport
import JSON
import States
import Storage
import Testing

@Suite("Nested executions")
struct NestedExecutionTests {
    static let waiting = #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":600,"End":true}}}"#

    static func parent(_ pattern: String, _ child: String) -> String {
        let fields = #","Parameters":{"StateMachineArn":"\#(child)","Name":"child","Input":{"a":1}}"#
        return ActivityTests.machine("arn:aws:states:::states:startExecution\(pattern)", fields)
    }

    private func child(_ harness: EngineHarness) async throws -> String {
        let arn = "arn:aws:states:us-east-1:000000000000:execution:c:child"
        while true {
            do throws(ServiceError) {
                _ = try await harness.engine.describeExecution(arn: arn)
                return arn
            } catch { await Task.yield() }
        }
    }

    @Test(
        "The child's output is a string with .sync and JSON with .sync:2.",
        arguments: [(".sync", #""{\"a\":1}""#), (".sync:2", #"{"a":1}"#)])
    func output(pattern: String, output: String) async throws {
        let harness = try await EngineHarness()
        let child = try await harness.create("c", EngineTests.pass)
        let parent = try await harness.create("p", Self.parent(pattern, child))
        let started = try await harness.engine.startExecution(StartExecution(stateMachineARN: parent))
        guard case .succeeded(let payload) = try await harness.end(of: started.arn).outcome else {
            Issue.record("the parent has not succeeded")
            return
        }
        #expect(payload.value["Output"]?.text == output)
        #expect(payload.value["Status"] == "SUCCEEDED")
        #expect(payload.value["RedriveStatus"] == "NOT_REDRIVABLE" && payload.value["RedriveCount"] == 0)
        #expect(payload.value["RedriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven")
        await harness.close()
    }

    @Test("Executions that start one another do so to a bounded depth; beyond it the task fails.")
    func depth() async throws {
        var limits = Limits()
        limits.language.nestedDepth = 3
        let harness = try await EngineHarness(limits: limits)
        let arn = harness.engine.configuration.scope.stateMachineARN("m")
        let machine = try await harness.create(
            "m",
            #"{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution","Parameters":{"StateMachineArn":"\#(arn)"},"End":true}}}"#
        )
        _ = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine))
        var executions: [ExecutionRecord] = []
        while executions.isEmpty || executions.contains(where: { $0.status == .running }) || executions.count < 4 {
            executions = try await harness.engine.listExecutions(
                machineARN: machine, status: nil, after: nil, limit: 100
            ).executions
            await Task.yield()
        }
        #expect(executions.count == 4)
        let failed = try #require(executions.first { $0.status == .failed })
        let description = try await harness.engine.describeExecution(
            arn: "arn:aws:states:us-east-1:000000000000:execution:m:\(failed.name)")
        guard case .failed(let failure) = description.outcome else {
            Issue.record("\(description.outcome)")
            return
        }
        #expect(failure.error == "StepFunctions.ExecutionLimitExceeded")
        await harness.close()
    }

    @Test("A child that fails fails the task with States.TaskFailed and its description as the cause.")
    func failure() async throws {
        let harness = try await EngineHarness()
        let child = try await harness.create(
            "c", #"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"C"}}}"#)
        let parent = try await harness.create("p", Self.parent(".sync:2", child))
        let started = try await harness.engine.startExecution(StartExecution(stateMachineARN: parent))
        guard case .failed(let failure) = try await harness.end(of: started.arn).outcome else {
            Issue.record("the parent has not failed")
            return
        }
        #expect(failure.error == "States.TaskFailed")
        let cause = try JSONValue.parse(failure.cause ?? "")
        #expect(cause["Error"] == "E" && cause["Cause"] == "C" && cause["Status"] == "FAILED")
        #expect(cause["RedriveStatus"] == "REDRIVABLE" && cause["RedriveStatusReason"] == nil)
        await harness.close()
    }

    @Test("Stopping the parent stops the child.")
    func stop() async throws {
        let harness = try await EngineHarness()
        let machine = try await harness.create("c", Self.waiting)
        let parent = try await harness.create("p", Self.parent(".sync", machine))
        let started = try await harness.engine.startExecution(StartExecution(stateMachineARN: parent))
        let child = try await child(harness)
        _ = try await harness.engine.stopExecution(arn: started.arn, error: nil, cause: nil)
        guard case .aborted(let failure) = try await harness.end(of: child).outcome else {
            Issue.record("the child has not been stopped")
            return
        }
        #expect(failure.cause?.contains("[\(started.arn)] which was managing this resource was aborted") == true)
        await harness.close()
    }

    @Test("A parent finds its child's end after a restart.")
    func restart() async throws {
        let first = try await EngineHarness()
        let machine = try await first.create("c", Self.waiting)
        let parent = try await first.create("p", Self.parent(".sync", machine))
        let started = try await first.engine.startExecution(StartExecution(stateMachineARN: parent))
        let child = try await child(first)
        await first.close(keepFolder: true)
        let second = try await EngineHarness(folder: first.folder)
        _ = try await second.engine.stopExecution(arn: child, error: "Enough", cause: nil)
        guard case .failed(let failure) = try await second.end(of: started.arn).outcome else {
            Issue.record("the parent has not failed")
            return
        }
        #expect(try JSONValue.parse(failure.cause ?? "")["Error"] == "Enough")
        await second.close()
    }

    @Test("An Express child is not waited for.")
    func express() async throws {
        let harness = try await EngineHarness()
        let child = try await harness.create("c", EngineTests.pass, type: .express)
        let parent = try await harness.create("p", Self.parent(".sync", child))
        let started = try await harness.engine.startExecution(StartExecution(stateMachineARN: parent))
        guard case .failed(let failure) = try await harness.end(of: started.arn).outcome else {
            Issue.record("the parent has not failed")
            return
        }
        #expect(failure.error == "StepFunctions.StateMachineTypeNotSupportedException")
        await harness.close()
    }

    @Test(
        "A machine of another account or region is not there for an execution.",
        arguments: [("eu-west-1", "000000000000"), ("us-east-1", "123456789012")])
    func foreign(region: String, account: String) async throws {
        let harness = try await EngineHarness()
        let child = try await harness.engine.createStateMachine(
            CreateStateMachine(
                name: "c", definition: EngineTests.pass, roleARN: "arn:aws:iam::000000000000:role/r", type: .standard,
                loggingConfiguration: "{}", tracingConfiguration: "{}", encryptionConfiguration: "{}", tags: "[]",
                scope: Scope(region: region, account: account))
        ).entry.record.arn
        let parent = try await harness.create("p", Self.parent("", child))
        let started = try await harness.engine.startExecution(StartExecution(stateMachineARN: parent))
        guard case .failed(let failure) = try await harness.end(of: started.arn).outcome else {
            Issue.record("the parent has not failed")
            return
        }
        #expect(failure.error == "StepFunctions.StateMachineDoesNotExistException")
        await harness.close()
    }
}
