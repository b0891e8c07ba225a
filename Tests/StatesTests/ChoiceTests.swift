// Comparators of Choice rules (language.md §4.4).

import Testing

@Suite("Choice")
struct ChoiceTests {
    @Test(
        "IsPresent is true for a null that is there and false for an index beyond an array.",
        arguments: [
            ("$.n", #"{"n":null}"#, true), ("$.x", "{}", false), ("$.x.y", "{}", false),
            ("$.l[0]", #"{"l":[]}"#, false), ("$.l[0]", #"{"l":[null]}"#, true), ("$.l[0]", #"{"l":[1]}"#, true),
            ("$.l[3]", #"{"l":[1]}"#, false), ("$.l[0].a", #"{"l":[]}"#, false), ("$.l[0].a", #"{"l":[{}]}"#, false),
            ("$.l[0][0]", #"{"l":[[]]}"#, false), ("$.l[0].a", #"{"l":[{"a":null}]}"#, true), ("$[0]", "[]", false),
            ("$[0]", "[null]", true), ("$.l[*]", #"{"l":[]}"#, true), ("$.l[0:2]", #"{"l":[]}"#, true),
        ])
    func isPresent(variable: String, input: String, expected: Bool) throws {
        for wanted in [true, false] {
            let run = try MachineRun(
                """
                {"StartAt":"C","States":{
                  "C":{"Type":"Choice","Choices":[{"Variable":"\(variable)","IsPresent":\(wanted),"Next":"Yes"}],
                    "Default":"No"},
                  "Yes":{"Type":"Pass","Result":"yes","End":true},"No":{"Type":"Pass","Result":"no","End":true}}}
                """, input: input)
            #expect(run.output == (wanted == expected ? #""yes""# : #""no""#), "IsPresent: \(wanted)")
        }
    }
}
