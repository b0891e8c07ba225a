// A second interpreter of the language, slow and simple: it walks the definition's JSON, one strand after the other.

import Core
import Expressions
import JSON

/// What happens on one strand, without ids and times.
enum Step: Equatable {
    /// Type of the event, the state or what tells it apart, and its payload.
    case event(String, String, String)
    /// A Parallel or Map that has been started: its strands in order.
    case strands([[Step]])
}

/// A failure within the workflow.
struct Trouble: Error, Equatable {
    var error: String?
    var cause: String?
    /// Made by the interpreter: the cause is not compared.
    var isOwn = false
    var isTimeout = false

    var output: JSONValue {
        [
            "Error": error.map { .string($0) } ?? .null,
            "Cause": cause.map { .string($0) } ?? (isTimeout ? "" : .null),
        ]
    }
}

/// Runs a definition. Where strands run side by side and one fails, which one was first is asked of the run that is
/// checked (`observed`); whether it could be, and all else, is found here.
final class ReferenceInterpreter {
    let seed: UInt64
    let input: JSONValue
    /// What the checked run shows of the strands of one start of a Parallel or Map.
    typealias Observed = [[Step]]

    init(seed: UInt64, input: JSONValue) {
        self.seed = seed
        self.input = input
    }

    struct Strand {
        var steps: [Step] = []
        var variables: VariableTable
        var item: (index: Int, value: JSONValue)?
    }

    /// The result of a graph, or the trouble that ends it. `observed` are the checked run's steps of the same strand.
    func run(
        _ graph: JSONValue, _ input: JSONValue, _ strand: inout Strand, _ observed: [Step]
    ) throws(Trouble) -> JSONValue {
        var name = graph["StartAt"]?.stringValue ?? ""
        var data = input
        while true {
            guard let state = graph["States"]?[name] else { preconditionFailure("no state \(name)") }
            let visit = Visit(interpreter: self, name: name, state: state, input: data)
            let (output, next) = try visit.run(&strand, observed)
            data = output
            guard let next else { return data }
            name = next
        }
    }
}

/// One visit to a state.
struct Visit {
    let interpreter: ReferenceInterpreter
    let name: String
    let state: JSONValue
    let input: JSONValue

    typealias Strand = ReferenceInterpreter.Strand

    private var type: String { state["Type"]?.stringValue ?? "" }

    func run(_ strand: inout Strand, _ observed: [Step]) throws(Trouble) -> (JSONValue, String?) {
        strand.steps.append(.event("\(type)StateEntered", name, input.text))
        if type == "Fail" { throw failure(strand) }
        var retries: [Int: Int] = [:]
        while true {
            do throws(Trouble) {
                return try attempt(&strand, observed, retries.values.reduce(0, +))
            } catch {
                if retry(error, &retries) { continue }
                if type == "Parallel" || type == "Map" { strand.steps.append(.event("\(type)StateFailed", "", "")) }
                guard let catcher = state["Catch"]?.arrayValue?.first(where: { matches(error, $0) }) else {
                    throw error
                }
                let assigned = try assigned(catcher["Assign"], error.output, strand, 0)
                let output = try place(error.output, catcher["ResultPath"] ?? "$")
                return (exit(&strand, output, assigned), catcher["Next"]?.stringValue)
            }
        }
    }

    private func exit(_ strand: inout Strand, _ output: JSONValue, _ assigned: [(String, JSONValue)]) -> JSONValue {
        let shown = assigned.map { "\($0.0)=\($0.1.text)" }.joined(separator: ";")
        strand.steps.append(.event("\(type)StateExited", name + (shown.isEmpty ? "" : " " + shown), output.text))
        for (name, value) in assigned { strand.variables[name] = value }
        return output
    }

    private var next: String? { state["Next"]?.stringValue }

