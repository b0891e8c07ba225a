// Express executions in the engine: what stays of them, and what survives the process.

import Dispatch
import Engine
import EngineSupport
import Functions
import JSON
import States
import Testing

@Suite("Express executions")
struct ExpressTests {
    static let task =
        #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true}}}"#

    @Test("An asynchronous execution that has ended leaves nothing in the store.")
    func nothingStays() async throws {
        let harness = try await EngineHarness(functions: [InProcessFunction(name: "f") { input, _ in input }])
        let machine = try await harness.create("m", Self.task, type: .express)
        for _ in 0..<20 { _ = try await harness.engine.startExecution(StartExecution(stateMachineARN: machine)) }
        while harness.logged.count(where: { $0 == "ExecutionSucceeded" }) < 20 { await harness.engine.ping() }
        await harness.engine.ping()
        #expect(try harness.executionCounts().values.reduce(0, +) == 0)
        await harness.close()
    }

    @Test("An asynchronous execution that was accepted goes on in the next process.")
    func survives() async throws {
        let gate = DispatchSemaphore(value: 0)
        let first = try await EngineHarness(
            functions: [
                InProcessFunction(name: "f") { input, _ in
                    gate.wait()
                    return input
                }
            ])
        let machine = try await first.create("m", Self.task, type: .express)
        _ = try await first.engine.startExecution(StartExecution(stateMachineARN: machine))
        await first.close(keepFolder: true)
        gate.signal()
        let second = try await EngineHarness(
            folder: first.folder, functions: [InProcessFunction(name: "f") { input, _ in input }])
        while !second.logged.contains("ExecutionSucceeded") { await second.engine.ping() }
        await second.engine.ping()
        #expect(try second.executionCounts().values.reduce(0, +) == 0)
        await second.close()
    }

    @Test("Who waits for an execution when the engine stops is told so.")
    func waiterIsTold() async throws {
        let gate = DispatchSemaphore(value: 0)
        let harness = try await EngineHarness(
            functions: [
                InProcessFunction(name: "f") { input, _ in
                    gate.wait()
                    return input
                }
            ])
        let machine = try await harness.create("m", Self.task, type: .express)
        let engine = harness.engine
        let ended = Task {
            do throws(ServiceError) {
                _ = try await engine.startSyncExecution(StartExecution(stateMachineARN: machine))
                return nil as ServiceError?
            } catch { return error }
        }
        while harness.engine.tasksOut == 0 { await harness.engine.ping() }
        await harness.close()
        gate.signal()
        #expect(await ended.value == .shuttingDown)
    }
}
