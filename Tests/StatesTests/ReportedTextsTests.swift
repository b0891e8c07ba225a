// Texts and errors that AWS was reported to give: null data, reference paths, arguments of intrinsic functions.

import Core
import JSON
import States
import Testing

@Suite("Reported texts")
struct ReportedTextsTests {
    /// The failure of a definition whose state `E` fails.
    private func failure(_ state: String, input: String) throws -> Failure? {
        try MachineRun(#"{"StartAt":"E","States":{"E":{\#(state)},"S":{"Type":"Succeed"}}}"#, input: input).failure
    }

    private static let prefix = "An error occurred while executing the state 'E' (entered at the event id #2). "
    private static let processor = #""ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}"#

    @Test(
        "A path that is written fails on null data before it is looked at.",
        arguments: [
            #""Type":"Choice","Choices":[{"Variable":"$","IsString":true,"Next":"S"}],"Default":"S""#,
            #""Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":false,"Next":"S"}],"Default":"S""#,
            #""Type":"Pass","Parameters":{"a":{"b.$":"$"}},"Next":"S""#,
            #""Type":"Pass","Parameters":{"a.$":"$.b"},"Next":"S""#,
            #""Type":"Pass","Parameters":{"a.$":"States.Array($)"},"Next":"S""#,
            #""Type":"Pass","InputPath":"$","Next":"S""#, #""Type":"Pass","OutputPath":"$","Next":"S""#,
            #""Type":"Pass","OutputPath":"$.a","Next":"S""#, #""Type":"Pass","Assign":{"v.$":"$"},"Next":"S""#,
            #""Type":"Wait","SecondsPath":"$.s","Next":"S""#, #""Type":"Wait","TimestampPath":"$","Next":"S""#,
            #""Type":"Map","ItemsPath":"$.x",\#(processor),"Next":"S""#,
        ])
    func nullData(_ state: String) throws {
        #expect(
            try failure(state, input: "null")
                == Failure(
                    error: "States.Runtime",
                    cause: Self.prefix + "Unable to apply Path transformation to null or empty input."))
    }

    @Test(
        "Null data goes through a state that writes no path, and null within the data is a value.",
        arguments: [
            (#""Type":"Pass","Next":"S""#, "null", "null"),
            (#""Type":"Pass","Parameters":{"a.$":"$$.Execution.Name","b":1},"Next":"S""#, "null", #"{"a":"e","b":1}"#),
            (#""Type":"Pass","Parameters":{"a.$":"$.n"},"Next":"S""#, #"{"n":null}"#, #"{"a":null}"#),
            (#""Type":"Pass","InputPath":"$.n","Next":"S""#, #"{"n":null}"#, "null"),
            (#""Type":"Pass","InputPath":null,"Next":"S""#, "null", "{}"),
        ])
    func nullValues(_ state: String, _ input: String, _ output: String) throws {
        let run = try MachineRun(#"{"StartAt":"E","States":{"E":{\#(state)},"S":{"Type":"Succeed"}}}"#, input: input)
        #expect(run.output == output, "\(run.failure as Any)")
    }

    @Test(
        "A reference path that cannot be applied is a conflict, without the prefix.",
        arguments: [
            (
                #""Type":"Pass","Result":1,"ResultPath":"$.r","Next":"S""#, #""input1""#,
                #"Unable to apply ReferencePath $.r to input "input1""#
            ),
            (
                #""Type":"Pass","Result":1,"ResultPath":"$.r","Next":"S""#, "7",
                "Unable to apply ReferencePath $.r to input 7"
            ),
            (
                #""Type":"Pass","Result":1,"ResultPath":"$.r","Next":"S""#, "[1]",
                #"Unable to apply step "r" to input [1]"#
            ),
            (
                #""Type":"Pass","Result":1,"ResultPath":"$.a.b","Next":"S""#, #"{"a":"text"}"#,
                #"Unable to apply step "b" to input "text""#
            ),
            (
                #""Type":"Map","ItemsPath":"$.x",\#(processor),"Next":"S""#, #"{"y":1}"#,
                #"Unable to apply step "x" to input {"y":1}"#
            ),
            (
                #""Type":"Map","ItemsPath":"$.y.x",\#(processor),"Next":"S""#, #"{"y":[1]}"#,
                #"Unable to apply step "x" to input [1]"#
            ),
        ])
    func conflicts(_ state: String, _ input: String, _ cause: String) throws {
        #expect(try failure(state, input: input) == Failure(error: "States.ReferencePathConflict", cause: cause))
    }

    @Test("The cause of a function whose argument is not there names the function.")
    func missingArgument() throws {
        #expect(
            try failure(
                #""Type":"Pass","Parameters":{"a.$":"States.Array($.optional)"},"Next":"S""#, input: #"{"b":1}"#)
                == Failure(
                    error: "States.Runtime",
                    cause: Self.prefix
                        + "The function 'States.Array($.optional)' had the following error: The JsonPath "
                        + #"argument for the field '$.optional' could not be found in the input '{"b":1}'"#))
    }

    @Test(
        "An unescaped brace of States.Format must be a placeholder.",
        arguments: [
            (#"{ x"#, nil), (#"a {0}"#, nil), (#"{"#, nil), (#"\\\\{ x"#, nil), (#"\\{ x \\}"#, "{ x }"),
            (#"\\\\{}"#, #"\\A"#), ("}", "}"),
        ])
    func format(_ template: String, _ expected: String?) throws {
        let argument = template.contains("{}") ? ", $.a" : ""
        let run = try MachineRun(
            #"{"StartAt":"E","States":{"E":{"Type":"Pass","Parameters":{"f.$":"States.Format('\#(template)'\#(argument))"},"#
                + #""OutputPath":"$.f","End":true}}}"#, input: #"{"a":"A"}"#)
        if let expected {
            #expect(run.output == #""\#(expected)""#, "\(run.failure as Any)")
        } else {
            #expect(run.failure?.error == "States.IntrinsicFailure")
            let cause = run.failure?.cause ?? ""
            #expect(cause.hasSuffix("Invalid template in States.Format: matching '}' not found for '{'."), "\(cause)")
        }
    }

    @Test("A bad member of a template is reported at the template, and found at the member.")
    func templatePlace() {
        let definition =
            #"{"StartAt":"E","States":{"E":{"Type":"Pass","Parameters":{"#
            + "\n" + #""a":[{"b.$":"States.format('x')"}]},"End":true}}}"#
        let (machine, diagnostics) = StateMachine.compile(definition, type: .standard, limits: Limits())
        #expect(machine == nil)
        #expect(diagnostics.map(\.location) == ["/States/E/Parameters"])
        #expect(diagnostics.first?.position(in: definition) == TextPosition(line: 2, column: 7))
    }
}