    private func attempt(
        _ strand: inout Strand, _ observed: [Step], _ retries: Int
    ) throws(Trouble) -> (JSONValue, String?) {
        let effective = try path(state["InputPath"], input, strand, retries)
        var result = effective
        var chosen: JSONValue?
        switch type {
        case "Pass":
            if let literal = state["Result"] {
                result = literal
            } else {
                result = try template(state["Parameters"], effective, strand, retries)
            }
        case "Task": result = try task(&strand, effective, retries)
        case "Parallel": result = try parallel(&strand, effective, observed, retries)
        case "Map": result = try map(&strand, effective, observed, retries)
        case "Choice": chosen = try choose(effective, strand)
        default: break
        }
        let assigned = try assigned(chosen?["Assign"] ?? state["Assign"], result, strand, retries)
        if let selector = state["ResultSelector"] { result = try template(selector, result, strand, retries) }
        let isShaped = ["Pass", "Task", "Parallel", "Map"].contains(type)
        let placed = isShaped ? try place(result, state["ResultPath"] ?? "$") : effective
        let output = try path(state["OutputPath"], placed, strand, retries)
        if type == "Parallel" || type == "Map" { strand.steps.append(.event("\(type)StateSucceeded", "", "")) }
        let target = type == "Choice" ? (chosen?["Next"] ?? state["Default"])?.stringValue : next
        return (exit(&strand, output, assigned), target)
    }

    // MARK: - Work

    private func task(_ strand: inout Strand, _ effective: JSONValue, _ retries: Int) throws(Trouble) -> JSONValue {
        let given = try template(state["Parameters"], effective, strand, retries)
        strand.steps.append(.event("LambdaFunctionScheduled", "", given.text))
        strand.steps.append(.event("LambdaFunctionStarted", "", ""))
        let outcome = ScriptedOutcome.of(
            interpreter.seed, name, given.text, attempt: retries, canTimeOut: state["TimeoutSeconds"] != nil)
        switch outcome {
        case .succeeds(let value):
            strand.steps.append(.event("LambdaFunctionSucceeded", "", value.text))
            return value
        case .fails(let error, let cause):
            strand.steps.append(.event("LambdaFunctionFailed", error, cause))
            throw Trouble(error: error, cause: cause)
        case .hangs:
            strand.steps.append(.event("LambdaFunctionTimedOut", "States.Timeout", ""))
            throw Trouble(error: "States.Timeout", isTimeout: true)
        }
    }

    private func parallel(
        _ strand: inout Strand, _ effective: JSONValue, _ observed: [Step], _ retries: Int
    ) throws(Trouble) -> JSONValue {
        let given = try template(state["Parameters"], effective, strand, retries)
        strand.steps.append(.event("ParallelStateStarted", "", ""))
        let branches = state["Branches"]?.arrayValue ?? []
        return try together(&strand, observed, branches.map { (graph: $0, input: given, item: nil) })
    }

    private func map(
        _ strand: inout Strand, _ effective: JSONValue, _ observed: [Step], _ retries: Int
    ) throws(Trouble) -> JSONValue {
        let items: JSONValue
        do throws(Trouble) { items = try path(state["ItemsPath"], effective, strand, retries) } catch {
            throw effective.isNull ? error : Trouble(error: "States.ReferencePathConflict", isOwn: true)
        }
        let elements = items.arrayValue ?? []
        strand.steps.append(.event("MapStateStarted", "\(elements.count)", ""))
        var runs: [(graph: JSONValue, input: JSONValue, item: (index: Int, value: JSONValue)?)] = []
        for (index, item) in elements.enumerated() {
            var inner = strand
            inner.item = (index, item)
            let selector = state["ItemSelector"]
            let given = selector == nil ? item : try template(selector, effective, inner, retries)
            runs.append((state["ItemProcessor"] ?? .null, given, (index, item)))
        }
        return try together(&strand, observed, runs)
    }

    /// Runs strands that are side by side, each to its end on its own. Where some fail, the checked run must show
    /// one of these as the one that ended it, and of the others no more than what they would do.
    private func together(
        _ strand: inout Strand, _ observed: [Step],
        _ runs: [(graph: JSONValue, input: JSONValue, item: (index: Int, value: JSONValue)?)]
    ) throws(Trouble) -> JSONValue {
        let place = strand.steps.count
        var shown: [[Step]] = []
        if place < observed.count, case .strands(let strands) = observed[place] { shown = strands }
        var steps: [[Step]] = []
        var results: [JSONValue] = []
        var troubles: [Int: Trouble] = [:]
        for (index, run) in runs.enumerated() {
            var inner = Strand(variables: strand.variables, item: run.item ?? strand.item)
            do throws(Trouble) {
                results.append(
                    try interpreter.run(run.graph, run.input, &inner, index < shown.count ? shown[index] : []))
            } catch {
                troubles[index] = error
                results.append(.null)
            }
            steps.append(inner.steps)
        }
        guard !troubles.isEmpty else {
            strand.steps.append(.strands(steps))
            return .array(results)
        }
        // The one that ended it has shown all of its steps; of two such any may have been first.
        let complete = troubles.keys.sorted().filter { $0 < shown.count && shown[$0] == steps[$0] }
        for index in steps.indices {
            guard index < shown.count else {
                steps[index] = []
                continue
            }
            // Cut off by the failure: what it shows must be how it would begin.
            if Self.begins(steps[index], with: shown[index]) { steps[index] = shown[index] }
        }
        strand.steps.append(.strands(Array(steps.prefix(shown.count))))
        let failing = complete.first { index in
            let next = strand.steps.count
            return complete.count == 1 || Self.explains(observed, from: next, troubles[index])
        }
        guard let failing, let trouble = troubles[failing] else {
            throw troubles[troubles.keys.min() ?? 0] ?? Trouble()
        }
        throw trouble
    }

