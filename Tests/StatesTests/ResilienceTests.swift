// What hostile definitions, hostile inputs and unlucky clocks must not do.

import Core
import JSON
import States
import Testing

@Suite("Resilience")
struct ResilienceTests {
    static let lambda = HistoryTests.lambda

    @Test(
        "A Wait as the first state sees its own context object.",
        arguments: [
            #""InputPath":"$$.State","Seconds":0"#, #""TimestampPath":"$$.State.EnteredTime""#,
            #""InputPath":"$$.State","TimestampPath":"$.EnteredTime""#,
        ])
    func waitContext(fields: String) throws {
        let run = try MachineRun(HistoryTests.one(#""Type":"Wait",\#(fields),"End":true"#))
        #expect(
            run.history
                == "1<0:ExecutionStarted 2<0:WaitStateEntered 3<2:WaitStateExited 4<3:ExecutionSucceeded")
    }

    @Test("A Wait names itself, not the state before it.")
    func waitName() throws {
        var run = try MachineRun(
            """
            {"StartAt":"A","States":{"A":{"Type":"Pass","Next":"S"},
              "S":{"Type":"Wait","InputPath":"$$.State.Name","Seconds":1,"End":true}}}
            """)
        try run.sleep()
        #expect(run.output == #""S""#)
    }

    @Test("A timeout behind a path that is beyond all bounds fails the state.", arguments: ["Timeout", "Heartbeat"])
    func hugeTimeout(name: String) throws {
        let run = try MachineRun(
            HistoryTests.one(Self.lambda + #","\#(name)SecondsPath":"$.t","End":true"#),
            input: #"{"t":9223372036854775807}"#)
        #expect(run.failure?.error == "States.Runtime")
    }

    @Test("A template that repeats its input fails by the payload limit without being printed.")
    func explosion() throws {
        let members = (0..<2_000).map { #""m\#($0).$":"$""# }.joined(separator: ",")
        let input = JSONValue.string(String(repeating: "x", count: 200_000)).text
        let run = try MachineRun(
            HistoryTests.one(#""Type":"Pass","Parameters":{\#(members)},"End":true"#), input: input)
        #expect(run.failure?.error == "States.DataLimitExceeded")
        #expect(run.failure?.cause?.hasPrefix("The state/task 'S' returned a result with a size") == true)
    }

    @Test("A loop that wraps its input ends before the payload nests too deep to be read back.")
    func depth() throws {
        var run = try MachineRun(
            """
            {"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a.$":"$"},"Next":"B"},
              "B":{"Type":"Choice","Default":"A","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"C"}]},
              "C":{"Type":"Succeed"}}}
            """)
        while run.execution.hasWork { run.take(.proceed) }
        #expect(run.failure?.error == "States.DataLimitExceeded")
        #expect(run.failure?.cause?.contains("512 levels") == true)
        for event in run.events {
            if case .stateEntered(let entered) = event.kind { _ = Payload(stored: entered.input.text).value }
        }
    }

    @Test("The events of one turn hold no more payload than the turn's budget.")
    func payloadBudget() throws {
        var limits = Limits()
        limits.turn.payloadBytes = 10_000
        var run = try MachineRun(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","End":true}}}"#,
            input: JSONValue.string(String(repeating: "x", count: 6_000)).text, limits: limits)
        #expect(run.events.count == 3)
        #expect(run.execution.hasWork)
        run.take(.proceed)
        #expect(run.events.count == 5)
        while run.execution.hasWork { run.take(.proceed) }
        #expect(run.events.last?.kind.isTerminal == true)
    }

    @Test("A clock that is set back stamps no event earlier than the one before, and timers count from the clock.")
    func clock() throws {
        var run = try MachineRun(
            """
            {"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":5,"Next":"B"},
              "B":{"Type":"Wait","Seconds":7,"End":true}}}
            """)
        try run.sleep()
        let late = run.now
        run.take(.wake)
        #expect(run.execution.nextWake == late.adding(seconds: 7))
        var other = try MachineRun(
            #"{"StartAt":"A","States":{"A":{\#(Self.lambda),"Next":"B"},"B":{"Type":"Wait","Seconds":7,"End":true}}}"#)
        let before = other.now
        other.now = before.adding(seconds: -3_600)
        try other.succeed()
        #expect(other.execution.nextWake == before.adding(seconds: -3_593))
        #expect(other.events.map(\.timestamp) == other.events.map(\.timestamp).sorted())
        try other.sleep()
        #expect(other.output != nil)
        #expect(other.events.map(\.timestamp) == other.events.map(\.timestamp).sorted())
    }

    @Test("Two Parallels that fail at the same moment are both retried, also by the stored history.")
    func twoRetries() throws {
        func branch(_ name: String) -> String {
            """
            {"StartAt":"P\(name)","States":{"P\(name)":{"Type":"Parallel","End":true,"ResultPath":"$.a.b",
              "Retry":[{"ErrorEquals":["States.ReferencePathConflict"],"IntervalSeconds":2,"MaxAttempts":1}],
              "Branches":[{"StartAt":"W\(name)","States":{"W\(name)":{"Type":"Wait","Seconds":3,"End":true}}}]}}}
            """
        }
        var run = try MachineRun(
            #"{"StartAt":"O","States":{"O":{"Type":"Parallel","End":true,"Branches":[\#(branch("1")),\#(branch("2"))]}}}"#,
            input: #"{"a":"no object"}"#)
        try run.sleep()
        #expect(run.events.compactMap(\.retry).map(\.frame).sorted() == [1, 2])
        try run.sleep()
        try run.sleep()
        #expect(run.failure?.error == "States.ReferencePathConflict")
    }

    @Test("A Parallel of a thousand tasks, and one nested 60 deep, come to their end.")
    func largeParallels() throws {
        let branches = (0..<1_000).map { #"{"StartAt":"T\#($0)","States":{"T\#($0)":{\#(Self.lambda),"End":true}}}"# }
        var wide = try MachineRun(
            HistoryTests.one(#""Type":"Parallel","Branches":[\#(branches.joined(separator: ","))],"End":true"#))
        #expect(wide.execution.hasWork)
        while wide.execution.hasWork { wide.take(.proceed) }
        #expect(wide.execution.openTasks.count == 1_000)
        let failing = try #require(wide.execution.openTasks.last)
        wide.take(.taskFailed(task: failing.scheduledEvent, Failure(error: "E")))
        #expect(wide.failure == Failure(error: "E"))
        #expect(wide.events.count { $0.kind == .stateAborted(StateAborted(.task)) } == 1_000)

        var inner = #"{"StartAt":"T","States":{"T":{\#(Self.lambda),"End":true}}}"#
        for depth in 0..<60 {
            let parallel = #"{"Type":"Parallel","Branches":[\#(inner)],"End":true}"#
            inner = #"{"StartAt":"P\#(depth)","States":{"P\#(depth)":\#(parallel)}}"#
        }
        var deep = try MachineRun(inner)
        var failing2 = deep
        try deep.succeed(1)
        #expect(deep.output == String(repeating: "[", count: 60) + "1" + String(repeating: "]", count: 60))
        try failing2.fail("E")
        #expect(failing2.events.count { $0.kind == .parallelStateFailed(ParallelStateFailed()) } == 60)
    }

    @Test("A pattern that almost matches everywhere is decided in linear time.")
    func patterns() throws {
        let text = String(repeating: "a", count: 200_000)
        let pattern = "*" + String(repeating: "a", count: 100_000) + "b*"
        let run = try MachineRun(
            """
            {"StartAt":"C","States":{"C":{"Type":"Choice","Default":"No",
              "Choices":[{"Variable":"$","StringMatches":"\(pattern)","Next":"Yes"}]},
              "No":{"Type":"Pass","Result":0,"End":true},"Yes":{"Type":"Pass","Result":1,"End":true}}}
            """, input: JSONValue.string(text).text)
        #expect(run.output == "0")
    }

    @Test(
        "A pattern's pieces are found in their order.",
        arguments: [
            ("*aab*", "aaab", true), ("a**b", "ab", true), ("*ab*ab*", "abab", true), ("*ab*ab*", "aab", false),
            ("*abab*", "abaabab", true), ("a*a", "a", false), ("*", "", true),
        ])
    func pieces(pattern: String, text: String, matches: Bool) throws {
        let run = try MachineRun(
            """
            {"StartAt":"C","States":{"C":{"Type":"Choice","Default":"No",
              "Choices":[{"Variable":"$","StringMatches":"\(pattern)","Next":"Yes"}]},
              "No":{"Type":"Pass","Result":false,"End":true},"Yes":{"Type":"Pass","Result":true,"End":true}}}
            """, input: JSONValue.string(text).text)
        #expect(run.output == "\(matches)")
    }

    @Test("Retries wait by the rate up to the longest delay, whatever the numbers.")
    func delays() throws {
        var run = try MachineRun(
            HistoryTests.one(
                Self.lambda
                    + """
                    ,"End":true,"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":99999999,"MaxAttempts":99999999,
                      "BackoffRate":1e308,"MaxDelaySeconds":31622400},
                      {"ErrorEquals":["F"],"IntervalSeconds":0,"MaxAttempts":1},
                      {"ErrorEquals":["G"],"MaxAttempts":0},
                      {"ErrorEquals":["H"],"IntervalSeconds":9,"BackoffRate":1e308,"MaxAttempts":3}]
                    """))
        for _ in 0..<3 {
            try run.fail("E")
            #expect(run.execution.nextWake == run.now.adding(seconds: 31_622_400))
            try run.sleep()
        }
        try run.fail("F")
        #expect(run.execution.nextWake == run.now)
        try run.sleep()
        for seconds in [9, 2_147_483_647] {
            try run.fail("H")
            #expect(run.execution.nextWake == run.now.adding(seconds: seconds))
            try run.sleep()
        }
        try run.fail("G")
        #expect(run.failure == Failure(error: "G"))
    }
}
