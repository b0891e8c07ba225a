// The shared JSONPath cases: a path and a document in, and what Jayway JsonPath 2.0.0 has for them out.

import Core
import Expressions
import JSON
import TestSupport
import Testing

@Suite("JSONPath, the shared cases")
struct JSONPathConformanceTests {
    /// How many cases of a tier there are and what became of them.
    struct Score: CustomStringConvertible {
        var cases = 0
        var passed = 0
        var messages = 0
        var sameMessages = 0

        var description: String { "\(passed) of \(cases), messages \(sameMessages) of \(messages)" }
    }

    /// The tiers that bind; the others are only counted.
    static let binding: Set<String> = ["observed", "derived"]

    @Test("Every binding case has its value, failure or refusal, but those listed with their reason.")
    func cases() throws {
        guard let bytes = Conformance.bytes("jsonpath/paths.jsonl") else { return }
        let listed = Self.listed()
        var scores: [String: Score] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let item = try JSONValue.parse(Array(line))
            let id = item["id"]?.stringValue ?? "?"
            let tier = item["tier"]?.stringValue ?? "?"
            let outcome = Self.outcome(item)
            let difference = outcome.difference(from: item)
            var score = scores[tier] ?? Score()
            score.cases += 1
            if difference == nil { score.passed += 1 }
            if let message = item["message"]?.stringValue {
                score.messages += 1
                if outcome.message == message { score.sameMessages += 1 }
            }
            scores[tier] = score
            if tier != "disputed" { ConformanceReport.add("jsonpath", id, difference) }
            if ConformanceReport.isWanted { continue }
            if listed.contains(id) {
                #expect(difference != nil, "\(id) is listed and passes")
            } else if let difference, Self.binding.contains(tier) {
                Issue.record("\(id): \(item["path"]?.text ?? ""): \(difference)")
            }
        }
        for (tier, score) in scores.sorted(by: { $0.key < $1.key }) { print("jsonpath, \(tier): \(score)") }
        let binding = scores.filter { Self.binding.contains($0.key) }.values
        let messages = binding.map(\.messages).reduce(0, +)
        #expect(binding.map(\.sameMessages).reduce(0, +) * 100 >= messages * 95)
        #expect(binding.map(\.cases).reduce(0, +) > 500 || ConformanceReport.isWanted)
    }

    @Test("A path of many nodes that is not found has an empty array in Step Functions.")
    func emptyArrays() throws {
        guard let bytes = Conformance.bytes("jsonpath/paths.jsonl") else { return }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let item = try JSONValue.parse(Array(line))
            guard item["error"] == "notFound", item["definite"] == false, item["tier"] == "derived" else { continue }
            let path = try JSONPath(item["path"]?.stringValue ?? "")
            #expect(try path.evaluated(PathScope(input: item["input"] ?? .null)) == [], "\(path.source)")
        }
    }

    /// `id # reason`, a line each.
    static func listed() -> Set<String> {
        let names = TestFile.text("Conformance/jsonpath.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Set(names.compactMap { $0.split(separator: " # ").first.map { String($0) } })
    }

    /// What came of a case.
    enum Outcome {
        case value(JSONValue, isDefinite: Bool)
        case failure(JSONPathError, isDefinite: Bool)
        case refusal(JSONPathError)

        var message: String? { if case .failure(let error, _) = self { error.message } else { nil } }

        /// What is wrong with it, `nil` where nothing is.
        func difference(from item: JSONValue) -> String? {
            let wanted = item["result"].map { $0.text } ?? item["error"]?.stringValue ?? "?"
            let answer: String
            switch self {
            case .value(let value, let isDefinite):
                if let result = item["result"], JSONPathConformanceTests.isSame(value, result),
                    item["definite"] == .bool(isDefinite)
                {
                    return nil
                }
                answer = value.text + (isDefinite ? ", definite" : "")
            case .failure(let error, let isDefinite):
                let kind = error.code == .notFound ? "notFound" : "eval"
                if item["error"] == .string(kind), item["definite"] == .bool(isDefinite) { return nil }
                answer = "\(error.code): \(error.message)"
            case .refusal(let error):
                if item["error"] == "compile" { return nil }
                answer = "refused: \(error.message)"
            }
            return "\(answer.prefix(300)) instead of \(wanted.prefix(300))"
        }
    }

    static func outcome(_ item: JSONValue) -> Outcome {
        let path: JSONPath
        do throws(JSONPathError) { path = try JSONPath(item["path"]?.stringValue ?? "") } catch {
            return .refusal(error)
        }
        var budget = EvaluationBudget(steps: Limits.Evaluation.JSONPath.maximumSteps)
        do throws(JSONPathError) {
            let value = try path.libraryValue(PathScope(input: item["input"] ?? .null), budget: &budget)
            return .value(value, isDefinite: path.isDefinite)
        } catch { return .failure(error, isDefinite: path.isDefinite) }
    }

    /// Whether both are the same value, the members of objects in the same order.
    fileprivate static func isSame(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
        switch (value, wanted) {
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
        case (.object(let a), .object(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
        default: value == wanted
        }
    }
}