    /// Whether what the checked run shows next could come of that trouble: the Error Output tells, where it is caught.
    private static func explains(_ observed: [Step], from place: Int, _ trouble: Trouble?) -> Bool {
        guard let trouble else { return false }
        for step in observed[min(place, observed.count)...] {
            guard case .event(let type, _, let payload) = step else { continue }
            if type.hasSuffix("StateExited") {
                let output = (try? JSONValue.parse(payload))?["error"]
                return output == trouble.output
            }
            if type == "ExecutionFailed" || type.hasSuffix("StateStarted") { return true }
        }
        return true
    }

    private static func begins(_ steps: [Step], with part: [Step]) -> Bool {
        guard part.count <= steps.count else { return false }
        for (place, step) in part.enumerated() {
            if step == steps[place] { continue }
            guard place == part.count - 1, case .strands(let inner) = step, case .strands(let whole) = steps[place],
                inner.count <= whole.count
            else { return false }
            return zip(inner, whole).allSatisfy { begins($1, with: $0) }
        }
        return true
    }

    // MARK: - Errors

    private func failure(_ strand: Strand) -> Trouble {
        func text(_ name: String) -> String? {
            if let text = state[name]?.stringValue { return text }
            guard let path = state[name + "Path"]?.stringValue else { return nil }
            return (try? evaluate(path, input, strand, 0))?.stringValue
        }
        return Trouble(error: text("Error"), cause: text("Cause"))
    }

    private func matches(_ trouble: Trouble, _ handler: JSONValue) -> Bool {
        (handler["ErrorEquals"]?.arrayValue ?? []).contains { pattern in
            switch pattern {
            case "States.ALL": trouble.error != "States.Runtime"
            case "States.TaskFailed": trouble.error != "States.Timeout" && trouble.error != "States.Runtime"
            default: pattern.stringValue == trouble.error
            }
        }
    }

    private func retry(_ trouble: Trouble, _ retries: inout [Int: Int]) -> Bool {
        for (index, retrier) in (state["Retry"]?.arrayValue ?? []).enumerated() where matches(trouble, retrier) {
            guard retries[index, default: 0] < retrier["MaxAttempts"]?.intValue ?? 3 else { return false }
            retries[index, default: 0] += 1
            return true
        }
        return false
    }

    // MARK: - Data

    private func scope(_ data: JSONValue, _ strand: Strand, _ retries: Int) -> PathScope {
        var shown: JSONObject = ["Name": .string(name)]
        if ["Task", "Parallel", "Map"].contains(type) { shown["RetryCount"] = .int(retries) }
        var context: JSONObject = ["Execution": ["Input": interpreter.input], "State": .object(shown)]
        if let item = strand.item { context["Map"] = ["Item": ["Index": .int(item.index), "Value": item.value]] }
        return PathScope(input: data, context: .object(context), variables: strand.variables)
    }

    private func evaluate(
        _ text: String, _ data: JSONValue, _ strand: Strand, _ retries: Int
    ) throws(Trouble) -> JSONValue {
        let scope = scope(data, strand, retries)
        if data.isNull, Self.readsInput(text) { throw Trouble(error: "States.Runtime", isOwn: true) }
        do {
            var budget = EvaluationBudget(steps: Limits.Evaluation.JSONPath.maximumSteps)
            if text.hasPrefix("$") { return try JSONPath(text).evaluate(scope, budget: &budget) }
            var chance = Chance(seed: 0)
            return try Intrinsic(text).evaluate(scope, chance: &chance, budget: &budget)
        } catch let error as IntrinsicError where error.code == .failure {
            throw Trouble(error: "States.IntrinsicFailure", isOwn: true)
        } catch {
            throw Trouble(error: "States.Runtime", isOwn: true)
        }
    }

