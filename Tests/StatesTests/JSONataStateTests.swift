// JSONata states: the way of data, failed evaluations in the history, and evaluations that take long.

import Core
import JSON
import States
import Testing

@Suite("JSONata states")
struct JSONataStateTests {
    static func one(_ state: String) -> String {
        #"{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{\#(state)},"Z":{"Type":"Succeed"}}}"#
    }

    @Test("Arguments go in, Output comes out, Assign sees the result; keys that end in .$ are plain.")
    func dataFlow() throws {
        var run = try MachineRun(
            #"{"QueryLanguage":"JSONata","StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Arguments":{"x.$":"$.a","y":"{% $states.input.a + 1 %}"},"Assign":{"v":"{% $states.result.v %}"},"Output":{"sum":"{% $states.result.v + $states.input.a %}","name":"{% $states.context.State.Name %}"},"Next":"P"},"P":{"Type":"Pass","Output":["{% $v %}"," {% $v %} ","{% $states.input.sum %}"],"End":true}}}"#,
            input: #"{"a":1}"#)
        #expect(run.execution.openTasks.first?.scheduled.input.text == #"{"x.$":"$.a","y":2}"#)
        try run.succeed(["v": 10])
        #expect(run.output == #"[10," {% $v %} ",11]"#)
    }

    @Test("A failed evaluation points to where Entered points, and fails the execution.")
    func failedEvaluation() throws {
        let run = try MachineRun(Self.one(#""Type":"Pass","Output":"{% $nope %}","Next":"Z""#))
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:PassStateEntered 3<0:EvaluationFailed 4<3:ExecutionFailed")
        #expect(run.failure?.error == "States.QueryEvaluationError")
        guard case .evaluationFailed(let failed) = run.events[2].kind else {
            Issue.record("no EvaluationFailed")
            return
        }
        #expect(failed.location == "Output")
        #expect(
            failed.failure.cause
                == "An error occurred while executing the state 'S' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Output' returned nothing (undefined)."
        )
    }

    @Test("A Wait's failed evaluation points to its Entered; a Map's is followed by MapStateFailed.")
    func places() throws {
        let wait = try MachineRun(Self.one(#""Type":"Wait","Timestamp":"{% 'soon' %}","Next":"Z""#))
        #expect(
            wait.history
                == "1<0:ExecutionStarted 2<0:WaitStateEntered 3<2:EvaluationFailed 4<3:ExecutionFailed")
        let map = try MachineRun(
            Self.one(
                #""Type":"Map","Items":"{% 1 %}","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"Next":"Z""#
            ))
        #expect(
            map.history
                == "1<0:ExecutionStarted 2<0:MapStateEntered 3<0:EvaluationFailed 4<3:MapStateFailed 5<4:ExecutionFailed"
        )
        #expect(map.failure?.cause?.hasSuffix("Expected 'array', but was 'number' for value: 1") == true)
    }

    @Test("A Catcher takes a failed evaluation, with an Output and an Assign of its own.")
    func caught() throws {
        let run = try MachineRun(
            #"{"QueryLanguage":"JSONata","StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Arguments":"{% $error('stop') %}","Catch":[{"ErrorEquals":["States.QueryEvaluationError"],"Output":{"e":"{% $states.errorOutput.Error %}"},"Assign":{"c":"{% $states.errorOutput.Cause %}"},"Next":"P"}],"Next":"P"},"P":{"Type":"Pass","Output":{"in":"{% $states.input %}","has":"{% $contains($c, 'stop') %}"},"End":true}}}"#
        )
        #expect(run.output == #"{"in":{"e":"States.QueryEvaluationError"},"has":true}"#)
    }

    @Test("An ItemSelector that fails while tasks are out cancels them.")
    func selectorFails() throws {
        let run = try MachineRun(
            Self.one(
                #""Type":"Map","Items":[1,2],"ItemSelector":{"x":"{% $states.context.Map.Item.Index = 1 ? $error('no') : 1 %}"},"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true}}},"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z""#
            ))
        #expect(run.execution.openTasks.isEmpty)
        #expect(run.output?.contains("States.QueryEvaluationError") == true)
    }

    @Test("An evaluation that wants more than quick steps is left for later, and done with patience.")
    func patience() throws {
        let text = Self.one(#""Type":"Pass","Output":"{% $sum($map([1..20000], function($x){$x})) %}","Next":"Z""#)
        let (machine, _) = StateMachine.compile(text, type: .standard)
        let compiled = try #require(machine)
        var execution = Execution(
            Execution.Identity(id: 1, arn: "a", name: "e", machineARN: "m", machineName: "m"))
        let now = Timestamp(milliseconds: 1)
        let start = Stimulus.start(input: .emptyObject, roleARN: "r", seed: 1)
        let first = advance(&execution, start, machine: compiled, now: now, patience: .quick)
        #expect(first.needsPatience)
        #expect(first.events.map(\.kind.history.typeName) == ["ExecutionStarted", "PassStateEntered"])
        #expect(execution.hasWork)
        let second = advance(&execution, .proceed, machine: compiled, now: now, patience: .full)
        #expect(!second.needsPatience)
        // The state has used up what a turn may spend.
        _ = advance(&execution, .proceed, machine: compiled, now: now, patience: .quick)
        guard case .succeeded(let output) = execution.status else {
            Issue.record("\(execution.status)")
            return
        }
        #expect(output.text == "200010000")
    }

    @Test(
        "What AWS refuses in an expression is refused with its code and place.",
        arguments: [
            (#""{% [1 %}""#, "INVALID_JSONATA_EXPRESSION"), (#""{% phone %}""#, "UNSUPPORTED_JSONATA_EXPRESSION"),
            (#""{% $$ %}""#, "UNSUPPORTED_JSONATA_EXPRESSION"),
            (#""{% $states.result %}""#, "UNSUPPORTED_JSONATA_EXPRESSION"),
            (#""{% $states.errorOutput %}""#, "UNSUPPORTED_JSONATA_EXPRESSION"),
        ])
    func refused(output: String, code: String) {
        let text = Self.one(#""Type":"Pass","Output":\#(output),"Next":"Z""#)
        let (machine, diagnostics) = StateMachine.compile(text, type: .standard)
        #expect(machine == nil)
        #expect(diagnostics.map(\.code.rawValue) == [code])
        #expect(diagnostics.map(\.location) == ["/States/S/Output"])
    }
}
