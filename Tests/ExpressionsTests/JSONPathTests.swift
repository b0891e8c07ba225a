// Runs the cases of the folder JSONPath: a path and a document, and the value or the failure that must come of them.

import Core
import Expressions
import JSON
import Testing
import TestSupport

@Suite("JSONPath")
struct JSONPathTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        var path: String
        var document: JSONValue
        var expected: JSONValue?
        var code: String?
        var message: String?
        var offset: Int?
        var budget: Int?

        var testDescription: String { "\(file): \(path)" }
    }

    static let cases: [Case] = ["names-and-indices", "many-nodes", "filters", "syntax-errors"].flatMap {
        read($0)
    }

    static func read(_ file: String) -> [Case] {
        TestFile.json("ExpressionsTests/JSONPath/\(file).json").arrayValue?.map { entry in
            Case(
                file: file, path: entry["path"]?.stringValue ?? "", document: entry["document"] ?? .null,
                expected: entry["expected"], code: entry["code"]?.stringValue, message: entry["error"]?.stringValue,
                offset: entry["offset"]?.intValue, budget: entry["budget"]?.intValue)
        } ?? []
    }

    @Test("A path over a document gives the value or the failure of its case.", arguments: cases)
    func evaluates(_ testCase: Case) throws {
        do {
            let path = try JSONPath(testCase.path)
            let scope = PathScope(input: testCase.document)
            let value = try path.evaluated(scope, steps: testCase.budget ?? Limits.Evaluation.JSONPath.maximumSteps)
            let expected = try #require(testCase.expected, "expected a failure, got \(value)")
            #expect(value.text == expected.text)
        } catch let error as JSONPathError {
            #expect(error.message == testCase.message)
            #expect("\(error.code)" == testCase.code)
            if let offset = testCase.offset { #expect(error.offset == offset) }
        }
    }

    @Test("Every case says what it expects, and there are cases.")
    func casesAreWhole() {
        #expect(Self.cases.count > 150)
        for testCase in Self.cases {
            #expect((testCase.expected == nil) == (testCase.code != nil && testCase.message != nil), "\(testCase.path)")
        }
    }

    @Test("A path starts at the input, at the context object or at a variable.")
    func roots() throws {
        let scope = PathScope(
            input: ["a": 1], context: ["Execution": ["Name": "x"]], variables: ["größe": ["b": [3]]])
        #expect(try JSONPath("$.a").evaluated(scope) == 1)
        #expect(try JSONPath("$$.Execution.Name").evaluated(scope) == "x")
        #expect(try JSONPath("$$").root == .context)
        #expect(try JSONPath("$größe.b[0]").evaluated(scope) == 3)
        #expect(try JSONPath("$größe").root == .variable("größe"))
        #expect {
            try JSONPath("$nope.a").evaluated(scope)
        } throws: {
            ($0 as? JSONPathError)?.code == .undefinedVariable
        }
    }

    @Test("The context object is made only for a path that starts there.")
    func lazyContext() throws {
        final class Count { var made = 0 }
        let count = Count()
        var scope = PathScope(input: ["a": 1])
        scope.context = {
            count.made += 1
            return ["b": 2]
        }
        _ = try JSONPath("$.a").evaluated(scope)
        #expect(count.made == 0)
        #expect(try JSONPath("$$.b").evaluated(scope) == 2)
        #expect(count.made == 1)
    }

    @Test(
        "A path knows whether it is definite.",
        arguments: [
            ("$", true), ("$.a[0]['b']", true), ("$['a','b']", true), ("$[(@.length-1)].a", true), ("$[*]", false),
            ("$.*", false), ("$[0,1]", false), ("$[0:1]", false), ("$..a", false), ("$[?(@.a)]", false),
            ("$.a.sum()", true), ("$[,0]", true), ("$[*].length()", false),
        ])
    func definite(path: String, isDefinite: Bool) throws {
        #expect(try JSONPath(path).isDefinite == isDefinite)
    }

    @Test("Results are charged with the copy that their array needs to grow.")
    func results() throws {
        let path = try JSONPath("$[-1000000:3]")
        let bytes = 1_000_003 * MemoryLayout<JSONValue>.stride
        for (share, isEnough) in [(1, false), (4, true)] {
            var budget = EvaluationBudget(steps: .max, bytes: share * bytes)
            let found = try? path.evaluate(PathScope(input: [1, 2, 3]), budget: &budget).arrayValue?.count
            #expect(found == (isEnough ? 1_000_003 : nil))
        }
    }

    @Test("A document as deep as its parser allows is searched without a deep stack.")
    func deepDocument() throws {
        let depth = 500
        let text = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        let scope = PathScope(input: try JSONValue.parse(text))
        #expect(try JSONPath("$..a").evaluated(scope).arrayValue?.count == depth)
    }
}

extension JSONPath {
    /// The value with a budget of its own.
    func evaluated(_ scope: PathScope, steps: Int = Limits.Evaluation.JSONPath.maximumSteps) throws(JSONPathError)
        -> JSONValue
    {
        var budget = EvaluationBudget(steps: steps)
        return try evaluate(scope, budget: &budget)
    }
}

extension ReferencePath {
    /// The value with a budget of its own.
    func evaluated(_ scope: PathScope) throws(JSONPathError) -> JSONValue { try path.evaluated(scope) }
}
