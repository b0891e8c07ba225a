// The shared JSONata cases: expression, document and bindings in, a value or an error's code out.

import Expressions
import JSON
import TestSupport
import Testing

@Suite("JSONata, the shared cases")
struct JSONataConformanceTests {
    @Test("Every case gives its value or its error, but those listed with their reason.")
    func cases() throws {
        guard let bytes = Conformance.bytes("jsonata/cases.jsonl") else { return }
        let listed = try Self.listed()
        var run = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let item = try JSONValue.parse(Array(line))
            let id = item["id"]?.stringValue ?? "?"
            let difference = Self.difference(item)
            run += 1
            ConformanceReport.add("jsonata", id, difference)
            if ConformanceReport.isWanted { continue }
            if listed.contains(id) {
                #expect(difference != nil, "\(id) is listed and passes")
            } else if let difference {
                Issue.record("\(id): \(item["expr"]?.stringValue ?? ""): \(difference)")
            }
        }
        #expect(run > 1_000 || ConformanceReport.isWanted)
    }

    /// `id # reason`, a line each.
    static func listed() throws -> Set<String> {
        let text = TestFile.text("Conformance/jsonata.txt")
        let names = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Set(names.compactMap { $0.split(separator: " # ").first.map { String($0) } })
    }

    /// What is wrong with the answer, `nil` where nothing is.
    static func difference(_ item: JSONValue) -> String? {
        let answer: String
        switch Result(catching: { () throws(JSONataError) in try evaluate(item) }) {
        case .success(.value(let value)):
            if let wanted = item["result"], isSame(value, wanted, unordered: item["unordered"] == true) { return nil }
            answer = value.text
        case .success(.undefined):
            if item["undefinedResult"] != nil { return nil }
            answer = "undefined"
        case .success(.function):
            if item["result"] == "" { return nil }
            answer = "a function"
        case .failure(let error):
            if error.code == (item["code"] ?? item["error"]?["code"])?.stringValue { return nil }
            if item["code"] == nil, item["error"] != nil { return nil }
            answer = error.description
        }
        let wanted = item["result"]?.text ?? item["code"]?.text ?? item["error"]?.text ?? "undefined"
        return "\(answer.prefix(300)) instead of \(wanted.prefix(300))"
    }

    private static func evaluate(_ item: JSONValue) throws(JSONataError) -> JSONataResult {
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 1_700_000_000_000)
        // Ranges of ten million numbers are within the bounds of the reference implementation.
        environment.budget.bytes = 1 << 34
        environment.limits.memoryBytes = 1 << 31
        // The cases that name a time never end.
        if item["timelimit"] != nil { environment.budget.steps = 3_000_000 }
        if let depth = item["depth"]?.intValue { environment.limits.depth = depth }
        let expression = try JSONata(item["expr"]?.stringValue ?? "")
        let bindings = VariableTable(item["bindings"]?.objectValue ?? [:])
        let input: JSONValue?
        if let dataset = item["dataset"] {
            input = dataset.stringValue.map { TestFile.dataset($0) }
        } else {
            input = item["data"]
        }
        return try expression.evaluate(input: input, bindings: bindings, environment: &environment)
    }

    private static func isSame(_ value: JSONValue, _ wanted: JSONValue, unordered: Bool) -> Bool {
        if value == wanted { return true }
        if let a = value.doubleValue, let b = wanted.doubleValue { return a == b || abs(a - b) <= 1e-15 * abs(b) }
        if let a = value.arrayValue, let b = wanted.arrayValue, a.count == b.count {
            if unordered { return Set(a.map(\.text)) == Set(b.map(\.text)) }
            return zip(a, b).allSatisfy { isSame($0, $1, unordered: false) }
        }
        guard let a = value.objectValue, let b = wanted.objectValue, a.count == b.count else { return false }
        return a.allSatisfy { member in b[member.key].map { isSame(member.value, $0, unordered: false) } ?? false }
    }
}

extension TestFile {
    /// A document of the shared JSONata cases.
    fileprivate static func dataset(_ name: String) -> JSONValue {
        (Conformance.bytes("jsonata/datasets/\(name).json").flatMap { try? JSONValue.parse($0) }) ?? .null
    }
}
