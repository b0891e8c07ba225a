// What libFuzzer feeds: each target takes bytes and must neither crash, nor hang, nor use much memory.

import Expressions
import Foundation
import JSON
import States

enum FuzzTarget {
    typealias Body = @Sendable (UnsafeBufferPointer<UInt8>) -> Void

    static let chosen: Body = {
        let name = ProcessInfo.processInfo.environment["NEWEL_FUZZ_TARGET"] ?? ""
        guard let body = all[name] else { fatalError("NEWEL_FUZZ_TARGET: one of \(all.keys.sorted())") }
        return body
    }()

    private static let all: [String: Body] = [
        "json": json, "definition": definition, "jsonpath": jsonPath, "intrinsic": intrinsic, "jsonata": jsonata,
        "template": template,
    ]

    /// What parses must print, compact and for people, and read back as the same value; bytes and text read alike.
    private static let json: Body = { bytes in
        let value = try? JSONValue.parse(Array(bytes))
        if let text = String(validating: bytes, as: UTF8.self) {
            precondition((try? JSONValue.parse(text)) == value, "bytes and text are read as different values")
        } else {
            precondition(value == nil, "read as JSON though it is not UTF-8")
        }
        guard let value else { return }
        for text in [value.text, value.prettyText] {
            guard let again = try? JSONValue.parse(text) else { fatalError("printed text is not JSON") }
            precondition(again == value, "read back as another value")
        }
    }

    /// The first byte says Standard or Express. There is a machine exactly when no finding is an error.
    private static let definition: Body = { bytes in
        guard let first = bytes.first else { return }
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        let type: MachineType = first & 1 == 0 ? .standard : .express
        let (machine, diagnostics) = StateMachine.compile(text, type: type)
        precondition(
            (machine != nil) == !diagnostics.contains { $0.severity == .error }, "machine and findings disagree")
        precondition(StateMachine.compile(text, type: type).diagnostics == diagnostics, "findings change")
        for diagnostic in diagnostics.prefix(10) { _ = diagnostic.position(in: text) }
    }

    /// A path, a line break, a document. What a Reference Path has put somewhere it must find there.
    private static let jsonPath: Body = { bytes in
        let (text, document) = split(bytes)
        var budget = EvaluationBudget(steps: steps)
        if let path = try? JSONPath(text) { _ = try? path.evaluate(scope(document), budget: &budget) }
        budget = EvaluationBudget(steps: steps)
        guard let path = try? ReferencePath(text) else { return }
        _ = try? path.evaluate(scope(document), budget: &budget)
        guard let changed = try? path.setting(["set": true], in: document) else { return }
        if case .variable(let name) = path.root, name != "x" { return }
        // Where a value is put, a backslash takes the next character as it is; where it is read, it is one.
        if text.utf8.contains(UInt8(ascii: "\\")) { return }
        precondition(
            (try? path.evaluate(scope(changed), budget: &budget)) == ["set": true], "not found where it was put")
    }

    private static func scope(_ document: JSONValue) -> PathScope {
        PathScope(input: document, context: document, variables: ["x": document])
    }

    /// A call, a line break, a document.
    private static let intrinsic: Body = { bytes in
        let (text, document) = split(bytes)
        guard let intrinsic = try? Intrinsic(text) else { return }
        var chance = Chance(seed: 1)
        var budget = EvaluationBudget(steps: steps)
        _ = try? intrinsic.evaluate(scope(document), chance: &chance, budget: &budget)
    }

    /// The first byte chooses the dialect.
    private static let jsonata: Body = { bytes in
        guard let first = bytes.first else { return }
        let (text, document) = split(UnsafeBufferPointer(rebasing: bytes.dropFirst()))
        guard let expression = try? JSONata(text, dialect: first & 1 == 0 ? .stepFunctions : .reference) else { return }
        var environment = JSONataEnvironment(chance: Chance(seed: 1), time: 1_700_000_000_000)
        environment.budget.steps = steps
        environment.limits.depth = 100
        _ = try? expression.evaluate(input: document, bindings: ["x": document], environment: &environment)
    }

    /// A template, a line break, a body.
    private static let template: Body = { bytes in
        let (text, document) = split(bytes)
        guard let template = try? Template.parse(text) else { return }
        var budget = EvaluationBudget(steps: steps)
        _ = try? template.render(TemplateScope(body: document.text), budget: &budget)
    }

    /// Steps of one evaluation: those of the interpreter when an input is replayed, fewer while inputs are looked for.
    private static var steps: Int {
        #if NEWEL_LIBFUZZER
            100_000
        #else
            2_000_000
        #endif
    }

    private static func split(_ bytes: UnsafeBufferPointer<UInt8>) -> (String, JSONValue) {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let rest = Array(bytes[end...].dropFirst())
        return (
            String(decoding: bytes[..<end], as: UTF8.self), (try? JSONValue.parse(rest)) ?? ["a": [1, "b", ["c": []]]]
        )
    }
}
