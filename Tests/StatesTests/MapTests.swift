// Inline Maps: histories, order, concurrency, failures (language.md §4, Map; history.md §2).

import Core
import JSON
import States
import Testing

@Suite("Map")
struct MapTests {
    static let lambda = #""Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f""#

    static func map(_ fields: String, _ inner: String = #""Type":"Pass","End":true"#) -> String {
        #"{"StartAt":"M","States":{"M":{"Type":"Map",\#(fields)"End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{\#(inner)}}}}}}"#
    }

    @Test("One at a time: the next Started points before the last Succeeded, the Map's end to the last Succeeded.")
    func sequential() throws {
        let run = try MachineRun(Self.map(#""MaxConcurrency":1,"#), input: "[1,2]")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:MapStateEntered 3<2:MapStateStarted 4<3:MapIterationStarted 5<4:PassStateEntered 6<5:PassStateExited 7<6:MapIterationSucceeded 8<6:MapIterationStarted 9<8:PassStateEntered 10<9:PassStateExited 11<10:MapIterationSucceeded 12<11:MapStateSucceeded 13<11:MapStateExited 14<13:ExecutionSucceeded"
        )
        #expect(run.output == "[1,2]")
    }

    @Test("Without a limit every iteration is started first, and each chains from its own Started.")
    func unlimited() throws {
        let run = try MachineRun(Self.map(""), input: "[1,2]")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:MapStateEntered 3<2:MapStateStarted 4<3:MapIterationStarted 5<3:MapIterationStarted 6<4:PassStateEntered 7<6:PassStateExited 8<7:MapIterationSucceeded 9<5:PassStateEntered 10<9:PassStateExited 11<10:MapIterationSucceeded 12<11:MapStateSucceeded 13<11:MapStateExited 14<13:ExecutionSucceeded"
        )
    }

