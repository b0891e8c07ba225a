// Histories of small machines, event by event.

import Core
import JSON
import States
import Testing

/// The golden sequences of history.md §2, as far as the states of this version go.
@Suite("Histories")
struct HistoryTests {
    static let lambda = #""Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f""#

    static func one(_ state: String) -> String { #"{"StartAt":"S","States":{"S":{\#(state)}}}"# }

    @Test("A Pass enters with previous id 0, exits and ends the execution.")
    func pass() throws {
        let run = try MachineRun(Self.one(#""Type":"Pass","End":true"#), input: #"{ "a" : 1.0 }"#)
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:PassStateEntered 3<2:PassStateExited 4<3:ExecutionSucceeded")
        #expect(run.output == #"{"a":1.0}"#)
        guard case .executionStarted(let started) = run.events[0].kind else {
            Issue.record("no start")
            return
        }
        #expect(started.input.text == #"{ "a" : 1.0 }"#, "the client's own text is kept")
    }

    @Test("A Fail has no Exited.")
    func fail() throws {
        let run = try MachineRun(Self.one(#""Type":"Fail","Error":"E","Cause":"C""#))
        #expect(run.history == "1<0:ExecutionStarted 2<0:FailStateEntered 3<2:ExecutionFailed")
        #expect(run.failure == Failure(error: "E", cause: "C"))
    }

    @Test("A Lambda task is scheduled, started, succeeded, exited.")
    func lambdaTask() throws {
        var run = try MachineRun(Self.one(Self.lambda + #","End":true"#))
        try run.succeed(["ok": true])
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:LambdaFunctionScheduled 4<3:LambdaFunctionStarted 5<4:LambdaFunctionSucceeded 6<5:TaskStateExited 7<6:ExecutionSucceeded"
        )
        #expect(run.output == #"{"ok":true}"#)
    }

    @Test("A service task writes Task events.")
    func serviceTask() throws {
        var run = try MachineRun(
            Self.one(
                #""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"End":true"#
            ))
        try run.succeed(["StatusCode": 200])
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:TaskScheduled 4<3:TaskStarted 5<4:TaskSucceeded 6<5:TaskStateExited 7<6:ExecutionSucceeded"
        )
    }

    @Test("Nothing is recorded between attempts; an exhausted Retrier leaves to the failure.")
    func retry() throws {
        var run = try MachineRun(
            Self.one(
                Self.lambda
                    + #","End":true,"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":2,"MaxAttempts":2,"BackoffRate":3}]"#
            ))
        let begin = run.now
        try run.fail("E", "first")
        #expect(run.execution.nextWake == begin.adding(seconds: 2))
        try run.sleep()
        try run.fail("E", "second")
        #expect(run.execution.nextWake == begin.adding(seconds: 8))
        try run.sleep()
        try run.fail("E", "third")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:LambdaFunctionScheduled 4<3:LambdaFunctionStarted 5<4:LambdaFunctionFailed 6<5:LambdaFunctionScheduled 7<6:LambdaFunctionStarted 8<7:LambdaFunctionFailed 9<8:LambdaFunctionScheduled 10<9:LambdaFunctionStarted 11<10:LambdaFunctionFailed 12<11:ExecutionFailed"
        )
        #expect(run.failure == Failure(error: "E", cause: "third"))
    }

    @Test("A Catcher exits the state with the Error Output at its ResultPath.")
    func `catch`() throws {
        var run = try MachineRun(
            """
            {"StartAt":"S","States":{
              "S":{\(Self.lambda),"OutputPath":"$.no.such.path","End":true,
                   "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"C"}]},
              "C":{"Type":"Succeed"}}}
            """, input: #"{"a":1}"#)
        try run.fail("E", "C")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:LambdaFunctionScheduled 4<3:LambdaFunctionStarted 5<4:LambdaFunctionFailed 6<5:TaskStateExited 7<6:SucceedStateEntered 8<7:SucceedStateExited 9<8:ExecutionSucceeded"
        )
        #expect(run.output == #"{"a":1,"error":{"Error":"E","Cause":"C"}}"#)
    }

    @Test("A task that times out reports States.Timeout without a cause, and its late outcome changes nothing.")
    func taskTimeout() throws {
        var run = try MachineRun(Self.one(Self.lambda + #","TimeoutSeconds":5,"End":true"#))
        let task = try #require(run.execution.openTasks.first?.scheduledEvent)
        try run.sleep()
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:LambdaFunctionScheduled 4<3:LambdaFunctionStarted 5<4:LambdaFunctionTimedOut 6<5:ExecutionFailed"
        )
        #expect(run.failure == Failure(error: "States.Timeout", cause: nil))
        #expect(run.effects.contains(.cancelTask(scheduledEvent: task, hasJob: false)))
        run.take(.taskSucceeded(task: task, output: .emptyObject))
        #expect(run.events.count == 6)
    }

    @Test(
        "A missed heartbeat is caught by its own name and by States.Timeout.",
        arguments: [
            "States.HeartbeatTimeout", "States.Timeout",
        ])
    func heartbeat(name: String) throws {
        var run = try MachineRun(
            """
            {"StartAt":"S","States":{
              "S":{\(Self.lambda),"TimeoutSeconds":50,"HeartbeatSeconds":5,"End":true,
                   "Catch":[{"ErrorEquals":["\(name)"],"Next":"C"}]},
              "C":{"Type":"Succeed"}}}
            """)
        try run.sleep()
        #expect(run.output == #"{"Error":"States.Timeout","Cause":""}"#)
    }

    @Test("The machine's TimeoutSeconds end the execution with one event and previous id 0.")
    func machineTimeout() throws {
        var run = try MachineRun(
            #"{"TimeoutSeconds":3,"StartAt":"S","States":{"S":{"Type":"Wait","Seconds":9,"End":true}}}"#)
        try run.sleep()
        #expect(run.history == "1<0:ExecutionStarted 2<0:WaitStateEntered 3<0:ExecutionTimedOut")
    }

    @Test("Stopping writes ExecutionAborted with previous id 0; a second stop changes nothing.")
    func stop() throws {
        var run = try MachineRun(Self.one(#""Type":"Wait","Seconds":9,"End":true"#))
        run.take(.stop(Failure(error: "E", cause: "C")))
        run.take(.stop(Failure()))
        #expect(run.history == "1<0:ExecutionStarted 2<0:WaitStateEntered 3<0:ExecutionAborted")
        #expect(run.execution.status == .aborted(Failure(error: "E", cause: "C")))
    }

    @Test("A Parallel's Succeeded and Exited point to the last event of the branch that finished last.")
    func parallel() throws {
        var run = try MachineRun(
            """
            {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
              {"StartAt":"A","States":{"A":{\(Self.lambda),"End":true}}},
              {"StartAt":"B","States":{"B":{"Type":"Pass","Result":2,"End":true}}}]}}}
            """)
        try run.succeed(1)
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:ParallelStateEntered 3<2:ParallelStateStarted 4<3:TaskStateEntered 5<4:LambdaFunctionScheduled 6<5:LambdaFunctionStarted 7<3:PassStateEntered 8<7:PassStateExited 9<6:LambdaFunctionSucceeded 10<9:TaskStateExited 11<10:ParallelStateSucceeded 12<10:ParallelStateExited 13<12:ExecutionSucceeded"
        )
        #expect(run.output == "[1,2]")
    }

    @Test("A failing task in a branch aborts itself and its siblings, then fails the Parallel.")
    func parallelFailure() throws {
        var run = try MachineRun(
            """
            {"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"Z","Catch":[{"ErrorEquals":["E"],"Next":"Z"}],
              "Branches":[
                {"StartAt":"A","States":{"A":{\(Self.lambda),"End":true}}},
                {"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":9,"End":true}}}]},
              "Z":{"Type":"Succeed"}}}
            """)
        try run.fail("E", "C")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:ParallelStateEntered 3<2:ParallelStateStarted 4<3:TaskStateEntered 5<4:LambdaFunctionScheduled 6<5:LambdaFunctionStarted 7<3:WaitStateEntered 8<6:LambdaFunctionFailed 9<8:TaskStateAborted 10<8:WaitStateAborted 11<8:ParallelStateFailed 12<11:ParallelStateExited 13<12:SucceedStateEntered 14<13:SucceedStateExited 15<14:ExecutionSucceeded"
        )
    }

    @Test("A Parallel that is retried starts again behind the failing event, without Failed or Entered.")
    func parallelRetry() throws {
        var run = try MachineRun(
            """
            {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,
              "Retry":[{"ErrorEquals":["E"],"IntervalSeconds":1,"MaxAttempts":1}],
              "Branches":[{"StartAt":"A","States":{"A":{\(Self.lambda),"End":true}}}]}}}
            """)
        try run.fail("E")
        try run.sleep()
        try run.fail("E")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:ParallelStateEntered 3<2:ParallelStateStarted 4<3:TaskStateEntered 5<4:LambdaFunctionScheduled 6<5:LambdaFunctionStarted 7<6:LambdaFunctionFailed 8<7:TaskStateAborted 9<7:ParallelStateStarted 10<9:TaskStateEntered 11<10:LambdaFunctionScheduled 12<11:LambdaFunctionStarted 13<12:LambdaFunctionFailed 14<13:TaskStateAborted 15<13:ParallelStateFailed 16<15:ExecutionFailed"
        )
    }

    @Test("A Fail state in a branch fails the Parallel behind its Entered.")
    func parallelFail() throws {
        let run = try MachineRun(
            """
            {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,
              "Branches":[{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E"}}}]}}}
            """)
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:ParallelStateEntered 3<2:ParallelStateStarted 4<3:FailStateEntered 5<4:ParallelStateFailed 6<5:ExecutionFailed"
        )
    }

    @Test("An interpreter's error in a branch ends the execution at once: States.Runtime is caught by nobody.")
    func runtimeErrorInBranch() throws {
        let run = try MachineRun(
            """
            {"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,
              "Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],
              "Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"$.X","End":true}}}]},
              "Z":{"Type":"Succeed"}}}
            """)
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:ParallelStateEntered 3<2:ParallelStateStarted 4<3:PassStateEntered 5<4:ExecutionFailed"
        )
        #expect(
            run.failure
                == Failure(
                    error: "States.Runtime",
                    cause:
                        "An error occurred while executing the state 'A' (entered at the event id #4). Invalid path '$.X' : No results for path: $['X']"
                ))
    }

    @Test("The last event that a history may hold is the failure.")
    func historyLimit() throws {
        var limits = Limits()
        limits.language.historyEvents = 10
        let run = try MachineRun(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"E"}],"Default":"A"},"E":{"Type":"Succeed"}}}"#,
            limits: limits)
        #expect(run.events.count == 10)
        #expect(run.events.last?.previous == 9)
        #expect(
            run.failure
                == Failure(
                    error: "States.Runtime",
                    cause: "The execution reached the maximum number of history events (10)."))
    }

    @Test("A turn's budget cuts a loop off where a state would be entered, and the next turn goes on.")
    func turnBudget() throws {
        var limits = Limits()
        limits.turn.events = 7
        limits.language.historyEvents = 100
        var run = try MachineRun(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","Next":"D"},"D":{"Type":"Pass","End":true}}}"#,
            limits: limits)
        #expect(run.events.count == 7)
        #expect(run.execution.hasWork)
        run.take(.proceed)
        #expect(run.output == "{}")
        #expect(!run.execution.hasWork)
    }
}
