// Runs the cases of the folder Intrinsics: a call and an input, and the value or the failure that must come of them.

import Expressions
import JSON
import Testing
import TestSupport

@Suite("Intrinsic functions")
struct IntrinsicTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var call: String
        var input: JSONValue
        var expected: JSONValue?
        var code: String?
        var message: String?
        var offset: Int?

        var testDescription: String { call }
    }

    static let cases: [Case] =
        TestFile.json("ExpressionsTests/Intrinsics/intrinsics.json").arrayValue?.map { entry in
            Case(
                call: entry["call"]?.stringValue ?? "", input: entry["input"] ?? .null, expected: entry["expected"],
                code: entry["code"]?.stringValue, message: entry["error"]?.stringValue,
                offset: entry["offset"]?.intValue)
        } ?? []

    @Test("A call gives the value or the failure of its case.", arguments: cases)
    func evaluates(_ testCase: Case) throws {
        do {
            var chance = Chance(seed: 1)
            let scope = PathScope(
                input: testCase.input, context: ["Execution": ["Input": testCase.input]],
                variables: ["v": ["w": "variable"]])
            let value = try Intrinsic(testCase.call).value(scope, &chance)
            let expected = try #require(testCase.expected, "expected a failure, got \(value)")
            #expect(value.text == expected.text)
        } catch let error as IntrinsicError {
            #expect(error.message == testCase.message)
            #expect("\(error.code)" == testCase.code)
            if let offset = testCase.offset { #expect(error.offset == offset) }
        }
    }

    @Test("Every case says what it expects, and there are cases.")
    func casesAreWhole() {
        #expect(Self.cases.count > 150)
        for testCase in Self.cases {
            #expect((testCase.expected == nil) == (testCase.code != nil && testCase.message != nil), "\(testCase.call)")
        }
    }

    @Test("States.MathRandom stays within its bounds, reaches both ends and follows its seed.")
    func mathRandom() throws {
        var chance = Chance(seed: 42)
        let call = try Intrinsic("States.MathRandom(-2, 2)")
        let drawn = try (0..<200).map { _ in try call.value(PathScope(input: .null), &chance).intValue }
        #expect(Set(drawn) == [-2, -1, 0, 1])
        let seeded = try Intrinsic("States.MathRandom(0, 100000, $)")
        let three = try seeded.value(PathScope(input: 3), &chance)
        #expect(try seeded.value(PathScope(input: 3), &chance) == three)
        #expect(try seeded.value(PathScope(input: 4), &chance) != three)
        #expect(try Intrinsic("States.MathRandom(12.5, 13.5)").value(PathScope(input: 3), &chance) == 13)
    }

    @Test("States.UUID gives another UUID of version 4 each time, the same for the same seed.")
    func uuid() throws {
        let call = try Intrinsic("States.UUID()")
        let scope = PathScope(input: .null)
        var chance = Chance(seed: 7)
        let first = try #require(try call.value(scope, &chance).stringValue)
        #expect(first.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(try call.value(scope, &chance) != .string(first))
        var again = Chance(seed: 7)
        #expect(try call.value(scope, &again) == .string(first))
    }

    @Test("A text that grows with each nested call meets its bound instead of the memory's.")
    func growth() throws {
        let call = try Intrinsic(
            String(repeating: "States.JsonToString(", count: 10) + "$" + String(repeating: ")", count: 10))
        var chance = Chance(seed: 7)
        let input = PathScope(input: .string(String(repeating: "\"", count: 100_000)))
        #expect { try call.value(input, &chance) } throws: { ($0 as? IntrinsicError)?.code == .failure }
        let format = try Intrinsic(
            "States.Format('\(String(repeating: "{}", count: 500))'\(String(repeating: ", $", count: 500)))")
        #expect { try format.value(input, &chance) } throws: { ($0 as? IntrinsicError)?.code == .failure }
    }

    @Test("The paths of a call are those of its arguments, nested calls included.")
    func paths() throws {
        let call = try Intrinsic("States.Format($t, States.Array($.a, States.ArrayLength($$.b)), 1)")
        #expect(call.paths.map(\.source) == ["$t", "$.a", "$$.b"])
    }
}

extension Intrinsic {
    /// The call's value within a budget that no test exceeds.
    func value(_ scope: PathScope, _ chance: inout Chance) throws(IntrinsicError) -> JSONValue {
        var budget = EvaluationBudget(steps: 2_000_000)
        return try evaluate(scope, chance: &chance, budget: &budget)
    }
}