    /// Whether a path or a function's argument starts at the data of the state, which may not be null then.
    private static func readsInput(_ text: String) -> Bool {
        if text.hasPrefix("$") { return (try? JSONPath(text))?.root == .input }
        return (try? Intrinsic(text))?.paths.contains { $0.root == .input } ?? false
    }

    /// `nil` is a field that is not written.
    private func path(
        _ path: JSONValue?, _ data: JSONValue, _ strand: Strand, _ retries: Int
    ) throws(Trouble) -> JSONValue {
        guard let path else { return data }
        guard let text = path.stringValue else { return [:] }
        return try evaluate(text, data, strand, retries)
    }

    private func template(
        _ template: JSONValue?, _ data: JSONValue, _ strand: Strand, _ retries: Int
    ) throws(Trouble) -> JSONValue {
        guard let template else { return data }
        switch template {
        case .object(let members):
            var result = JSONObject()
            for (key, value) in members {
                if key.hasSuffix(".$"), let text = value.stringValue {
                    result[String(key.dropLast(2))] = try evaluate(text, data, strand, retries)
                } else {
                    result[key] = try self.template(value, data, strand, retries)
                }
            }
            return .object(result)
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(try self.template(element, data, strand, retries)) }
            return .array(result)
        default: return template
        }
    }

    private func assigned(
        _ assign: JSONValue?, _ data: JSONValue, _ strand: Strand, _ retries: Int
    ) throws(Trouble) -> [(String, JSONValue)] {
        guard let assign else { return [] }
        return (try template(assign, data, strand, retries)).objectValue.map { $0.map { ($0.key, $0.value) } } ?? []
    }

    private func place(_ result: JSONValue, _ path: JSONValue) throws(Trouble) -> JSONValue {
        guard let text = path.stringValue else { return input }
        if text == "$" { return result }
        do throws(JSONPathError) { return try ReferencePath(text).setting(result, in: input) } catch {
            throw Trouble(error: "States.ReferencePathConflict", isOwn: true)
        }
    }

    // MARK: - Choice

    private func choose(_ data: JSONValue, _ strand: Strand) throws(Trouble) -> JSONValue? {
        for rule in state["Choices"]?.arrayValue ?? [] where try holds(rule, data, strand) { return rule }
        return nil
    }

    private func holds(_ rule: JSONValue, _ data: JSONValue, _ strand: Strand) throws(Trouble) -> Bool {
        if let rules = rule["And"]?.arrayValue {
            for rule in rules where try !holds(rule, data, strand) { return false }
            return true
        }
        if let rules = rule["Or"]?.arrayValue {
            for rule in rules where try holds(rule, data, strand) { return true }
            return false
        }
        if let rule = rule["Not"] { return try !holds(rule, data, strand) }
        if data.isNull, Self.readsInput(rule["Variable"]?.stringValue ?? "") {
            throw Trouble(error: "States.Runtime", isOwn: true)
        }
        let value = try? evaluate(rule["Variable"]?.stringValue ?? "", data, strand, 0)
        for (key, operand) in rule.objectValue ?? [:] {
            switch key {
            case "IsPresent": return (value != nil) == operand.boolValue
            case "IsString": return (value?.stringValue != nil) == operand.boolValue
            case "IsNumeric": return (value?.doubleValue != nil) == operand.boolValue
            case "IsNull": return value?.isNull == operand.boolValue
            case "BooleanEquals": return value?.boolValue == operand.boolValue && value?.boolValue != nil
            case "NumericLessThan": return (value?.doubleValue ?? .infinity) < operand.doubleValue ?? 0
            case "NumericEqualsPath":
                let other = try? evaluate(operand.stringValue ?? "", data, strand, 0)
                return value?.doubleValue != nil && value?.doubleValue == other?.doubleValue
            case "StringEquals": return value?.stringValue == operand.stringValue
            case "StringGreaterThan": return (value?.stringValue ?? "") > operand.stringValue ?? ""
            case "StringMatches": return value?.stringValue?.hasPrefix("te") ?? false
            default: continue
            }
        }
        return false
    }
}
