// Definitions as the commands read them: YAML, placeholders, places and advice.

import Core
import Foundation
import JSON
import TestSupport
import Testing

@testable import newel

@Suite("Definitions in files")
struct DefinitionFileTests {
    @Test("Every definition that AWS accepts is free of errors.")
    func accepted() throws {
        let folder = URL(fileURLWithPath: Conformance.folder).appendingPathComponent("definitions")
        guard let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
            print("NOT RUN: definitions of the shared conformance sets is not on this machine")
            return
        }
        let names = all.filter { $0.hasSuffix(".json") }
        #expect(names.count > 50)
        for name in names {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            let definition = try #require(try JSONValue.parse(text)["definition"])
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)")
            defer { try? FileManager.default.removeItem(at: file) }
            try (definition.stringValue ?? definition.text).write(to: file, atomically: true, encoding: .utf8)
            let findings = Inspection.definition(file.path)
            #expect(!findings.contains { $0.severity == .error }, "\(name): \(findings)")
        }
    }

    static let placeholders = [
        #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${Run}","End":true}}}"#,
        #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource" : "${Run}","TimeoutSeconds":${Limit},"End":true}}}"#,
        #"{"StartAt":"A","States":{"A":{"Type":"Wait","Timestamp":"${When}","End":true}}}"#,
        #"{"StartAt":"A","States":{"A":{"Type":"Wait","SecondsPath":"${Path}","End":true}}}"#,
        #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"${Next}"},"B":{"Type":"Succeed"}}}"#,
        #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:${AWS::Partition}:states:::sqs:sendMessage","#
            + #""Parameters":{"QueueUrl":"${Url}","MessageBody":"x"},"End":true}}}"#,
        #"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${Run}.waitForTaskToken","End":true}}}"#,
    ]

    @Test("A placeholder is no error.", arguments: placeholders)
    func placeholder(text: String) throws {
        let findings = try DefinitionFile(text, file: "a.json").findings()
        #expect(!findings.contains { $0.severity == .error && !$0.cause.contains("not reachable") }, "\(findings)")
    }

    @Test("Beside a placeholder other errors keep their place.")
    func beside() throws {
        let text =
            "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"${Run}\",\n \"Next\":\"B\"}}}"
        let findings = try DefinitionFile(text, file: "a.json").findings()
        #expect(findings.contains { $0.place == "2:2" && $0.cause.hasPrefix("MISSING_TRANSITION_TARGET") })
    }

    @Test("A definition in YAML is the same as in JSON, and findings have its lines.")
    func yaml() throws {
        let text = """
            StartAt: A
            States:
              A:
                Type: Task
                Resource: ${Run}
                Retry:
                  - ErrorEquals: [States.ALL]
                    MaxAttempts: 2.5
                Next: B/C
              B/C:
                Type: Pas
                End: true
            """
        let function = "arn:aws:lambda:us-east-1:000000000000:function:run"
        let file = try DefinitionFile(text, file: "a.asl.yaml", substitutions: ["Run": function])
        #expect(try JSONValue.parse(file.text)["States"]?["A"]?["Next"] == "B/C")
        #expect(file.placeholders.isEmpty)
        let places = file.findings().map(\.place)
        #expect(places == ["8:22", "11:11"], "\(file.findings())")
        let thrown = #expect(throws: Finding.self) { try DefinitionFile("a: [", file: "b.yml") }
        #expect(thrown?.place.isEmpty == false)
    }

    static let hints: [(definition: String, cause: String, fix: String)] = [
        (states(#"{"Type":"Pas","End":true}"#), "one of these values", "Did you mean Pass?"),
        (
            states(#"{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEqual":1,"Next":"A"}],"Default":"A"}"#),
            "NumericEqual", "Did you mean NumericEquals?"
        ),
        (states(#"{"Type":"Pass","Ende":true}"#), "Field 'Ende' is not supported", "Did you mean End?"),
        (
            #"{"StartAt":"Frist","States":{"First":{"Type":"Pass","Next":"Last"},"Last":{"Type":"Succeed"}}}"#,
            "Missing 'Next' target: Frist", "Did you mean First?"
        ),
        (
            states(#"{"Type":"Pass","Parameters":{"a.$":"States.Fromat('x')"},"End":true}"#), "intrinsic function",
            "There is no intrinsic function States.Fromat. Did you mean States.Format?"
        ),
        (states(#"{"Type":"Task","Resource":"run","End":true}"#), "valid resource ARN", "Write the ARN of a Lambda"),
    ]

    private static func states(_ state: String) -> String { #"{"StartAt":"A","States":{"A":\#(state)}}"# }

    @Test("A finding says what to write.", arguments: hints)
    func hint(definition: String, cause: String, fix: String) throws {
        let findings = try DefinitionFile(definition, file: "a.json").findings()
        #expect(findings.contains { $0.cause.contains(cause) && $0.fix.contains(fix) }, "\(findings)")
    }

    @Test("A wrong StartAt is one finding, not one for each state as well.")
    func consequences() throws {
        let text = #"{"StartAt":"X","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}}"#
        let findings = try DefinitionFile(text, file: "a.json").findings()
        #expect(findings.count == 1, "\(findings)")
    }

    @Test("Findings come in the order of lines.")
    func order() throws {
        let text =
            "{\"States\":{\n\"A\":{\"Type\":\"Pass\",\"Next\":\"N\"},\n\"B\":{\"Type\":\"Pass\",\"Next\":\"M\"},\n"
            + "\"C\":{\"Type\":\"Succeed\"}},\n\"StartAt\":\"A\"}"
        let lines = try DefinitionFile(text, file: "a.json").findings().map(\.place)
        #expect(lines == lines.sorted(), "\(lines)")
        #expect(lines.count > 2)
    }
}
