// RedriveExecution in the interpreter: what goes on, what is done again, what stays (api.md §3, Redrive).

import Core
import JSON
import States
import Testing

@Suite("Redrive")
struct RedriveTests {
    static let task = HistoryTests.one(HistoryTests.lambda + #","End":true"#)
    static let start = "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:LambdaFunctionScheduled 4<3:LambdaFunctionStarted"

    @Test("A failed task is let out again without being entered again, twice in a row.")
    func failedTask() throws {
        var run = try MachineRun(Self.task)
        try run.fail("Broken")
        run.take(.redrive(clientToken: "a"))
        try run.fail("Broken")
        run.take(.redrive(clientToken: nil))
        try run.succeed(7)
        #expect(
            run.history == Self.start + """
                 5<4:LambdaFunctionFailed 6<5:ExecutionFailed 7<6:ExecutionRedriven 8<7:LambdaFunctionScheduled \
                9<8:LambdaFunctionStarted 10<9:LambdaFunctionFailed 11<10:ExecutionFailed 12<11:ExecutionRedriven \
                13<12:LambdaFunctionScheduled 14<13:LambdaFunctionStarted 15<14:LambdaFunctionSucceeded \
                16<15:TaskStateExited 17<16:ExecutionSucceeded
                """)
        #expect(run.output == "7")
        #expect(run.execution.redrives.map(\.clientToken) == ["a", nil])
    }

    @Test("An execution that runs or has succeeded is not redriven.")
    func notRedrivable() throws {
        var run = try MachineRun(Self.task)
        run.take(.redrive(clientToken: nil))
        #expect(run.history == Self.start)
        try run.succeed()
        let ended = run.history
        run.take(.redrive(clientToken: nil))
        #expect(run.history == ended)
    }

    @Test("Retriers begin anew.")
    func retries() throws {
        let retry = #","Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":1}],"End":true"#
        var run = try MachineRun(HistoryTests.one(HistoryTests.lambda + retry))
        for _ in 0..<2 {
            try run.fail("Broken")
            try run.sleep()
            try run.fail("Broken")
            #expect(run.failure?.error == "Broken")
            run.take(.redrive(clientToken: nil))
        }
        #expect(run.execution.openTasks.count == 1)
    }

    @Test("A Fail state is entered again and fails again.")
    func failState() throws {
        var run = try MachineRun(HistoryTests.one(#""Type":"Fail","Error":"E""#))
        run.take(.redrive(clientToken: nil))
        #expect(
            run.history == """
                1<0:ExecutionStarted 2<0:FailStateEntered 3<2:ExecutionFailed 4<3:ExecutionRedriven \
                5<4:FailStateEntered 6<5:ExecutionFailed
                """)
    }

    @Test("A Parallel goes on with the branches that had not ended; what has succeeded stays.")
    func parallel() throws {
        func branch(_ name: String) -> String {
            #"{"StartAt":"\#(name)","States":{"\#(name)":{\#(HistoryTests.lambda),"End":true}}}"#
        }
        var run = try MachineRun(
            HistoryTests.one(
                #""Type":"Parallel","End":true,"Branches":[\#(branch("A")),\#(branch("B")),\#(branch("C"))]"#))
        try run.succeed("first")
        try run.fail("Broken")
        #expect(run.failure?.error == "Broken")
        run.take(.redrive(clientToken: nil))
        #expect(run.execution.openTasks.count == 2)
        try run.succeed("second")
        try run.succeed("third")
        #expect(run.output == #"["first","second","third"]"#)
    }

    @Test("A Map goes on with the iterations that had failed, were cut off or had not begun.")
    func map() throws {
        let body = #"{"StartAt":"T","States":{"T":{\#(HistoryTests.lambda),"End":true}}}"#
        var run = try MachineRun(
            HistoryTests.one(#""Type":"Map","MaxConcurrency":2,"End":true,"ItemProcessor":\#(body)"#), input: "[1,2,3]")
        try run.succeed("a")
        try run.fail("Broken")
        #expect(run.failure?.error == "Broken")
        run.take(.redrive(clientToken: nil))
        while run.output == nil { try run.succeed(.string("later")) }
        #expect(run.output == #"["a","later","later"]"#)
        #expect(run.events.filter { $0.kind.history.typeName == "MapIterationStarted" }.count == 3)
    }

    @Test("A stopped Wait is entered again and waits again.")
    func wait() throws {
        var run = try MachineRun(HistoryTests.one(#""Type":"Wait","Seconds":5,"End":true"#))
        run.take(.stop(Failure(error: "Stop", cause: nil)))
        run.take(.redrive(clientToken: nil))
        try run.sleep()
        #expect(
            run.history == """
                1<0:ExecutionStarted 2<0:WaitStateEntered 3<0:ExecutionAborted 4<3:ExecutionRedriven \
                5<4:WaitStateEntered 6<5:WaitStateExited 7<6:ExecutionSucceeded
                """)
    }

    @Test("The clock of the machine's TimeoutSeconds begins anew.")
    func timeout() throws {
        let definition = #"{"TimeoutSeconds":10,"StartAt":"S","States":{"S":{\#(HistoryTests.lambda),"End":true}}}"#
        var run = try MachineRun(definition)
        try run.sleep()
        #expect(run.events.last?.kind.history.typeName == "ExecutionTimedOut")
        run.now = run.now.adding(seconds: 100)
        run.take(.redrive(clientToken: nil))
        #expect(run.execution.nextWake == run.now.adding(seconds: 10))
        try run.succeed()
        #expect(run.output == "{}")
    }

    @Test("A state that failed behind its task's success is entered again, with variables as they were.")
    func behindTheTask() throws {
        var run = try MachineRun(
            """
            {"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"v":1},"Next":"S"},
              "S":{\(HistoryTests.lambda),"OutputPath":"$.missing","End":true}}}
            """)
        try run.succeed()
        #expect(run.failure?.error == "States.Runtime")
        run.take(.redrive(clientToken: nil))
        #expect(
            run.events.suffix(3).map(\.kind.history.typeName) == [
                "TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted",
            ])
        try run.succeed(["missing": 5])
        #expect(run.output == "5")
    }

    @Test("The context object tells of the redrive.")
    func context() throws {
        let fields =
            #","ResultSelector":{"count.$":"$$.Execution.RedriveCount","time.$":"$$.Execution.RedriveTime"},"End":true"#
        var run = try MachineRun(HistoryTests.one(HistoryTests.lambda + fields))
        try run.fail("Broken")
        run.take(.redrive(clientToken: nil))
        try run.succeed()
        #expect(run.output == #"{"count":1,"time":"2023-11-14T22:13:20.000Z"}"#)
    }
}
