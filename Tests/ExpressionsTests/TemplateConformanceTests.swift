// The shared mapping template cases: recorded on API Gateway, taken from Velocity, and computed with Velocity 1.7.

import Expressions
import Foundation
import JSON
import TestSupport
import Testing

@Suite("Mapping templates, the shared cases")
struct TemplateConformanceTests {
    /// The rules that a case is run by. The cases with macros show what API Gateway's engine does with them, though its
    /// service refuses them.
    enum Mode: String {
        case apigw
        case stock

        var dialect: Template.Dialect {
            switch self {
            case .apigw: Template.Dialect(nullIsEmpty: true, macros: true)
            case .stock: .velocity
            }
        }
    }

    @Test(
        "every case renders as recorded, but those listed with their reason",
        arguments: [
            "airspeed-aws-recorded", "localstack-aws-recorded", "velocity-engine-tests", "velocity17-core",
            "apigw-computed",
        ])
    func cases(file: String) throws {
        guard let bytes = Conformance.bytes("vtl/\(file).json") else { return }
        let cases = try #require(try JSONValue.parse(bytes)["cases"]?.arrayValue)
        let listed = try Self.listed()
        var run = 0
        for item in cases {
            let id = item["id"]?.stringValue ?? "?"
            for mode in [Mode.apigw, .stock] {
                guard let wish = Wish(item, mode) else { continue }
                run += 1
                let difference = wish.difference(from: Self.render(item, mode))
                let name = "\(mode.rawValue) \(id)"
                ConformanceReport.add("vtl", "\(file) \(name)", difference)
                if ConformanceReport.isWanted { continue }
                if listed.contains(name) {
                    #expect(difference != nil, "\(name) is listed and passes")
                } else {
                    #expect(difference == nil, "\(name): \(item["template"]?.text ?? "")")
                }
            }
        }
        #expect(run >= cases.count)
    }

    static func listed() throws -> Set<String> {
        let text = try String(
            contentsOf: Conformance.root.appendingPathComponent("Tests/Conformance/vtl.txt"), encoding: .utf8)
        let names = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Set(names.map { $0.split(separator: " # ")[0].trimmingCharacters(in: .whitespaces) })
    }

    static func render(_ item: JSONValue, _ mode: Mode) -> Result<TemplateOutput, TemplateError> {
        func texts(_ value: JSONValue?) -> [String: String] {
            var result: [String: String] = [:]
            for (key, value) in value?.objectValue ?? [:] { result[key] = value.stringValue ?? value.text }
            return result
        }
        let gateway = item["apigw"]
        let scope = TemplateScope(
            body: gateway?["body"]?.stringValue, path: texts(gateway?["params"]?["path"]),
            querystring: texts(gateway?["params"]?["querystring"]), header: texts(gateway?["params"]?["header"]),
            context: gateway?["context"]?.objectValue ?? [:],
            stageVariables: gateway?["stageVariables"]?.objectValue ?? [:],
            variables: item["context"]?.objectValue ?? [:])
        do throws(TemplateError) {
            let template = try Template.parse(item["template"]?.stringValue ?? "", dialect: mode.dialect)
            return .success(try template.render(scope))
        } catch {
            return .failure(error)
        }
    }
}

/// What a case wants in one mode.
private struct Wish {
    var text: String?
    var json: JSONValue?
    var compare: String
    var overrides: JSONValue?
    var status: JSONValue?

    init?(_ item: JSONValue, _ mode: TemplateConformanceTests.Mode) {
        let keys =
            mode == .stock ? ["expected_vtl", "error_vtl"] : ["expected", "expected_apigw", "error", "error_apigw"]
        guard let key = keys.first(where: { item[$0] != nil }), let value = item[key] else { return nil }
        compare = item["compare"]?.stringValue ?? "exact"
        if key.hasPrefix("expected") {
            text = value.stringValue
            json = value
        }
        overrides = item["expected_overrides"]
        status = item["expected_status_override"]
    }

    func difference(from result: Result<TemplateOutput, TemplateError>) -> String? {
        switch result {
        case .failure(let error): return json == nil || json == .null ? nil : "\(error)"
        case .success(let output):
            if let difference = difference(from: output.text) { return difference }
            if let status, output.responseOverride["status"] != status { return "status \(output.responseOverride)" }
            guard let overrides else { return nil }
            let found: JSONValue = [
                "requestOverride": .object(output.requestOverride),
                "responseOverride": .object(output.responseOverride),
            ].object
            return found == overrides ? nil : found.text
        }
    }

    private func difference(from found: String) -> String? {
        switch compare {
        case "json":
            let wanted = text.flatMap { try? JSONValue.parse($0) } ?? json
            return (try? JSONValue.parse(found)) == wanted ? nil : found
        case "collapse-whitespace":
            func collapsed(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
            return collapsed(found) == collapsed(text ?? "") ? nil : found
        default: return text.map { Array($0.utf8) == Array(found.utf8) } ?? false ? nil : found
        }
    }
}

extension [String: JSONValue] {
    fileprivate var object: JSONValue { .object(JSONObject(map { ($0.key, $0.value) })) }
}
