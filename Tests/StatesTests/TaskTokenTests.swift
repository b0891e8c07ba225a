// Tasks that others end: activities, tokens, heartbeats, jobs (language.md §4, Task; history.md §2).

import Core
import JSON
import States
import Testing

@Suite("Task tokens and activities")
struct TaskTokenTests {
    static let activity = "arn:aws:states:us-east-1:000000000000:activity:a"
    static let invoke = "arn:aws:states:::lambda:invoke.waitForTaskToken"

    static func task(_ resource: String, _ fields: String = "") -> String {
        HistoryTests.one(#""Type":"Task","Resource":"\#(resource)"\#(fields),"End":true"#)
    }

    private func activityRun(_ fields: String = "") throws -> MachineRun {
        try MachineRun(
            Self.task(Self.activity, fields), surroundings: Surroundings(activities: [CodeUnits(Self.activity)]))
    }

    @Test("A token names its attempt; a forged one, one of another key and any other text name nothing.")
    func tokens() throws {
        let tokens = TaskTokens(secret: "s")
        let task = TaskID(execution: 1 << 40 | 17, scheduledEvent: 24_999)
        let token = tokens.token(of: task)
        #expect(tokens.task(of: token) == task)
        #expect(TaskTokens(secret: "t").task(of: token) == nil)
        for index in token.indices {
            var forged = token
            forged.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            #expect(tokens.task(of: forged) == nil || forged.dropLast(2) == token.dropLast(2))
        }
        for text in ["", "x", "AAAA", String(token.dropLast(4)), token + token] {
            #expect(tokens.task(of: text) == nil)
        }
    }

    @Test("Parameters see the token of the very attempt; other tasks have none.")
    func contextToken() throws {
        let tokens = TaskTokens(secret: "s")
        let fields = #","Parameters":{"FunctionName":"f","Payload":{"t.$":"$$.Task.Token"}}"#
        let run = try MachineRun(Self.task(Self.invoke, fields), surroundings: Surroundings(tokens: tokens))
        let open = try #require(run.execution.openTasks.first)
        let token = try #require(open.scheduled.input.value["Payload"]?["t"]?.stringValue)
        #expect(tokens.task(of: token) == TaskID(execution: 1, scheduledEvent: open.scheduledEvent))
        let plain = try MachineRun(Self.task("arn:aws:states:::lambda:invoke", fields))
        #expect(plain.failure?.error == "States.Runtime")
    }

    @Test("A task that waits for its token goes on behind the action's answer, and ends with what is sent.")
    func submitted() throws {
        var run = try MachineRun(Self.task(Self.invoke, #","Parameters":{"FunctionName":"f"}"#))
        run.take(.taskSubmitted(task: 3, output: Payload(["StatusCode": 200])))
        run.take(.taskSubmitted(task: 3, output: Payload(["StatusCode": 200])))
        try run.succeed("sent")
        #expect(
            run.history == """
                1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:TaskScheduled 4<3:TaskStarted 5<4:TaskSubmitted \
                6<5:TaskSucceeded 7<6:TaskStateExited 8<7:ExecutionSucceeded
                """)
        #expect(run.output == #""sent""#)
    }

    @Test("An action that fails fails the task.")
    func submitFailed() throws {
        var run = try MachineRun(Self.task(Self.invoke, #","Parameters":{"FunctionName":"f"}"#))
        run.take(.taskSubmitFailed(task: 3, Failure(error: "Lambda.Broken", cause: "c")))
        #expect(run.history.hasSuffix("5<4:TaskSubmitFailed 6<5:ExecutionFailed"))
        #expect(run.failure == Failure(error: "Lambda.Broken", cause: "c"))
    }

    @Test("An activity's task starts when a worker takes it, once.")
    func activity() throws {
        var run = try activityRun()
        run.take(.activityStarted(task: 3, workerName: "w"))
        run.take(.activityStarted(task: 3, workerName: "v"))
        try run.succeed(1)
        #expect(
            run.history == """
                1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:ActivityScheduled 4<3:ActivityStarted \
                5<4:ActivitySucceeded 6<5:TaskStateExited 7<6:ExecutionSucceeded
                """)
    }

    @Test("A Task for an activity that is not there fails before it is scheduled.")
    func noActivity() throws {
        let run = try MachineRun(Self.task(Self.activity))
        #expect(run.history == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:ExecutionFailed")
        #expect(run.failure?.cause?.hasSuffix("The activity \(Self.activity) does not exist.") == true)
    }

    @Test("TimeoutSeconds of an activity begin when a worker takes the task, and heartbeats do not move them.")
    func activityTimeout() throws {
        var run = try activityRun(#","TimeoutSeconds":60"#)
        let start = run.now
        #expect(run.execution.nextWake == nil)
        run.now = start.adding(seconds: 3_600)
        run.take(.wake)
        run.take(.activityStarted(task: 3, workerName: nil))
        #expect(run.execution.nextWake == start.adding(seconds: 3_660))
        run.now = start.adding(seconds: 3_630)
        run.take(.taskHeartbeat(task: 3))
        #expect(run.execution.nextWake == start.adding(seconds: 3_660))
        try run.sleep()
        #expect(run.history.hasSuffix("4<3:ActivityStarted 5<4:ActivityTimedOut 6<5:ExecutionFailed"))
        #expect(run.failure == Failure(error: "States.Timeout", cause: nil))
    }

    @Test(
        "An activity that no worker takes ends with the machine's TimeoutSeconds, each retry with a clock of its own.")
    func unpolledActivity() throws {
        var machine = Self.task(Self.activity, #","TimeoutSeconds":2"#)
        machine = #"{"TimeoutSeconds":5,"# + machine.dropFirst()
        var run = try MachineRun(machine, surroundings: Surroundings(activities: [CodeUnits(Self.activity)]))
        #expect(run.execution.nextWake == run.now.adding(seconds: 5))
        try run.sleep()
        #expect(run.history.hasSuffix("3<2:ActivityScheduled 4<0:ExecutionTimedOut"))

        var retried = try activityRun(#","TimeoutSeconds":2,"Retry":[{"ErrorEquals":["States.Timeout"]}]"#)
        retried.take(.activityStarted(task: 3, workerName: nil))
        try retried.sleep()
        try retried.sleep()
        #expect(retried.history.hasSuffix("6<5:ActivityScheduled"))
        #expect(retried.execution.nextWake == nil)
        retried.take(.activityStarted(task: 6, workerName: nil))
        #expect(retried.execution.nextWake == retried.now.adding(seconds: 2))
    }

    @Test(
        "Parameters that cannot start a task fail the execution before anything is scheduled.",
        arguments: [
            (#"{"FunctionName":"f","Payload":1}"#, "[The value for the field 'Payload' must be a STRING]"),
            (#"{"FunctionName":"f","Payload":true}"#, "[The value for the field 'Payload' must be a STRING]"),
            (#"{"FunctionName":7}"#, "[The value for the field 'FunctionName' must be a STRING]"),
            (#"{"FunctionName":"f","Qualifier":1}"#, "[The value for the field 'Qualifier' must be a STRING]"),
            (#"{"FunctionName":null}"#, #"[The field "FunctionName" is required but was missing]"#),
        ], ["", ".waitForTaskToken"])
    func badParameters(_ item: (String, String), pattern: String) throws {
        let (parameters, reason) = item
        let names = try #require(try JSONValue.parse(parameters).objectValue).keys
        let template = names.map { #""\#($0).$":"$.\#($0)""# }.joined(separator: ",")
        let run = try MachineRun(
            Self.task("arn:aws:states:::lambda:invoke\(pattern)", #","Parameters":{\#(template)}"#),
            input: parameters)
        #expect(run.history == "1<0:ExecutionStarted 2<0:TaskStateEntered 3<2:ExecutionFailed")
        #expect(
            run.failure
                == Failure(
                    error: "States.Runtime",
                    cause: "An error occurred while executing the state 'S' (entered at the event id #2). The "
                        + "Parameters '\(parameters)' could not be used to start the Task: \(reason)"))
    }

    @Test("The heartbeat clock of an activity begins with its worker, and anew with each heartbeat.")
    func heartbeats() throws {
        var run = try activityRun(#","TimeoutSeconds":60,"HeartbeatSeconds":10"#)
        let start = run.now
        #expect(run.execution.nextWake == nil)
        run.now = start.adding(seconds: 5)
        run.take(.activityStarted(task: 3, workerName: nil))
        #expect(run.execution.nextWake == start.adding(seconds: 15))
        run.now = start.adding(seconds: 12)
        run.take(.taskHeartbeat(task: 3))
        #expect(run.execution.nextWake == start.adding(seconds: 22))
        try run.sleep()
        #expect(run.history.hasSuffix("5<4:ActivityTimedOut 6<5:ExecutionFailed"))
        #expect(run.failure == Failure(error: "States.Timeout", cause: nil))
    }

    @Test(
        "A task with a job says so when it is no longer waited for.",
        arguments: [(".sync", true), (".sync:2", true), ("", false)])
    func job(pattern: String, hasJob: Bool) throws {
        let arn = "arn:aws:states:::states:startExecution\(pattern)"
        var run = try MachineRun(Self.task(arn, #","Parameters":{"StateMachineArn":"a"}"#))
        run.take(.stop(Failure()))
        #expect(run.effects.contains(.cancelTask(scheduledEvent: 3, hasJob: hasJob)))
    }
}
