// Variables: when they are seen, by whom, and how large they may be (language.md §3).

import Core
import JSON
import States
import Testing

@Suite("Variables")
struct VariableTests {
    @Test("An assigned variable is seen from the next state on, and its value stands in the history.")
    func assigned() throws {
        let run = try MachineRun(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":1,"y.$":"$.a"},"Next":"B"},"B":{"Type":"Pass","Assign":{"x":2,"old.$":"$x"},"Next":"C"},"C":{"Type":"Pass","Parameters":{"x.$":"$x","old.$":"$old","y.$":"$y.b[0]"},"End":true}}}"#,
            input: #"{"a":{"b":[true]}}"#)
        #expect(run.output == #"{"x":2,"old":1,"y":true}"#)
        let exits = run.events.compactMap { if case .stateExited(let exited) = $0.kind { exited } else { nil } }
        #expect(exits[0].assigned.map(\.name) == ["x", "y"])
        #expect(exits[0].assigned.map(\.value.text) == ["1", #"{"b":[true]}"#])
        #expect(exits[2].assigned.isEmpty)
    }

    @Test("Variables whose names look alike but differ in their code units are two.")
    func codeUnits() throws {
        let states = #"""
            "A":{"Type":"Pass","Assign":{"caf\u00e9":1,"cafe\u0301":2},"Next":"B"},
            """#
        let jsonPath = #""B":{"Type":"Pass","Parameters":{"a.$":"$caf\u00e9","b.$":"$cafe\u0301"},"End":true}"#
        let jsonata = #"""
            "B":{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% {'a': $caf\u00e9, 'b': $cafe\u0301} %}","End":true}
            """#
        for last in [jsonPath, jsonata] {
            let run = try MachineRun(#"{"StartAt":"A","States":{\#(states)\#(last)}}"#)
            #expect(run.output == #"{"a":1,"b":2}"#)
        }
    }

    @Test("A Task's Assign sees the raw result, a Catcher's the Error Output, in place of the state's own.")
    func results() throws {
        let definition =
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","ResultSelector":{"z":0},"Assign":{"r.$":"$.v"},"Catch":[{"ErrorEquals":["States.ALL"],"Assign":{"e.$":"$.Error","r":"none"},"Next":"Z"}],"Next":"Z"},"Z":{"Type":"Pass","Parameters":{"r.$":"$r"},"End":true}}}"#
        var run = try MachineRun(definition)
        try run.succeed(["v": 9])
        #expect(run.output == #"{"r":9}"#)
        run = try MachineRun(definition)
        try run.fail("Boom")
        #expect(run.output == #"{"r":"none"}"#)
    }

    @Test("The rule that holds assigns instead of the Choice itself.")
    func choice() throws {
        func output(_ input: String) throws -> String? {
            try MachineRun(
                #"{"StartAt":"C","States":{"C":{"Type":"Choice","Assign":{"x":"own"},"Choices":[{"Variable":"$.n","NumericEquals":1,"Assign":{"x":"rule"},"Next":"Z"},{"Variable":"$.n","NumericEquals":2,"Next":"Z"}],"Default":"Z"},"Z":{"Type":"Pass","Parameters":{"x.$":"$x"},"End":true}}}"#,
                input: input
            ).output
        }
        #expect(try output(#"{"n":1}"#) == #"{"x":"rule"}"#)
        #expect(try output(#"{"n":2}"#) == #"{"x":"own"}"#)
        #expect(try output(#"{"n":3}"#) == #"{"x":"own"}"#)
    }

    @Test("Branches and iterations read what is outside; what they assign stays inside, apart from each other.")
    func scopes() throws {
        let run = try MachineRun(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":1},"Next":"M"},"M":{"Type":"Map","Assign":{"out.$":"$[1]"},"Next":"Z","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","Assign":{"mine.$":"States.MathAdd($x, $)"},"Next":"J"},"J":{"Type":"Pass","Parameters":{"m.$":"$mine"},"End":true}}}},"Z":{"Type":"Pass","Parameters":{"x.$":"$x","out.$":"$out"},"End":true}}}"#,
            input: "[1,2]")
        #expect(run.output == #"{"x":1,"out":{"m":3}}"#)
    }

    @Test("A variable that was never assigned is States.Runtime.")
    func undefined() throws {
        let run = try MachineRun(
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x.$":"$nope"},"End":true}}}"#)
        #expect(run.failure?.error == "States.Runtime")
        #expect(run.failure?.cause?.contains("$nope") == true)
    }

    @Test("Variables too large for one Assign, or for the execution, end it with States.DataLimitExceeded.")
    func sizes() throws {
        let definition =
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x.$":"$.a"},"Next":"B"},"B":{"Type":"Pass","Assign":{"x.$":"$.a"},"Next":"C"},"C":{"Type":"Pass","Assign":{"y.$":"$.a"},"End":true}}}"#
        var limits = Limits()
        limits.language.variableBytes = 10
        var run = try MachineRun(definition, input: #"{"a":"0123456789"}"#, limits: limits)
        #expect(run.failure?.error == "States.DataLimitExceeded")
        #expect(
            run.failure?.cause?.hasSuffix("The Assign field exceeds the maximum variable assignment size by 2 bytes.")
                == true)
        limits.language.variableBytes = 12
        limits.language.allVariableBytes = 23
        run = try MachineRun(definition, input: #"{"a":"0123456789"}"#, limits: limits)
        #expect(run.failure?.error == "States.DataLimitExceeded")
        #expect(run.history.contains("PassStateEntered 7<"), "x may be assigned again")
        limits.language.allVariableBytes = 24
        run = try MachineRun(definition, input: #"{"a":"0123456789"}"#, limits: limits)
        #expect(run.failure == nil)
    }
}
