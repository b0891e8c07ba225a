// Random definitions whose variables may lack a value: what the checks say of them, and what comes of it.

import Core
import Expressions
import JSON
import States
import Testing

@Suite("Warnings about variables, and runs")
struct VariableWarningTests {
    private static let seeds: ClosedRange<UInt64> = 1...200

    private static func compile(_ definition: JSONValue) -> (machine: StateMachine?, warnings: [Diagnostic]) {
        let (machine, diagnostics) = StateMachine.compile(definition.text, type: .standard)
        return (machine, diagnostics.filter { $0.code == .possiblyUndefinedVariable })
    }

    @Test("A definition that assigns every variable before it is referred to gets no warning.")
    func defined() {
        for seed in Self.seeds {
            let definition = GrownDefinition.make(seed: seed).definition
            #expect(Self.compile(definition).warnings == [], "\(definition.text)")
        }
    }

    @Test("A run fails for want of a variable only where a warning has said so.")
    func undefined() throws {
        var failed = 0
        for seed in Self.seeds {
            let (whole, input) = GrownDefinition.make(seed: seed)
            var chance = Chance(seed: seed)
            let definition = Self.withoutSomeAssigns(whole, &chance)
            let (compiled, warnings) = Self.compile(definition)
            let machine = try #require(compiled)
            let run = CheckedRun(machine, input: input, seed: seed, schedule: 0)
            guard case .failed(let failure) = run.execution.status,
                let missed = failure.cause?.firstMatch(of: /the state '(\w+)' .*Invalid path '\$(g\d+)/)
            else { continue }
            failed += 1
            let isWarned = warnings.contains {
                $0.message == "Variable '\(missed.2)' is possibly not defined."
                    && $0.location?.contains("/States/\(missed.1)/") == true
            }
            #expect(isWarned, "\(definition.text)")
        }
        #expect(failed > 5)
    }

    /// The definition with about every other `Assign` gone.
    private static func withoutSomeAssigns(_ value: JSONValue, _ chance: inout Chance) -> JSONValue {
        switch value {
        case .object(let members):
            var kept = JSONObject()
            for (key, member) in members where key != "Assign" || chance.number(below: 2) == 0 {
                kept[key] = withoutSomeAssigns(member, &chance)
            }
            return .object(kept)
        case .array(let elements): return .array(elements.map { withoutSomeAssigns($0, &chance) })
        case .null, .bool, .number, .string: return value
        }
    }
}
