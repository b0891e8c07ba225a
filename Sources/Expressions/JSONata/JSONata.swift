// JSONata: the query and transformation language of JSON, in the reference's form and in that of Step Functions.

import Core
package import JSON
import Synchronization

/// An expression, compiled once and evaluated many times.
package struct JSONata: Sendable {
    package enum Dialect: Sendable {
        /// The language as its documentation has it.
        case reference
        /// As AWS runs it (language.md §12): without `?:`, `??` and `$eval`, with functions and bounds of its own.
        case stepFunctions
    }

    let compiled: CompiledJSONata

    /// The text as written.
    package var source: String { compiled.source }
    package var dialect: Dialect { compiled.dialect }
    /// Variables that are neither built in nor bound within the expression, without `$`.
    package var freeVariables: Set<String> { compiled.freeVariables }
    /// The members of `$states` that the expression reads; `nil` when it uses `$states` as a whole.
    package var statesMembers: Set<String>? { compiled.statesMembers }
    /// What AWS refuses when a definition is created, since there is no context item at the top level: bare names, `$`
    /// and `$$`, in the order in which they occur.
    package var unsupportedReferences: [String] { compiled.unsupportedReferences }

    /// Compiles an expression. Throws an error whose code begins with `S`.
    package init(_ source: String, dialect: Dialect = .reference) throws(JSONataError) {
        compiled = try CompiledJSONata(source, dialect)
    }

    init(compiled: CompiledJSONata) { self.compiled = compiled }

    /// The expression's value over `input` (`nil`: no context item) and `bindings` (variables without `$`).
    ///
    /// `states` is the value of `$states`, which the variables of a state machine do not have to be copied for.
    ///
    /// Throws an error whose code begins with `T`, `D` or `U`; `U` is a bound of `environment.limits` or, with
    /// `exceeded`, of `environment.budget`. Steps are taken also when the evaluation fails.
    package func evaluate(
        input: JSONValue?, bindings: VariableTable, states: JSONValue? = nil,
        environment: inout JSONataEnvironment
    ) throws(JSONataError) -> JSONataResult {
        let evaluator = JSONataEvaluator(try compiled.tree(), dialect, bindings, states, environment)
        defer {
            environment.chance = evaluator.chance
            environment.budget.steps = max(evaluator.stepsLeft, 0)
            evaluator.release()
        }
        let value = try evaluator.whole(input)
        if value.isFunction { return .function }
        // What was made on the way is gone afterwards, the result is not.
        let bytesBefore = evaluator.bytesLeft
        guard let json = try evaluator.json(value) else { return .undefined }
        environment.budget.bytes -= bytesBefore - evaluator.bytesLeft
        return .value(json)
    }
}

/// What is known of an expression once it is read.
final class CompiledJSONata: Sendable {
    let source: String
    let dialect: JSONata.Dialect
    /// `nil` while other expressions need the memory.
    private let held: Mutex<JSONataCompiledTree?>
    private let cache: JSONataTreeCache
    let freeVariables: Set<String>
    let statesMembers: Set<String>?
    let unsupportedReferences: [String]

    init(
        _ source: String, _ dialect: JSONata.Dialect, cache: JSONataTreeCache = .shared
    ) throws(JSONataError) {
        self.source = source
        self.cache = cache
        self.dialect = dialect
        let tree = try JSONataCompiledTree(source, dialect)
        held = Mutex(tree)
        var references = JSONataReferences()
        references.visit(tree.root, isTop: true)
        freeVariables = references.free.filter { JSONataLibrary.function($0, dialect) == nil && $0 != "" && $0 != "$" }
        statesMembers = references.usesWholeStates ? nil : references.statesMembers
        unsupportedReferences = references.unsupported
        cache.made(tree, of: self)
    }

    deinit { cache.forget(ObjectIdentifier(self)) }

    /// The tree, made again where it was dropped.
    func tree() throws(JSONataError) -> JSONataCompiledTree {
        if let tree = held.withLock({ $0 }) { return tree }
        let tree = try JSONataCompiledTree(source, dialect)
        held.withLock { $0 = tree }
        cache.made(tree, of: self)
        return tree
    }

    func dropTree() { held.withLock { $0 = nil } }
}

package enum JSONataResult: Sendable {
    case undefined
    case value(JSONValue)
    case function
}