    @Test("A Map over nothing succeeds with nothing.")
    func empty() throws {
        let run = try MachineRun(Self.map(""), input: "[]")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:MapStateEntered 3<2:MapStateStarted 4<3:MapStateSucceeded 5<3:MapStateExited 6<5:ExecutionSucceeded"
        )
        #expect(run.output == "[]")
    }

    @Test("Outputs stand in item order, whichever task ends first; no more run at once than MaxConcurrency.")
    func concurrency() throws {
        var run = try MachineRun(Self.map(#""MaxConcurrency":2,"#, Self.lambda + #","End":true"#), input: "[0,1,2,3]")
        #expect(run.execution.openTasks.map(\.scheduled.input.text) == ["0", "1"])
        while run.execution.status == .running {
            #expect(run.execution.openTasks.count <= 2)
            let task = try #require(run.execution.openTasks.last)
            run.take(.taskSucceeded(task: task.scheduledEvent, output: Payload(.string(task.scheduled.input.text))))
        }
        #expect(run.output == #"["0","1","2","3"]"#)
    }

    @Test("AWS's forty at once hold where MaxConcurrency asks for more or for none; the limit can be raised.")
    func fortyAtOnce() throws {
        let items = "[" + (0..<100).map(String.init).joined(separator: ",") + "]"
        for field in ["", #""MaxConcurrency":70,"#] {
            let run = try MachineRun(Self.map(field, Self.lambda + #","End":true"#), input: items)
            #expect(run.execution.openTasks.count == 40)
        }
        var limits = Limits()
        limits.language.mapConcurrency = 60
        let run = try MachineRun(Self.map("", Self.lambda + #","End":true"#), input: items, limits: limits)
        #expect(run.execution.openTasks.count == 60)
    }

    @Test("ItemSelector sees the Map's input and the item, and an iteration sees its item in the context object.")
    func itemSelector() throws {
        let run = try MachineRun(
            Self.map(
                #""ItemsPath":"$.list","ItemSelector":{"all.$":"$.name","i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"},"#,
                #""Type":"Pass","Parameters":{"in.$":"$","again.$":"$$.Map.Item.Value"},"End":true"#),
            input: #"{"name":"n","list":["a"]}"#)
        #expect(run.output == #"[{"in":{"all":"n","i":0,"v":"a"},"again":"a"}]"#)
    }

    @Test("Iterator and Parameters are the older names of ItemProcessor and ItemSelector.")
    func legacy() throws {
        let run = try MachineRun(
            #"{"StartAt":"M","States":{"M":{"Type":"Map","Parameters":{"v.$":"$$.Map.Item.Value"},"End":true,"Iterator":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}}}}"#,
            input: "[7]")
        #expect(run.output == #"[{"v":7}]"#)
    }

    @Test("A failing iteration fails the Map; a Catcher gets its error.")
    func failure() throws {
        let failing = Self.map("", #""Type":"Fail","Error":"E","Cause":"C""#)
        let run = try MachineRun(failing, input: "[1]")
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:MapStateEntered 3<2:MapStateStarted 4<3:MapIterationStarted 5<4:FailStateEntered 6<5:MapIterationFailed 7<5:MapStateFailed 8<7:ExecutionFailed"
        )
        #expect(run.failure == Failure(error: "E", cause: "C"))
        let caught = try MachineRun(
            #"{"StartAt":"M","States":{"M":{"Type":"Map","Catch":[{"ErrorEquals":["E"],"Next":"Z"}],"End":true,"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Fail","Error":"E","Cause":"C"}}}},"Z":{"Type":"Succeed"}}}"#,
            input: "[1]")
        #expect(caught.output == #"{"Error":"E","Cause":"C"}"#)
    }

    @Test("Siblings of a failing iteration are aborted, each with its own events; their tasks are cancelled.")
    func siblings() throws {
        var run = try MachineRun(Self.map("", Self.lambda + #","End":true"#), input: "[0,1]")
        let first = run.events.count
        let sibling = try #require(run.execution.openTasks.last).scheduledEvent
        try run.fail("E")
        let tail = run.events[first...].map { "\($0.id)<\($0.previous):\($0.kind.history.typeName)" }.joined(
            separator: " ")
        #expect(
            tail
                == "12<8:LambdaFunctionFailed 13<12:MapIterationFailed 14<12:TaskStateAborted 15<12:MapIterationAborted 16<12:TaskStateAborted 17<12:MapStateFailed 18<17:ExecutionFailed"
        )
        #expect(run.effects.contains(.cancelTask(scheduledEvent: sibling, hasJob: false)))
    }

    @Test("A retry runs the whole Map again, without a second Entered.")
    func retry() throws {
        var run = try MachineRun(
            Self.map(
                #""Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"#, #""Type":"Fail","Error":"E""#),
            input: "[1]")
        try run.sleep()
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:MapStateEntered 3<2:MapStateStarted 4<3:MapIterationStarted 5<4:FailStateEntered 6<5:MapIterationFailed 7<5:MapStateStarted 8<7:MapIterationStarted 9<8:FailStateEntered 10<9:MapIterationFailed 11<9:MapStateFailed 12<11:ExecutionFailed"
        )
    }

    @Test("Maps and Parallels nest, and names of items do not get mixed up.")
    func nested() throws {
        let run = try MachineRun(
            #"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"N","States":{"N":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Parameters":{"v.$":"$$.Map.Item.Value"}}}},{"StartAt":"B","States":{"B":{"Type":"Pass","End":true,"Parameters":{"i.$":"$$.Map.Item.Index"}}}}]}}}}}}}}}"#,
            input: "[[1,2],[],[3]]")
        #expect(run.output == #"[[[{"v":1},{"i":0}],[{"v":2},{"i":1}]],[],[[{"v":3},{"i":0}]]]"#)
    }

    @Test(
        "What the items or numbers of a Map may not be is States.Runtime in AWS's words.",
        arguments: [
            (#""ItemsPath":"$.x","#, #"{"x":1}"#, #"Reference path "$.x" must point to array."#),
            ("", "{}", #"Reference path "$" must point to array."#),
            (
                #""ItemsPath":"$.l","MaxConcurrencyPath":"$.n","#, #"{"l":[],"n":{}}"#,
                #"The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.n"#
            ),
            (
                #""ItemsPath":"$.l","ToleratedFailureCountPath":"$.n","#, #"{"l":[],"n":-1}"#,
                "ToleratedFailureCount cannot be negative."
            ),
            (
                #""ItemsPath":"$.l","ToleratedFailurePercentagePath":"$.n","#, #"{"l":[],"n":101}"#,
                "ToleratedFailurePercentage must be between 0 and 100."
            ),
        ])
    func refusals(fields: String, input: String, cause: String) throws {
        let run = try MachineRun(Self.map(fields), input: input)
        #expect(run.failure?.error == "States.Runtime")
        let prefix = "An error occurred while executing the state 'M' (entered at the event id #2). "
        #expect(run.failure?.cause == prefix + cause)
    }

    @Test("A turn's budget cuts a long Map, which goes on where it was cut.")
    func budget() throws {
        var limits = Limits()
        limits.turn.events = 10
        let items = "[" + (0..<50).map(String.init).joined(separator: ",") + "]"
        var run = try MachineRun(Self.map(""), input: items, limits: limits)
        while run.execution.hasWork { run.take(.proceed) }
        #expect(run.output == items)
    }
}
