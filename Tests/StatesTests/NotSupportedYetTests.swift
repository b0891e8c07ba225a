// What this version does not run: the definition is valid, and an execution ends where it comes there.

import Core
import States
import Testing

@Suite("Parts that are not supported yet")
struct NotSupportedYetTests {
    static let publish = #""Type":"Task","Resource":"arn:aws:states:::sns:publish""#
    static let catchAll = #""Catch":[{"ErrorEquals":["States.ALL"],"Next":"F"}]"#

    static func machine(_ state: String) -> String {
        #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"S"},"S":{\#(state)},"F":{"Type":"Succeed"}}}"#
    }

    @Test(
        "An execution that comes to one fails with States.Runtime, which nothing catches.",
        arguments: [
            (
                #"\#(publish),"Parameters":{"Message":"m"},\#(catchAll),"End":true"#,
                "The resource 'arn:aws:states:::sns:publish' of state 'S' is not supported yet"
            ),
            (
                #""Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"#
                    + #""StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},\#(catchAll),"End":true"#,
                "Distributed Map state 'S' is not supported yet"
            ),
        ])
    func fails(state: String, reason: String) throws {
        let run = try MachineRun(Self.machine(state))
        #expect(run.failure?.error == "States.Runtime")
        #expect(
            run.failure?.cause
                == "An error occurred while executing the state 'S' (entered at the event id #4). \(reason)")
        #expect(run.events.last?.kind.history.typeName == "ExecutionFailed")
    }

    @Test("A call that its own fields prevent fails for those.")
    func ownFields() throws {
        let run = try MachineRun(
            Self.machine(
                #"\#(Self.publish),"Parameters":{"Message":"m"},"TimeoutSecondsPath":"$.none","#
                    + #"\#(Self.catchAll),"End":true"#))
        #expect(
            run.failure?.cause?.hasSuffix("Invalid path '$.none' : No results for path: $['none']") == true,
            "\(String(describing: run.failure))")
    }

    @Test("An execution that does not come there succeeds.")
    func elsewhere() throws {
        let run = try MachineRun(
            """
            {"StartAt":"A","States":{"A":{"Type":"Choice","Default":"B","Choices":[
              {"Variable":"$.x","IsPresent":true,"Next":"S"}]},
              "B":{"Type":"Pass","End":true},"S":{\(Self.publish),"Parameters":{"Message":"m"},"End":true}}}
            """)
        #expect(run.output == "{}")
    }
}
