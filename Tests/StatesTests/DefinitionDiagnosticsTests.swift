// What is said of definitions that are wrong, from DefinitionDiagnostics.json.

import Core
import JSON
import States
import TestSupport
import Testing

/// A definition (an object, or a text as it stands) and the findings that come out, as
/// `[WARNING ]<CODE>: <message> at <location>`.
struct DiagnosticsCase: CustomTestStringConvertible, Sendable {
    let name: String
    let definition: String
    let type: MachineType
    let limits: Limits
    let expected: [String]

    var testDescription: String { name }

    static let all: [DiagnosticsCase] = (TestFile.json("StatesTests/DefinitionDiagnostics.json").arrayValue ?? [])
        .flatMap { group in
            (group["cases"]?.arrayValue ?? []).map { DiagnosticsCase($0, group: group["group"]?.stringValue ?? "") }
        }

    private init(_ value: JSONValue, group: String) {
        name = "\(group): \(value["name"]?.stringValue ?? "")"
        definition = value["definition"]?.stringValue ?? value["definition"]?.text ?? ""
        type = value["type"]?.stringValue.flatMap { MachineType(rawValue: $0) } ?? .standard
        var limits = Limits()
        if let depth = value["nestingDepth"]?.intValue { limits.language.nestingDepth = depth }
        self.limits = limits
        expected = (value["diagnostics"]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}

extension Diagnostic {
    /// As the cases write a finding.
    fileprivate var line: String {
        "\(severity == .warning ? "WARNING " : "")\(code.rawValue): \(message) at \(location ?? "null")"
    }
}

@Suite("Diagnostics of a definition")
struct DefinitionDiagnosticsTests {
    @Test(
        "A definition gets its findings, in order, and a machine exactly without errors.",
        arguments: DiagnosticsCase.all)
    func findings(_ example: DiagnosticsCase) {
        let (machine, diagnostics) = StateMachine.compile(
            example.definition, type: example.type, limits: example.limits)
        #expect(diagnostics.map(\.line) == example.expected)
        #expect((machine == nil) == diagnostics.contains { $0.severity == .error })
    }

    @Test("The message of InvalidDefinition joins the findings and prints null for a missing place.")
    func message() {
        let definition = #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}"#
        let (_, diagnostics) = StateMachine.compile(definition, type: .standard)
        let expected =
            "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE "
            + "at /States/A/Next, MISSING_END_STATE: Workflow has no terminal state at null'"
        #expect(diagnostics.invalidDefinitionMessage == expected)
    }

    @Test("No more findings are given than the limit has.")
    func tooMany() {
        let states = (0..<50).map { "\"S\($0)\":{}" }.joined(separator: ",")
        var limits = Limits()
        limits.language.diagnostics = 10
        let (_, diagnostics) = StateMachine.compile(
            "{\"StartAt\":\"S0\",\"States\":{\(states)}}", type: .standard, limits: limits)
        #expect(diagnostics.count == 10)
    }

    @Test("A definition longer than its limit is refused before it is read.")
    func tooLong() {
        var limits = Limits()
        limits.language.definitionBytes = 20
        let (machine, diagnostics) = StateMachine.compile(
            #"{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#, type: .standard, limits: limits)
        #expect(machine == nil)
        #expect(diagnostics.map(\.code) == [.invalidJSONDescription])
    }
}

@Suite("A definition with one value changed")
struct DefinitionMutationTests {
    private static let definition: JSONValue = TestFile.json("StatesTests/DefinitionOfEverything.json")

    private static let values: [JSONValue] = [nil, -1, "$.a", ["a"], ["a": 1]]

    /// The value with each of its parts replaced in turn.
    private static func mutants(of value: JSONValue, by other: JSONValue) -> [JSONValue] {
        var mutants = [other]
        switch value {
        case .object(let members):
            for (key, member) in members {
                var missing = members
                missing.removeValue(forKey: key)
                mutants.append(.object(missing))
                for mutant in self.mutants(of: member, by: other) {
                    var changed = members
                    changed[key] = mutant
                    mutants.append(.object(changed))
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                for mutant in self.mutants(of: element, by: other) {
                    var changed = elements
                    changed[index] = mutant
                    mutants.append(.array(changed))
                }
            }
        default: break
        }
        return mutants
    }

    @Test("The definition itself uses every part that runs today and is accepted.")
    func accepted() {
        let (machine, diagnostics) = StateMachine.compile(Self.definition.text, type: .standard)
        #expect(diagnostics == [])
        #expect(Set(machine?.states.all.map(\.type) ?? []) == Set(StateType.allCases).subtracting([.map]))
    }

    @Test("Whatever is put in the place of a value, there is a machine or an error with a place.", arguments: values)
    func mutants(_ value: JSONValue) {
        for mutant in Self.mutants(of: Self.definition, by: value) {
            let text = mutant.text
            let (machine, diagnostics) = StateMachine.compile(text, type: .standard)
            let errors = diagnostics.filter { $0.severity == .error }
            #expect((machine == nil) == !errors.isEmpty, "\(text)")
            #expect(diagnostics.prefix(1).allSatisfy { $0.position(in: text).line == 1 }, "\(text)")
        }
    }
}

@Suite("Places of diagnostics")
struct TextPositionTests {
    private static let text = """
        {
          "StartAt": "A/é",
          "States": {
            "A/é": {"Type": "Choice", "Choices": [
              {"Variable": "$.a[0]", "IsNull": true, "Next": "B"},
              {"Variable": "$.a", "IsNull": [1, {"x": "]}"}], "Next": "\\u0042"}
            ]},
            "\\u0042": {"Type": "Pass", "Next": "A/é"}, "B/Next": {"Type": "Succeed"}
          }
        }
        """

    @Test(
        "A location is found in the text; of one that is not there, the part that is.",
        arguments: [
            ("/", 1, 1), ("/StartAt", 2, 3), ("/States", 3, 3), ("/States/A/é", 4, 5), ("/States/A/é/Type", 4, 13),
            ("/States/A/é/Choices[1]", 6, 7), ("/States/A/é/Choices[1]/Next", 6, 55),
            ("/States/A/é/Choices[1]/IsNull[1]/x", 6, 42), ("/States/A/é/Choices[9]/Next", 4, 31),
            ("/States/B", 8, 5), ("/States/B/Next", 8, 48), ("/States/B/Type", 8, 16), ("/States/Nope", 3, 3),
            ("/States/A/é/ResultPath", 4, 5), (nil, 1, 1),
            (#"[Source: (String)"{; line: 7"; line: 3, column: 14]"#, 3, 14),
        ] as [(String?, Int, Int)])
    func position(_ location: String?, _ line: Int, _ column: Int) {
        let diagnostic = Diagnostic(.schemaValidationFailed, "", at: location)
        #expect(diagnostic.position(in: Self.text) == TextPosition(line: line, column: column))
    }

    @Test("A text that is cut off anywhere has a place for everything.")
    func cutOff() {
        let diagnostic = Diagnostic(.schemaValidationFailed, "", at: "/States/A/é/Choices[1]/Next")
        for count in 0...Self.text.unicodeScalars.count {
            let text = String(String.UnicodeScalarView(Self.text.unicodeScalars.prefix(count)))
            let position = diagnostic.position(in: text)
            #expect(position.line >= 1 && position.line <= 6 && position.column >= 1)
        }
    }
}
