// Evaluations that take long go on beside their shard.

import Core
import Engine
import EngineSupport
import JSON
import States
import Storage
import Testing

@Suite("Slow evaluations")
struct SlowEvaluationTests {
    static let slow =
        #"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":"{% $sum($map([1..20000], function($x){$x})) %}","Next":"B"},"B":{"Type":"Pass","Output":"{% $states.input + 1 %}","End":true}}}"#
    static let endless =
        #"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":"{% ( $f := function(){ $f() }; $f() ) %}","End":true}}}"#

    @Test("An execution with a long evaluation ends with its value, one without an end with an error.")
    func ends() async throws {
        let harness = try await EngineHarness()
        let slow = try await harness.create("slow", Self.slow)
        let endless = try await harness.create("endless", Self.endless)
        let first = try await harness.engine.startExecution(StartExecution(stateMachineARN: slow)).arn
        let second = try await harness.engine.startExecution(StartExecution(stateMachineARN: endless)).arn
        guard case .succeeded(let output) = try await harness.end(of: first).outcome else {
            Issue.record("the slow one did not succeed")
            return
        }
        #expect(output.text == "200010001")
        guard case .failed(let failure) = try await harness.end(of: second).outcome else {
            Issue.record("the endless one did not fail")
            return
        }
        #expect(failure.error == "States.QueryEvaluationError")
        await harness.close()
    }

    @Test("A synchronous execution and a stop find one that is put aside.")
    func others() async throws {
        let harness = try await EngineHarness()
        let express = try await harness.create("express", Self.slow, type: .express)
        let ended = try await harness.engine.startSyncExecution(StartExecution(stateMachineARN: express))
        guard case .succeeded(let output) = ended.outcome else {
            Issue.record("\(ended.outcome)")
            return
        }
        #expect(output.text == "200010001")
        let endless = try await harness.create("endless", Self.endless)
        let arn = try await harness.engine.startExecution(StartExecution(stateMachineARN: endless)).arn
        _ = try await harness.engine.stopExecution(arn: arn, error: "Enough", cause: nil)
        #expect(try await harness.end(of: arn).record.stopDate != nil)
        await harness.close()
    }
}
