// Rendering: walks the nodes and grows the text.

import Core
import JSON

struct TemplateEvaluator {
    enum Flow {
        case on
        /// `#break` looks for the loop, block or call that it ends.
        case leaving
        case stopped
    }

    let dialect: Template.Dialect
    let limits: Limits.Gateway.Template
    let scope: TemplateScope
    var symbols: TemplateSymbols
    var macros: [String: TemplateMacro]
    var variables: [TemplateValue]
    var output: [UInt8] = []
    var flow = Flow.on
    var budget: EvaluationBudget
    var depth = 0
    var frame: TemplateFrame?
    var loop: TemplateLoopState?
    var input: TemplateInput
    var context: TemplateMap?
    var expressions: [String: JavaRegex] = [:]
    var paths: [String: JSONPath] = [:]
    private let nodes: [TemplateNode]

    init(_ template: Template, scope: TemplateScope, limits: Limits.Gateway.Template, budget: EvaluationBudget) {
        self.budget = budget
        nodes = template.nodes
        dialect = template.dialect
        symbols = template.symbols
        macros = template.macros
        self.scope = scope
        self.limits = limits
        input = TemplateInput(scope.body)
        variables = Array(repeating: .null, count: template.symbols.names.count)
        for slot in variables.indices { variables[slot] = initialValue(symbols.names[slot]) }
    }

    mutating func run() throws(TemplateFault) -> TemplateOutput {
        try render(nodes)
        var left = limits.steps
        let request = try overrides("requestOverride", &left)
        let response = try overrides("responseOverride", &left)
        return TemplateOutput(bytes: output, requestOverride: request, responseOverride: response)
    }

    private func overrides(_ name: String, _ budget: inout Int) throws(TemplateFault) -> JSONObject {
        guard let context else { return scope.context[name]?.objectValue ?? Self.noOverrides(name) }
        guard case .some(.map(let map)) = context[name] else { return [:] }
        return try map.json(depth: limits.depth, budget: &budget)
    }

    static func noOverrides(_ name: String) -> JSONObject {
        let none = JSONValue.object([:])
        return JSONObject(
            name == "requestOverride"
                ? [("header", none), ("path", none), ("querystring", none)] : [("header", none)])
    }

    // MARK: - Budgets

    mutating func charge(_ count: Int = 1, at place: Int = 0) throws(TemplateFault) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(steps: count) } catch {
            throw TemplateFault(code: .tooManySteps, message: "Too many steps in one template", at: place)
        }
    }

    /// Pays for a text on the way to the output; none may get longer than the output.
    mutating func charge(text: String, at place: Int = 0) throws(TemplateFault) {
        try charge(textBytes: text.utf8.count, at: place)
    }

    /// Pays for a text of that many bytes.
    mutating func charge(textBytes count: Int, at place: Int = 0) throws(TemplateFault) {
        guard count <= limits.outputBytes else { throw tooLarge(at: place) }
        try charge(count >> 6, at: place)
        if count > 15 { try charge(bytes: count, at: place) }
    }

    func tooLarge(at place: Int = 0) -> TemplateFault { .tooLarge(limits.outputBytes, at: place) }

    /// Takes the bytes of `count` values in a list or a map.
    mutating func charge(values count: Int, at place: Int = 0) throws(TemplateFault) {
        try charge(count, at: place)
        try charge(bytes: MemoryLayout<TemplateValue>.stride * count, at: place)
    }

    /// Takes bytes before they are allocated. What is garbage later is not given back.
    mutating func charge(bytes count: Int, at place: Int = 0) throws(TemplateFault) {
        do throws(EvaluationBudgetExceeded) { try budget.charge(bytes: count) } catch {
            throw TemplateFault(code: .outputTooLarge, message: "A template that takes too much memory", at: place)
        }
    }

    mutating func nest(at place: Int) throws(TemplateFault) {
        depth += 1
        guard depth <= limits.depth else {
            throw TemplateFault(code: .tooDeep, message: "Nested deeper than \(limits.depth)", at: place)
        }
    }

    // MARK: - Nodes

    mutating func render(_ nodes: [TemplateNode]) throws(TemplateFault) {
        for node in nodes {
            try render(node)
            if flow != .on { return }
        }
    }

    private mutating func render(_ node: TemplateNode) throws(TemplateFault) {
        try charge()
        switch node {
        case .text(let bytes): try append(bytes)
        case .reference(let reference): try render(reference)
        case .set(let target, let expression):
            let value = try evaluate(expression)
            if !value.isNull { try assign(value, to: target) }
        case .branch(let branches, let otherwise): try render(branches, otherwise)
        case .loop(let loop): try render(loop)
        case .define(let slot, let name, let body):
            assign(.block(TemplateBlock(name: name, body: body, frame: frame)), slot: slot)
        case .call(let call): try render(call)
        case .evaluate(let expression, let place): try renderSource(expression, at: place)
        case .include(let expression, let place):
            if try evaluate(expression).isNull { return }
            throw TemplateFault(code: .resourceNotFound, message: "There is nothing to include", at: place)
        case .leave: flow = .leaving
        case .stop: flow = .stopped
        }
    }

    mutating func append(_ bytes: some Collection<UInt8>) throws(TemplateFault) {
        output.append(contentsOf: bytes)
        guard output.count <= limits.outputBytes else { throw tooLarge() }
    }

    private mutating func render(
        _ branches: [TemplateBranch], _ otherwise: [TemplateNode]
    ) throws(TemplateFault) {
        for branch in branches where try isTrue(branch.condition) {
            return try render(branch.body)
        }
        try render(otherwise)
    }

    private mutating func render(_ node: TemplateLoop) throws(TemplateFault) {
        guard let elements = elements(of: try evaluate(node.source)), !elements.isEmpty else { return }
        let state = TemplateLoopState(count: elements.count, parent: loop)
        let slots = (symbols.known("foreach"), symbols.known("velocityCount"), symbols.known("velocityHasNext"))
        let saved = (variables[node.slot], [slots.0, slots.1, slots.2].map { $0.map { variables[$0] } })
        loop = state
        if let slot = slots.0 { variables[slot] = .loop(state) }
        for (index, element) in elements.enumerated() {
            guard index < limits.iterations else {
                throw TemplateFault(
                    code: .tooManyIterations,
                    message: "#foreach goes round more than \(limits.iterations) times", at: node.at)
            }
            state.index = index
            assign(element, slot: node.slot)
            if let slot = slots.1 { variables[slot] = .integer(index + 1) }
            if let slot = slots.2 { variables[slot] = .bool(index + 1 < elements.count) }
            try charge()
            try render(node.body)
            if flow == .on { continue }
            if flow == .leaving { flow = .on }
            break
        }
        loop = state.parent
        variables[node.slot] = saved.0
        for (slot, value) in zip([slots.0, slots.1, slots.2], saved.1) {
            if let slot, let value { variables[slot] = value }
        }
    }

    /// What a `#foreach` goes through; `nil` for what is no collection.
    func elements(of value: TemplateValue) -> [TemplateValue]? {
        switch value {
        case .list(let list): return list.elements
        case .map(let map): return map.values
        case .iterator(let iterator):
            let rest = Array(iterator.elements[min(iterator.next, iterator.elements.count)...])
            iterator.next = iterator.elements.count
            return rest
        default: return nil
        }
    }
}
