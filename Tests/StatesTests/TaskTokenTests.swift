// Tasks that others end: activities, tokens, heartbeats, jobs (language.md §4, Task; history.md §2).

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
        try MachineRun(Self.task(Self.activity, fields), surroundings: Surroundings(activities: [Self.activity]))
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

    @Test("The heartbeat clock of an activity begins with its worker, and anew with each heartbeat.")
    func heartbeats() throws {
        var run = try activityRun(#","TimeoutSeconds":60,"HeartbeatSeconds":10"#)
        let start = run.now
        #expect(run.execution.nextWake == start.adding(seconds: 60))
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
