// Random definitions under two interpreters: that of production and a slow and simple one.

import Core
import Foundation
import Expressions
import JSON
import States
import Testing

/// `NEWEL_PROPERTY_SEED=42 swift test --filter PropertyTests` replays one; `NEWEL_PROPERTY_SEEDS=50000` runs that many.
@Suite("Two interpreters")
struct PropertyTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["NEWEL_PROPERTY_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["NEWEL_PROPERTY_SEEDS"].flatMap { UInt64($0) } ?? 2_000))
    }()

    @Test("Whatever the definition and the order of things, outcome and history are those of the simple interpreter.")
    func agreement() {
        var events = 0
        var failed = 0
        for seed in Self.seeds {
            let (definition, input) = GrownDefinition.make(seed: seed)
            let comparison = Comparison(definition: definition, input: input, seed: seed)
            events += comparison.events
            guard let difference = comparison.difference else { continue }
            failed += 1
            if failed > 3 { break }
            let small = Shrinker.shrunk(comparison)
            Issue.record(
                """
                seed \(seed): \(difference)
                smallest definition: \(small.definition.text)
                input: \(small.input.text)
                \(small.difference ?? "")
                NEWEL_PROPERTY_SEED=\(seed) swift test --filter PropertyTests
                """)
        }
        print("\(Self.seeds.count) definitions, \(events) events")
        #expect(events > 4 * Self.seeds.count)
    }
}

/// One definition run by both.
struct Comparison {
    let definition: JSONValue
    let input: JSONValue
    let seed: UInt64
    private(set) var difference: String?
    private(set) var events = 0

    init(definition: JSONValue, input: JSONValue, seed: UInt64) {
        self.definition = definition
        self.input = input
        self.seed = seed
        let (machine, diagnostics) = StateMachine.compile(definition.text, type: .standard)
        guard let machine else {
            difference = "refused: \(diagnostics.invalidDefinitionMessage) \(definition.text)"
            return
        }
        for schedule in 0..<UInt64(2) where difference == nil {
            let run = CheckedRun(machine, input: input, seed: seed, schedule: schedule)
            events += run.events.count
            difference = run.violations.first ?? compare(run)
        }
    }

    /// The first word of the difference.
    var kind: Substring? { difference?.prefix { $0 != " " } }

    private func compare(_ run: CheckedRun) -> String? {
        let observed = run.steps
        let reference = ReferenceInterpreter(seed: seed, input: input)
        var strand = ReferenceInterpreter.Strand(variables: [:])
        var outcome: Result<JSONValue, Trouble>
        do throws(Trouble) {
            outcome = .success(try reference.run(definition, input, &strand, observed))
        } catch { outcome = .failure(error) }
        if let place = zip(strand.steps, observed).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
            return "step \(place): \(strand.steps[place]) expected, \(observed[place]) seen"
        }
        if strand.steps.count != observed.count {
            return "\(strand.steps.count) steps expected, \(observed.count) seen: \(observed.suffix(3))"
        }
        switch (outcome, run.execution.status) {
        case (.success(let value), .succeeded(let output)):
            return value.text == output.text ? nil : "output \(value.text) expected, \(output.text) seen"
        case (.failure(let trouble), .failed(let failure)):
            let isSame = trouble.error == failure.error && (trouble.isOwn || trouble.cause == failure.cause)
            return isSame ? nil : "\(trouble) expected, \(failure) seen"
        case (let expected, let seen): return "\(expected) expected, \(seen) seen"
        }
    }
}

/// Makes a definition smaller while the interpreters still disagree.
enum Shrinker {
    static func shrunk(_ comparison: Comparison) -> Comparison {
        var best = comparison
        var rounds = 0
        var goesOn = true
        while goesOn, rounds < 20 {
            goesOn = false
            rounds += 1
            for candidate in candidates(best.definition) {
                let smaller = Comparison(definition: candidate, input: best.input, seed: best.seed)
                // Another kind of difference is another fault, or a loop that lost its end.
                guard smaller.kind == comparison.kind else { continue }
                best = smaller
                goesOn = true
                break
            }
        }
        return best
    }

    /// The definition with one thing less.
    private static func candidates(_ value: JSONValue) -> [JSONValue] {
        var found: [JSONValue] = []
        guard let members = value.objectValue else {
            for (index, element) in (value.arrayValue ?? []).enumerated() {
                for smaller in candidates(element) {
                    var elements = value.arrayValue ?? []
                    elements[index] = smaller
                    found.append(.array(elements))
                }
            }
            return found
        }
        if members["Type"] != nil, members["Type"] != "Pass", members["Type"] != "Choice" {
            var plain: JSONObject = ["Type": "Pass"]
            for key in ["Next", "End"] { if let value = members[key] { plain[key] = value } }
            if plain.count == 1 { plain["End"] = true }
            found.append(.object(plain))
        }
        let optional: Set<String> = [
            "Retry", "Catch", "Assign", "ResultSelector", "Parameters", "ResultPath", "InputPath", "TimeoutSeconds",
            "MaxConcurrency", "ItemSelector",
        ]
        for (key, value) in members {
            if optional.contains(key) {
                var fewer = members
                fewer[key] = nil
                found.append(.object(fewer))
            }
            for smaller in candidates(value) {
                var changed = members
                changed[key] = smaller
                found.append(.object(changed))
            }
        }
        return found
    }
}