/// What an evaluation draws on beside its input.
package struct JSONataEnvironment: Sendable {
    package var chance: Chance
    /// What `$now` and `$millis` give, in milliseconds since 1970; the same for all of an evaluation.
    package var time: Int64
    /// Steps and bytes that evaluations may use. An evaluation takes its steps, also when it fails, and keeps the bytes
    /// of its result alone.
    package var budget: EvaluationBudget
    package var limits: JSONataLimits

    package init(
        chance: Chance, time: Int64,
        budget: EvaluationBudget = EvaluationBudget(steps: Limits.Evaluation.JSONata.maximumSteps),
        limits: JSONataLimits = JSONataLimits()
    ) {
        self.chance = chance
        self.time = time
        self.budget = budget
        self.limits = limits
    }
}

/// Bounds of one evaluation beside its budget, which AWS's evaluator has too.
package struct JSONataLimits: Sendable {
    /// How deep calls of functions may nest; `nil`: the dialect's own.
    package var depth: Int?
    /// Bytes of strings and arrays made, as AWS counts them; `nil`: the dialect's own.
    package var memoryBytes: Int?

    package init() {}
}

extension JSONataError {
    /// Whether the evaluation took more steps than its budget had.
    package var isOutOfSteps: Bool { exceeded == .steps }
}

/// What an expression refers to, found without evaluating it.
struct JSONataReferences {
    private(set) var free: Set<String> = []
    private(set) var statesMembers: Set<String> = []
    private(set) var usesWholeStates = false
    private(set) var unsupported: [String] = []
    private var bound: [Set<String>] = [[]]

    /// `isTop`: whether the context is still that of the whole expression.
    mutating func visit(_ node: JSONataNode, isTop: Bool) {
        switch node.kind {
        case .variable: variable(node, isTop: isTop)
        case .path: path(node, isTop: isTop)
        case .name: if isTop { unsupported.append(node.text) }
        case .wildcard, .descendant: if isTop { unsupported.append(node.kind == .wildcard ? "*" : "**") }
        case .bind:
            // A function may call itself by the name that it gets.
            if node.right?.kind == .lambda { bind(node) }
            if let value = node.right { visit(value, isTop: isTop) }
            bind(node)
        case .lambda: lambda(node, isTop: isTop)
        case .block:
            bound.append([])
            for child in node.nodes { visit(child, isTop: isTop) }
            bound.removeLast()
        case .transform:
            visit(node.nodes[0], isTop: false)
            for child in node.nodes.dropFirst() { visit(child, isTop: false) }
        default: children(node, isTop: isTop)
        }
        for filter in node.predicates { visit(filter, isTop: false) }
        if let group = node.group { pairs(group, isTop: false) }
    }

    private mutating func bind(_ node: JSONataNode) { bound[bound.count - 1].insert(node.text) }

    private mutating func variable(_ node: JSONataNode, isTop: Bool) {
        switch node.text {
        case "": if isTop { unsupported.append("$") }
        case "$": unsupported.append("$$")
        case "states":
            usesWholeStates = true
            free.insert("states")
        default: if !bound.contains(where: { $0.contains(node.text) }) { free.insert(node.text) }
        }
    }

    private mutating func path(_ node: JSONataNode, isTop: Bool) {
        var isTop = isTop
        var steps = node.nodes[...]
        if let first = steps.first, first.kind == .variable, first.text == "states", steps.count > 1,
            steps[steps.startIndex + 1].kind == .name, first.stages.isEmpty, first.predicates.isEmpty
        {
            statesMembers.insert(steps[steps.startIndex + 1].text)
            free.insert("states")
            steps = steps.dropFirst(2)
            isTop = false
            stages(node.nodes[1])
        }
        for step in steps {
            visit(step, isTop: isTop)
            stages(step)
            if step.kind == .sort { for term in step.terms { visit(term.expression, isTop: false) } }
            isTop = false
        }
    }

    private mutating func stages(_ step: JSONataNode) {
        for case .filter(let filter) in step.stages { visit(filter, isTop: false) }
    }

    private mutating func lambda(_ node: JSONataNode, isTop: Bool) {
        bound.append(Set(node.nodes.map(\.text)))
        if let body = node.left { visit(body, isTop: isTop) }
        bound.removeLast()
    }

    private mutating func pairs(_ node: JSONataNode, isTop: Bool) {
        for pair in node.pairs {
            visit(pair.key, isTop: isTop)
            visit(pair.value, isTop: isTop)
        }
    }

    private mutating func children(_ node: JSONataNode, isTop: Bool) {
        if let left = node.left { visit(left, isTop: isTop) }
        if let right = node.right { visit(right, isTop: isTop) }
        for child in node.nodes { visit(child, isTop: isTop) }
        pairs(node, isTop: isTop)
    }
}
