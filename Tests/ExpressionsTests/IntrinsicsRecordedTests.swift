// The intrinsic functions of recorded executions: what AWS gave, and that every call in use compiles.

import Expressions
import Foundation
import JSON
import Testing
import TestSupport

@Suite("Intrinsic functions, recorded")
struct IntrinsicsRecordedTests {
    private static let folder = "stepfunctions/cases/intrinsic-functions"

    static let files: [String] =
        (FileManager.default.enumerator(atPath: Conformance.folder + "/" + folder)?.allObjects ?? [])
        .compactMap { $0 as? String }.filter { $0.hasSuffix(".json") && !$0.contains("_jsonata.") }.sorted()

    @Test("A Pass state's call gives what AWS recorded for each input.", arguments: files)
    func recorded(file: String) throws {
        let content = try JSONValue.parse(try #require(Conformance.bytes("\(Self.folder)/\(file)")))
        guard let text = content["definition"]?["States"]?["State_0"]?["Parameters"]?["FunctionResult.$"]?.stringValue
        else { return }
        let call = try Intrinsic(text)
        var results: [JSONValue] = []
        collectResults(content["checks"] ?? .null, into: &results)
        let inputs = inputs(content["steps"] ?? .null)
        #expect(inputs.count == results.count || content["expect"]?["output"] != nil)
        for (input, expected) in zip(inputs, results) where expected != "RandomNumberGenerated" {
            var chance = Chance(seed: 1)
            let value = try call.value(PathScope(input: try JSONValue.parse(input)), &chance)
            #expect(value == expected, "\(text) of \(input)")
        }
    }

    private func inputs(_ steps: JSONValue) -> [String] {
        (steps.arrayValue ?? []).filter { $0["op"] == "StartExecution" }
            .compactMap { $0["params"]?["input"]?.stringValue }
    }

    private func collectResults(_ value: JSONValue, into results: inout [JSONValue]) {
        if let result = value["executionSucceededEventDetails"]?["output"]?["FunctionResult"] { results.append(result) }
        for child in value.arrayValue ?? value.objectValue?.values ?? [] { collectResults(child, into: &results) }
    }

    @Test("Every call of the shared definitions compiles.", arguments: ["definitions", "stepfunctions/cases"])
    func compiles(folder: String) throws {
        guard let files = FileManager.default.enumerator(atPath: Conformance.folder + "/" + folder) else { return }
        var count = 0
        for case let file as String in files where file.hasSuffix(".json") {
            let content = try JSONValue.parse(try #require(Conformance.bytes("\(folder)/\(file)")))
            for call in calls(in: content["definition"] ?? .null) {
                count += 1
                #expect(throws: Never.self, "\(call) of \(file)") { try Intrinsic(call) }
            }
        }
        #expect(count > 15 || !FileManager.default.fileExists(atPath: Conformance.folder))
    }

    /// The calls of a definition; a Pass state's `Result` is no template.
    private func calls(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap { calls(in: $0) }
        case .object(let members):
            members.filter { $0.key != "Result" }.flatMap { name, value in
                if name.hasSuffix(".$"), let text = value.stringValue, text.hasPrefix("States.") { return [text] }
                return calls(in: value)
            }
        default: []
        }
    }
}
